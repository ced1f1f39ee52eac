"""What a partner sends to place or preview an order."""

from datetime import date

import strawberry

from commerce import order_requests as requests
from commerce.parties import PartyKind
from commerce.screening_questions import Owner


@strawberry.input(description="So many units of a SKU.")
class NewLineInput:
    sku: str = strawberry.field(description="The SKU's code, as in the catalogue.")
    quantity: int = strawberry.field(description="How many units, 1 to 1,000,000.")
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your own name for the line; comes back with it."
    )

    auto_renew: bool = strawberry.field(
        default=False, description="Whether the subscription renews by itself at the end of its term."
    )

    def to_request(self) -> requests.NewLine:
        return requests.NewLine(self.sku, self.quantity, self.auto_renew, self.external_line_reference)


@strawberry.input(description="A person at the customer.")
class ContactInput:
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address.")
    receives_licenses: bool = strawberry.field(
        default=False, description="Whether licences go to this person; one contact must receive them."
    )

    def to_request(self) -> requests.ContactRequest:
        return requests.ContactRequest(self.name, self.email, self.receives_licenses)


@strawberry.input(description="Somebody who owns a part of the customer; screened with it.")
class OwnerInput:
    name: str = strawberry.field(description="Full or legal name.")
    is_person: bool = strawberry.field(default=True, description="False for a company.")
    country: str = strawberry.field(default="", description="ISO 3166-1 alpha-2 code.")

    def to_owner(self) -> Owner:
        kind = PartyKind.PERSON if self.is_person else PartyKind.ORGANISATION
        return Owner(self.name, kind, self.country)


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
    owners: list[OwnerInput] | None = strawberry.field(
        default=None, description="Who owns it, as far as you know; at most 20."
    )

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
            owners=tuple(owner.to_owner() for owner in self.owners or ()),
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
    lines: list[NewLineInput] = strawberry.field(description="What is ordered, 1 to 100 lines.")
    starts_on: date | None = strawberry.field(
        default=None, description="First UTC day of the term, up to a year ahead; today when left out."
    )
    co_term_with: strawberry.ID | None = strawberry.field(
        default=None, description="A subscription of the customer to end with; the price is prorated by days."
    )

    def to_request(self) -> requests.NewOrder:
        return requests.NewOrder(
            customer=self.customer.to_request(),
            currency=self.currency,
            lines=tuple(line.to_request() for line in self.lines),
            starts_on=self.starts_on,
            co_term_with=self.co_term_with,
        )


@strawberry.input(description="More seats on a subscription, to the end of its term.")
class AddSeatsLineInput:
    subscription_id: strawberry.ID = strawberry.field(description="The subscription.")
    quantity: int = strawberry.field(description="How many seats are added.")
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your name for the line."
    )

    def to_request(self) -> requests.AddSeatsLine:
        return requests.AddSeatsLine(self.subscription_id, self.quantity, self.external_line_reference)


@strawberry.input(description="Seats added to subscriptions, prorated by days.")
class AddSeatsInput:
    lines: list[AddSeatsLineInput] = strawberry.field(description="One line a subscription.")

    def to_request(self) -> requests.AddSeats:
        return requests.AddSeats(tuple(line.to_request() for line in self.lines))


@strawberry.input(description="Another term of a subscription.")
class RenewalLineInput:
    subscription_id: strawberry.ID = strawberry.field(description="The subscription.")
    quantity: int | None = strawberry.field(
        default=None, description="How many seats; as many as now when left out."
    )
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your name for the line."
    )

    def to_request(self) -> requests.RenewalLine:
        return requests.RenewalLine(self.subscription_id, self.quantity, self.external_line_reference)


@strawberry.input(description="Another term of subscriptions, until 30 days after their end.")
class RenewalInput:
    lines: list[RenewalLineInput] = strawberry.field(description="One line a subscription.")

    def to_request(self) -> requests.Renewal:
        return requests.Renewal(tuple(line.to_request() for line in self.lines))


@strawberry.input(description="Another SKU for a subscription.")
class SwitchLineInput:
    subscription_id: strawberry.ID = strawberry.field(description="The subscription.")
    sku: str = strawberry.field(description="The code of the SKU to switch to.")
    quantity: int | None = strawberry.field(
        default=None, description="How many seats; as many as now when left out."
    )
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your name for the line."
    )

    def to_request(self) -> requests.SwitchLine:
        return requests.SwitchLine(
            self.subscription_id, self.sku, self.quantity, self.external_line_reference
        )


@strawberry.input(
    description="Subscriptions switched to other SKUs: unused days are credited, the rest charged."
)
class SwitchInput:
    lines: list[SwitchLineInput] = strawberry.field(description="One line a subscription.")

    def to_request(self) -> requests.Switch:
        return requests.Switch(tuple(line.to_request() for line in self.lines))


@strawberry.input(description="Units of an earlier order line, given back.")
class ReturnLineInput:
    order_line_id: strawberry.ID = strawberry.field(description="A line of a NEW or RENEWAL order.")
    quantity: int = strawberry.field(description="How many units, at most the line's remainingQuantity.")
    external_line_reference: str | None = strawberry.field(
        default=None, description="Your name for the line."
    )

    def to_request(self) -> requests.ReturnLine:
        return requests.ReturnLine(self.order_line_id, self.quantity, self.external_line_reference)


@strawberry.input(description="Order lines returned whole or in part, within 14 days of fulfilment.")
class ReturnInput:
    lines: list[ReturnLineInput] = strawberry.field(description="What is returned.")

    def to_request(self) -> requests.Return:
        return requests.Return(tuple(line.to_request() for line in self.lines))


@strawberry.input(one_of=True, description="What an order asks for: exactly one of these.")
class OrderDetailsInput:
    new: strawberry.Maybe[NewOrderInput] = strawberry.field(description="New subscriptions.")
    add_seats: strawberry.Maybe[AddSeatsInput] = strawberry.field(description="More seats.")
    renewal: strawberry.Maybe[RenewalInput] = strawberry.field(description="Another term.")
    switch: strawberry.Maybe[SwitchInput] = strawberry.field(description="Another SKU.")
    return_: strawberry.Maybe[ReturnInput] = strawberry.field(name="return", description="Units given back.")

    def to_details(self) -> requests.Details:
        given = next(
            one for one in (self.new, self.add_seats, self.renewal, self.switch, self.return_) if one
        )
        return given.value.to_request()


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
        return requests.OrderRequest(
            idempotency_key=self.idempotency_key,
            details=self.details.to_details(),
            external_order_reference=requests.trimmed(self.external_order_reference),
            purchase_order_number=requests.trimmed(self.purchase_order_number),
            end_customer_purchase_order_number=requests.trimmed(self.end_customer_purchase_order_number),
            allow_duplicate_purchase_order=self.allow_duplicate_purchase_order,
            trading_partner_id=self.trading_partner_id,
        )


@strawberry.input(description="An order to cancel.")
class CancelOrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    reason: str | None = strawberry.field(
        default=None, description="A code of your own for the timeline, 1 to 100 characters."
    )


@strawberry.input(description="An order to try again.")
class RetryOrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")


@strawberry.input(description="Purchase order numbers to give or correct; what is left out stays as it is.")
class UpdateOrderReferencesInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    purchase_order_number: str | None = strawberry.field(default=None, description="Your number.")
    end_customer_purchase_order_number: str | None = strawberry.field(
        default=None, description="The customer's number."
    )
    allow_duplicate_purchase_order: bool = strawberry.field(
        default=False, description="Accept a number of yours that you have used before."
    )


@strawberry.input(description="Whether a subscription renews by itself.")
class SetAutoRenewInput:
    subscription_id: strawberry.ID = strawberry.field(description="The subscription.")
    auto_renew: bool = strawberry.field(description="True to renew it at the end of its term.")
