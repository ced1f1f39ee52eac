"""End customers and their contacts."""

from dataclasses import dataclass
from datetime import datetime

from commerce.access import Environment


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer is; the country is an ISO 3166-1 alpha-2 code."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class Customer:
    """An end customer of one partner, in one environment. The partner's own key is `external_reference`."""

    id: str
    partner_id: str
    environment: Environment
    external_reference: str
    legal_name: str
    country: str
    street: str
    city: str
    region: str
    postal_code: str
    tax_id: str | None
    domain: str | None
    created_at: datetime

    @property
    def address(self) -> Address:
        return Address(self.street, self.city, self.region, self.postal_code, self.country)


@dataclass(frozen=True)
class Contact:
    """A person at the customer; one of them receives the licences."""

    id: str
    partner_id: str
    environment: Environment
    customer_id: str
    name: str
    email: str
    receives_licenses: bool
