"""What the contract says of access: `@access`, from what each field declares beside its resolver."""

from graphql import ConstDirectiveNode, GraphQLField

from commerce.access import STAFF, Access
from execution.batches import batch_of
from schema.limits import directive

DEFINITIONS = '''
"""
Who may have a field. `scope`: what the token of a partner's client must hold. `partners`: whether any client
of a partner may, whatever its scopes. `roles`: the staff roles that may; null for all of them. `anonymous`:
whether those may who are not signed in. Whoever may not gets the error FORBIDDEN, or UNAUTHENTICATED where
nobody is signed in; with `elseNull`, null. A field without this directive may be had by whoever may have its
object.
"""
directive @access(
  scope: String, partners: Boolean = false, roles: [Role!], anonymous: Boolean = false,
  elseNull: Boolean = false
) on FIELD_DEFINITION
'''


def access_of(field: GraphQLField) -> Access | None:
    """What a field of the built schema declares."""
    batch = batch_of(field)
    access = batch.access if batch is not None else None
    return access if isinstance(access, Access) else None


def field_directives(field: GraphQLField) -> list[ConstDirectiveNode]:
    """`@access` as a field declares it."""
    access = access_of(field)
    return [] if access is None else [directive("access", **_written(access))]


def _written(access: Access) -> dict[str, str]:
    """The arguments, without those that have their default."""
    written: dict[str, str] = {}
    if access.permission is not None:
        written["scope"] = f'"{access.permission.value}"'
    if access.partners:
        written["partners"] = "true"
    if access.roles != STAFF:
        written["roles"] = f"[{', '.join(sorted(access.roles))}]"
    if access.anonymous:
        written["anonymous"] = "true"
    if access.else_null:
        written["elseNull"] = "true"
    return written
