"""What a customer holds: subscriptions, and licences that prove them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from commerce import activations, deliveries, licenses, subscriptions
from commerce.access import Environment, Permission, reads
from commerce.deliveries import DeliveryReason, DeliveryStatus, Recipient
from commerce.licenses import LicenseKind, LicenseState, Withdrawal
from commerce.subscriptions import SubscriptionState
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import licenses as resolvers
from resolvers import orders as order_resolvers
from schema.catalog import Sku
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.orders import Order


@view(of=licenses.Licensee, description="Whom a licence is issued to.")
class Licensee:
    name: str = strawberry.field(description="The contact who receives it.")
    company: str = strawberry.field(description="The customer's legal name.")
    email: str = strawberry.field(description="The contact's e-mail address.")


@view(of=activations.Activation, description="An installation that took a file for the activation code.")
class Activation:
    id: strawberry.ID = strawberry.field(description="Opaque.")
    instance_name: str = strawberry.field(description="The installation's name, which its file carries.")
    seats: int = strawberry.field(description="How many seats it uses.")
    license_id: strawberry.ID = strawberry.field(description="The licence that its file proves.")
    activated_at: datetime = strawberry.field(description="When it was first activated, UTC.")
    renewed_at: datetime = strawberry.field(description="When it last took a file, UTC.")


@view(of=activations.SeatCounts, description="Seats of a licence, bought and in use.")
class SeatCounts:
    purchased: int = strawberry.field(description="How many it proves.")
    assigned: int = strawberry.field(description="How many its installations use.")
    available: int = strawberry.field(description="How many are left for others.")
    overage: int = strawberry.field(description="How many more are in use than it proves, as after a return.")


@view(
    of=deliveries.Delivery,
    name="LicenseDelivery",
    description="One e-mail with a licence, and what became of it.",
)
class Delivery:
    id: strawberry.ID = strawberry.field(description="Opaque; the e-mail's Message-ID carries it.")
    recipient: Recipient = strawberry.field(description="The customer's contact, or the partner.")
    name: str = strawberry.field(description="Who it is addressed to.")
    email: str = strawberry.field(description="Where it was sent.")
    reason: DeliveryReason = strawberry.field(description="What it was sent for.")
    status: DeliveryStatus = strawberry.field(description="What became of it.")
    failure: str | None = strawberry.field(
        description="Why it did not arrive: an SMTP status such as 5.1.1, or a code of ours."
    )
    queued_at: datetime = strawberry.field(description="When it was to be sent, UTC.")
    sent_at: datetime | None = strawberry.field(description="When a mail server took it, UTC.")
    ended_at: datetime | None = strawberry.field(description="When it bounced or was given up, UTC.")


@view(of=licenses.License, description="Proof of a subscription: a signed file that verifies offline.")
class License(Node):
    environment: Environment = strawberry.field(description="Sandbox licences never verify as production.")
    kind: LicenseKind = strawberry.field(description="A whole licence, or a bridge to a renewal.")
    state: LicenseState = batched(
        resolvers.states_of, scope=Scope.PARENT, description="Whether it counts today."
    )
    sku_code: str = strawberry.field(description="The SKU it was issued for.")
    product: str = strawberry.field(description="The product's code.")
    plan: str = strawberry.field(description="The plan.")
    seats: int = strawberry.field(description="How many seats it proves.")
    features: list[str] = strawberry.field(description="What it switches on.")
    licensee: Licensee = strawberry.field(description="Whom it is issued to.")
    issued_at: datetime = strawberry.field(description="When it was signed, UTC.")
    starts_on: date = strawberry.field(description="First UTC day on which it counts.")
    expires_on: date = strawberry.field(
        description="First UTC day on which it no longer counts, but for grace."
    )
    grace_days: int = strawberry.field(description="Days after that on which it still works.")
    key_id: str = strawberry.field(description="The signing key, as published in the key set.")
    first_retrieved_at: datetime | None = strawberry.field(
        description="When a partner first fetched the file or the code, UTC; null until then."
    )
    first_retrieved_by: str | None = strawberry.field(description="Whose client that was.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked, UTC.")
    superseded_by: strawberry.ID | None = strawberry.field(
        description="The licence that stands in its place."
    )
    withdrawn_at: datetime | None = strawberry.field(
        description="Since when its file is on the revocation list, UTC; null while the file may count."
    )
    withdrawal: Withdrawal | None = strawberry.field(description="Why it is on the revocation list.")
    activation_code: str | None = batched(
        resolvers.activation_codes_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="Its activation code, masked but for the last five symbols; `retrieveActivationCode` "
        "hands it out. Null where there is none any more.",
    )
    activations: list[Activation] = batched(
        resolvers.activations_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="The installations that took a file for the activation code, the first one first.",
    )
    seat_counts: SeatCounts = batched(
        resolvers.seat_counts_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="How many of its seats are in use.",
    )
    deliveries: list[Delivery] = batched(
        resolvers.deliveries_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="To whom it was sent, the newest first.",
    )
    file: str | None = batched(
        resolvers.files_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="The signed licence file. Fetching it for the first time is remembered.",
    )
    subscription: Annotated["Subscription", strawberry.lazy("schema.licenses")] | None = batched(
        resolvers.subscriptions_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="What it proves.",
    )
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = batched(
        order_resolvers.customers_of,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="Who holds it.",
    )
    order: Annotated["Order", strawberry.lazy("schema.orders")] | None = batched(
        order_resolvers.orders_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="The order it was issued for.",
    )


@view(of=subscriptions.Subscription, description="What a customer holds: seats of a SKU over a term.")
class Subscription(Node):
    environment: Environment = strawberry.field(description="Production or sandbox.")
    state: SubscriptionState = strawberry.field(description="Whether it can be used.")
    seats: int = strawberry.field(description="How many seats are held.")
    starts_on: date = strawberry.field(description="First UTC day of the term.")
    ends_on: date = strawberry.field(description="First UTC day after the term.")
    term_starts_on: date = strawberry.field(description="First UTC day of the present term.")
    currency: str = strawberry.field(description="ISO 4217 code in which it is paid for.")
    pending_order_id: strawberry.ID | None = strawberry.field(
        description="The order that is changing it now; one at a time may."
    )
    auto_renew: bool = strawberry.field(description="Whether it renews by itself.")
    created_at: datetime = strawberry.field(description="When it was provisioned, UTC.")
    sku: Sku | None = batched(order_resolvers.skus_of, scope=Scope.PUBLIC, description="What is held.")
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = batched(
        order_resolvers.customers_of,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="Who holds it.",
    )
    order: Annotated["Order", strawberry.lazy("schema.orders")] | None = batched(
        order_resolvers.orders_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="The order it came from.",
    )
    licenses: list[License] = batched(
        resolvers.of_subscriptions,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="Its licences, the newest first.",
    )
