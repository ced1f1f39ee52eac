"""The writes of partner operations: a partner is made, set up, certified and taken live without code."""

from decimal import Decimal
from typing import Any

import strawberry

from commerce.access import Environment, Permission, Role, staff
from commerce.partners import PartnerKind, PartnerState, Relationship
from execution.batches import Scope
from execution.fields import root
from execution.views import view
from resolvers import create_partner_client, partner_changes
from resolvers.context import Context, InvalidArgument
from resolvers.create_partner import NewPartner, create_partner
from resolvers.limit_partner_sales import limit_partner_sales
from resolvers.move_partner import move_partner
from resolvers.set_partner_prices import set_partner_prices
from resolvers.set_relationship import set_relationship
from schema.order_payloads import Problem
from schema.partners import Partner

_OPS = staff(Role.PARTNER_OPS)
_KEY = "16 to 255 printable characters, new for each; see placeOrder."
_PROBLEMS = "Everything wrong with the request."
_WHICH = "The partner."


@strawberry.input(description="A new partner.")
class CreatePartnerInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    kind: PartnerKind = strawberry.field(description="How it sells.")
    name: str = strawberry.field(description="Its legal name.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")


@strawberry.input(description="Where a partner is to stand.")
class MovePartnerInput:
    partner_id: strawberry.ID = strawberry.field(description=_WHICH)
    state: PartnerState = strawberry.field(description="Where it is to stand.")
    reason: str | None = strawberry.field(default=None, description="Why; kept in the audit log.")


@strawberry.input(description="From which price book a partner buys.")
class SetPartnerPricesInput:
    partner_id: strawberry.ID = strawberry.field(description=_WHICH)
    price_book: str = strawberry.field(description="The price book's name; it says the currency.")
    discount_percent: Decimal = strawberry.field(description="0 to 100, with at most two decimals.")


@strawberry.input(description="What a partner may sell, and where. Both limits are set by each call.")
class LimitPartnerSalesInput:
    partner_id: strawberry.ID = strawberry.field(description=_WHICH)
    territories: list[str] | None = strawberry.field(
        default=None, description="Countries of customers, ISO 3166-1 alpha-2; null for all."
    )
    skus: list[str] | None = strawberry.field(default=None, description="Codes of SKUs; null for all.")


@strawberry.input(description="How a reseller stands to a distributor.")
class SetRelationshipInput:
    reseller_id: strawberry.ID = strawberry.field(description="The reseller.")
    distributor_id: strawberry.ID = strawberry.field(description="The distributor above it.")
    relationship: Relationship = strawberry.field(description="How it is to stand.")


@strawberry.input(description="A new client of a partner.")
class CreatePartnerClientInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    partner_id: strawberry.ID = strawberry.field(description=_WHICH)
    environment: Environment = strawberry.field(description="Whose data its tokens reach.")
    name: str = strawberry.field(description="What people call it.")
    scopes: list[str] | None = strawberry.field(
        default=None, description='The most its tokens may hold, such as "orders:read"; null for all.'
    )


@view(of=partner_changes.PartnerChange, description="The partner as it now stands.")
class PartnerPayload:
    partner: Partner | None = strawberry.field(description="The partner; null where there is none.")
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)
    replayed: bool = strawberry.field(description="True where it was so already.")


@view(of=create_partner_client.ClientIssue, description="A client, and the secret it signs in with.")
class PartnerClientPayload:
    client_id: strawberry.ID | None = strawberry.field(description="`client_id` at /oauth/token.")
    secret: str | None = strawberry.field(
        description="`client_secret` at /oauth/token. Keep it: it is shown in this answer and never again."
    )
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)
    replayed: bool = strawberry.field(description="True where an earlier call with this key made it.")


async def _create_partner(context: Context, *, input: CreatePartnerInput) -> Any:
    return await create_partner(
        context, NewPartner(input.idempotency_key, input.kind, input.name, input.country)
    )


async def _move_partner(context: Context, *, input: MovePartnerInput) -> Any:
    return await move_partner(context, partner_id=input.partner_id, state=input.state, reason=input.reason)


async def _set_partner_prices(context: Context, *, input: SetPartnerPricesInput) -> Any:
    return await set_partner_prices(
        context,
        partner_id=input.partner_id,
        price_book=input.price_book,
        discount_percent=input.discount_percent,
    )


async def _limit_partner_sales(context: Context, *, input: LimitPartnerSalesInput) -> Any:
    return await limit_partner_sales(
        context, partner_id=input.partner_id, territories=input.territories, sku_codes=input.skus
    )


async def _set_relationship(context: Context, *, input: SetRelationshipInput) -> Any:
    return await set_relationship(
        context,
        reseller_id=input.reseller_id,
        distributor_id=input.distributor_id,
        relationship=input.relationship,
    )


async def _create_partner_client(context: Context, *, input: CreatePartnerClientInput) -> Any:
    try:
        permissions = tuple(map(Permission, input.scopes if input.scopes is not None else Permission))
    except ValueError:
        raise InvalidArgument("scopes names one that there is not.") from None
    wanted = create_partner_client.NewClient(
        input.idempotency_key, input.partner_id, input.environment, input.name, permissions
    )
    return await create_partner_client.create_partner_client(context, wanted)


@strawberry.type(description="Writes of partner operations.")
class PartnerMutations:
    create_partner: PartnerPayload | None = root(
        _create_partner,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Make a partner. It begins in ONBOARDING, without prices, clients or limits.",
        arguments={"input": "The partner."},
    )
    move_partner: PartnerPayload | None = root(
        _move_partner,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Open its sandbox, take it live once it is certified, suspend it, end it.",
        arguments={"input": "Which partner, and where to."},
    )
    set_partner_prices: PartnerPayload | None = root(
        _set_partner_prices,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Have a partner buy from a price book with a discount; one book for each currency.",
        arguments={"input": "Which partner, and which prices."},
    )
    limit_partner_sales: PartnerPayload | None = root(
        _limit_partner_sales,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Say what a partner may sell, and in which countries.",
        arguments={"input": "Which partner, and its limits."},
    )
    set_relationship: PartnerPayload | None = root(
        _set_relationship,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Bind a reseller to a distributor, suspend that, or end it.",
        arguments={"input": "Which two, and how."},
    )
    create_partner_client: PartnerClientPayload | None = root(
        _create_partner_client,
        scope=Scope.VIEWER,
        access=_OPS,
        description="Make what a partner's integration signs in with. Its secret is shown once.",
        arguments={"input": "The client."},
    )
