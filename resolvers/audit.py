"""The audit log, for the team that runs the system; a partner reads its own part."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from commerce.access import Viewer
from commerce.audit import AuditEntry, AuditFilter
from commerce.ids import Prefix, names
from commerce.orders import Actor
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.partners import Partner
from resolvers.batching import one_each
from resolvers.context import Context, InvalidArgument
from resolvers.paging import newest_first


async def audit_log(context: Context, wanted: AuditFilter, arguments: PageArguments) -> Page[AuditEntry]:
    """A page of what was done, newest first. Raises Refused, InvalidArgument and InvalidPage."""
    viewer = context.signed_in()
    if wanted.partner_id is not None and not names(Prefix.PARTNER, wanted.partner_id):
        raise InvalidArgument("filter.partnerId is not the id of a partner.")
    request = page_request(arguments, f"audit log {wanted}")
    source = context.sources.audit_log

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await source.count(viewer.scope, wanted)}

    entries = [_shown(entry, viewer) for entry in await source.page(viewer.scope, wanted, request)]
    return page_of(entries, request, newest_first, count)


async def partners_of(entries: Sequence[AuditEntry], context: Context) -> list[Partner | None]:
    read = context.sources.partners.by_id
    return await one_each(read, context.scope, [entry.partner_id for entry in entries])


def _shown(entry: AuditEntry, viewer: Viewer) -> AuditEntry:
    """An entry as its reader may see it: a partner learns that staff acted, not who they are."""
    if viewer.is_staff or entry.actor is Actor.PARTNER:
        return entry
    return replace(entry, client=None, address=None)
