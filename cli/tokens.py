"""`portico token`: a bearer token for development, by whoever may read the keys.

Partners sign in at `/oauth/token` with credentials of their own (`portico client`), staff at the company's
issuer; without one, this is the local issuer of staff tokens.
"""

from typing import Annotated, Literal

from cyclopts import Parameter

from cli.terminal import Refusal, load_settings, out
from commerce.ids import Prefix, names

StaffRole = Literal["rep", "compliance", "partner_ops", "operator", "dashboard"]


def token(
    *,
    partner: Annotated[str | None, Parameter(help="A partner's id, par_…")] = None,
    role: Annotated[StaffRole | None, Parameter(help="A staff role.")] = None,
    environment: Literal["production", "sandbox"] = "production",
) -> None:
    """Print a bearer token for development, good for twelve hours: for a partner, or for a staff role."""
    from datasources.tokens import mint

    if (partner is None) == (role is None):
        raise Refusal(
            "Name either --partner par_… or --role rep. `./portico serve` prints the partners it knows."
        )
    if partner is not None and not names(Prefix.PARTNER, partner):
        raise Refusal(f"{partner!r} is no partner's id: par_ and 32 hex digits, as ./portico serve prints.")
    settings = load_settings()
    try:
        token = mint(settings, partner=partner, role=role, environment=environment)
    except LookupError as elsewhere:
        raise Refusal(
            f"{elsewhere}; ./portico token makes them only where PORTICO_STAFF_ISSUER is not set."
        ) from None
    out.print(token, markup=False)
