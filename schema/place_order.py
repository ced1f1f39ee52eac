"""The input and the answer of placing an order."""

import strawberry

from commerce import order_requests as requests
from commerce import problems
from commerce.problems import ProblemCode
from execution.views import view
from resolvers import place_order as resolvers
from schema.orders import Order


@strawberry.input(description="So many units of a SKU.")
class OrderLineInput:
    sku: str = strawberry.field(description="The SKU's code, as in the catalogue.")
    quantity: int = strawberry.field(description="How many units, 1 to 1,000,000.")
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your own name for the line; comes back with it."
    )

    def to_request(self) -> requests.LineRequest:
        return requests.LineRequest(self.sku, self.quantity, self.external_line_reference)


@strawberry.input(description="A person at the customer.")
class ContactInput:
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address.")
    receives_licenses: bool = strawberry.field(
        default=False, description="Whether licences go to this person; one contact must receive them."
    )

    def to_request(self) -> requests.ContactRequest:
        return requests.ContactRequest(self.name, self.email, self.receives_licenses)


@strawberry.input(
    description="A customer as you know it. One with the same reference, name and country is reused."
)
class NewCustomerInput:
    external_reference: str = strawberry.field(description="Your own key for the customer, unique to you.")
    legal_name: str = strawberry.field(description="Legal name, as it is screened.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    contacts: list[ContactInput] = strawberry.field(description="People at the customer.")
    street: str = strawberry.field(default="", description="Street and number.")
    city: str = strawberry.field(default="", description="City.")
    region: str = strawberry.field(default="", description="State, province or region.")
    postal_code: str = strawberry.field(default="", description="Postal code.")
    tax_id: str | None = strawberry.field(default=None, description="Tax id; helps to tell namesakes apart.")
    domain: str | None = strawberry.field(default=None, description="Internet domain.")

    def to_request(self) -> requests.CustomerRequest:
        return requests.CustomerRequest(
            external_reference=self.external_reference,
            legal_name=self.legal_name,
            country=self.country,
            contacts=tuple(contact.to_request() for contact in self.contacts),
            street=self.street,
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            tax_id=self.tax_id,
            domain=self.domain,
        )


@strawberry.input(one_of=True, description="The customer of an order: exactly one of these.")
class CustomerChoiceInput:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A customer by our id.")
    external_reference: strawberry.Maybe[str] = strawberry.field(description="A customer by your own key.")
    new: strawberry.Maybe[NewCustomerInput] = strawberry.field(description="A customer by its details.")

    def to_request(self) -> requests.CustomerChoice:
        return requests.CustomerChoice(
            id=self.id.value if self.id else None,
            external_reference=self.external_reference.value if self.external_reference else None,
            new=self.new.value.to_request() if self.new else None,
        )


@strawberry.input(description="An order for new subscriptions.")
class NewOrderInput:
    customer: CustomerChoiceInput = strawberry.field(description="Who it is for.")
    currency: str = strawberry.field(description="ISO 4217 code; you need a price book in it.")
    lines: list[OrderLineInput] = strawberry.field(description="What is ordered, 1 to 100 lines.")


@strawberry.input(one_of=True, description="What an order asks for: exactly one of these.")
class OrderDetailsInput:
    new: strawberry.Maybe[NewOrderInput] = strawberry.field(description="New subscriptions.")


@strawberry.input(description="An order. What is refused changes nothing and uses nothing up.")
class PlaceOrderInput:
    idempotency_key: str = strawberry.field(
        description="16 to 255 printable characters of your choice. The same key with the same input gives "
        "the same order, for ever."
    )
    details: OrderDetailsInput = strawberry.field(description="What is asked for.")
    external_order_reference: str | None = strawberry.field(
        default=None, description="Your own reference, unique to you for ever."
    )
    purchase_order_number: str | None = strawberry.field(
        default=None, description="Your purchase order number; refused when used before."
    )
    allow_duplicate_purchase_order: bool = strawberry.field(
        default=False, description="Accept a purchase order number that you have used before."
    )
    end_customer_purchase_order_number: str | None = strawberry.field(
        default=None, description="The customer's purchase order number."
    )
    trading_partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="The reseller of yours that you order for, if you are a distributor."
    )

    def to_request(self) -> requests.OrderRequest:
        asked = self.details.new
        assert asked is not None  # noqa: S101  oneOf: the only member is given
        return requests.OrderRequest(
            idempotency_key=self.idempotency_key,
            customer=asked.value.customer.to_request(),
            currency=asked.value.currency,
            lines=tuple(line.to_request() for line in asked.value.lines),
            external_order_reference=self.external_order_reference,
            purchase_order_number=self.purchase_order_number,
            end_customer_purchase_order_number=self.end_customer_purchase_order_number,
            allow_duplicate_purchase_order=self.allow_duplicate_purchase_order,
            trading_partner_id=self.trading_partner_id,
        )


@view(of=problems.Problem, description="One thing wrong with a request, said to who can put it right.")
class Problem:
    code: ProblemCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people; may be reworded.")
    path: list[str] = strawberry.field(
        name="path", description="Where in the arguments: field names and list positions."
    )
    retryable: bool = strawberry.field(description="Whether the same request may succeed when sent again.")
    resource_id: strawberry.ID | None = strawberry.field(
        description="The record of yours that the request collided with, where there is one."
    )


@view(of=resolvers.Placement, description="The order that was placed, or what stands against it.")
class PlaceOrderPayload:
    order: Order | None = strawberry.field(description="The order in its present state; null when refused.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request, all at once.")
    replayed: bool = strawberry.field(
        description="True where an earlier call with this key placed the order."
    )
