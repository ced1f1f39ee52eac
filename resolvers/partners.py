"""Partners, the viewer, and what a partner can buy."""

from collections.abc import Sequence

from commerce.access import Viewer
from commerce.catalog import CatalogItem
from commerce.certification import Certification
from commerce.ids import Prefix, names
from commerce.partners import Partner
from resolvers.batching import many_each, one_each
from resolvers.context import Context, InvalidArgument


async def viewer(context: Context) -> Viewer | None:
    """Who is asking; None for the anonymous."""
    return context.viewer


async def partner(context: Context, *, id: str | None = None) -> Partner | None:
    """A partner in scope; without an id the viewer's own."""
    scope = context.scope
    wanted = id or scope.partner_id
    if wanted is None or not names(Prefix.PARTNER, wanted):
        return None
    return (await context.sources.partners.by_id(scope, [wanted])).get(wanted)


async def partners_of(viewers: Sequence[Viewer], context: Context) -> list[Partner | None]:
    read = context.sources.partners.by_id
    return await one_each(read, context.scope, [viewer.partner_id for viewer in viewers])


async def parents_of(partners: Sequence[Partner], context: Context) -> list[Partner | None]:
    """The distributors above; a reseller sees that it has one only where the distributor is in scope."""
    read = context.sources.partners.by_id
    return await one_each(read, context.scope, [partner.parent_id for partner in partners])


async def resellers_of(partners: Sequence[Partner], context: Context) -> list[list[Partner]]:
    read = context.sources.partners.resellers_of
    return await many_each(read, context.scope, [partner.id for partner in partners])


async def certifications_of(partners: Sequence[Partner], context: Context) -> list[Certification | None]:
    """How far each has come; None before its sandbox is open, and where it is another's than the viewer's."""
    own = context.scope.partner_id
    return [
        await context.sources.certifications.of(partner.id, partner.sandbox_since)
        if partner.sandbox_since and own in {None, partner.id}
        else None
        for partner in partners
    ]


async def catalog(
    context: Context, *, currency: str | None = None, partner_id: str | None = None
) -> list[CatalogItem]:
    """What a partner can buy, by currency and SKU code. Staff say which partner. Raises InvalidArgument."""
    wanted = await partner(context, id=partner_id)
    if wanted is None or context.scope.partner_id not in {None, wanted.id}:
        raise InvalidArgument("partnerId must name a partner.")
    items = await context.sources.catalog.items(wanted.id)
    allowed = wanted.sku_codes
    shown = [
        item
        for item in items
        if currency in {None, item.currency} and (allowed is None or item.sku.code in allowed)
    ]
    return sorted(shown, key=lambda item: (item.currency, item.sku.code))
