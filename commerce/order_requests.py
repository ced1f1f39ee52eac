"""What a partner asks for when it places an order, and what is wrong with that on its face."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from commerce.money import knows
from commerce.problems import Problem, ProblemCode

SHORTEST_KEY = 16
LONGEST_KEY = 255
MOST_LINES = 100
MOST_SEATS = 1_000_000
LONGEST_NAME = 200
LONGEST_REFERENCE = 100

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_COUNTRY = re.compile(r"[A-Z]{2}")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LineRequest:
    """So many units of a SKU, named by its code."""

    sku: str
    quantity: int
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A person at the customer."""

    name: str
    email: str
    receives_licenses: bool = False


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """A customer as the partner knows it."""

    external_reference: str
    legal_name: str
    country: str
    contacts: tuple[ContactRequest, ...]
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    tax_id: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """The customer of an order: one that exists, by our id or the partner's reference, or a new one."""

    id: str | None = None
    external_reference: str | None = None
    new: CustomerRequest | None = None


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order for new subscriptions."""

    idempotency_key: str
    customer: CustomerChoice
    currency: str
    lines: tuple[LineRequest, ...]
    external_order_reference: str | None = None
    purchase_order_number: str | None = None
    end_customer_purchase_order_number: str | None = None
    allow_duplicate_purchase_order: bool = False
    trading_partner_id: str | None = None

    def fingerprint(self) -> bytes:
        """32 bytes over everything that is asked for; the key itself is not part of it."""
        asked = asdict(self)
        del asked["idempotency_key"]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


def problems_of(request: OrderRequest) -> list[Problem]:
    """Everything wrong with a request that can be seen without looking anything up."""
    return [*_key_problems(request), *_reference_problems(request), *_line_problems(request), *_who(request)]


def _key_problems(request: OrderRequest) -> Iterator[Problem]:
    key = request.idempotency_key
    printable = key.isascii() and key.isprintable()
    if not (printable and SHORTEST_KEY <= len(key) <= LONGEST_KEY):
        yield Problem(
            ProblemCode.INVALID_IDEMPOTENCY_KEY,
            f"An idempotency key has {SHORTEST_KEY} to {LONGEST_KEY} printable ASCII characters.",
            ("input", "idempotencyKey"),
        )


def _reference_problems(request: OrderRequest) -> Iterator[Problem]:
    given = {
        "externalOrderReference": request.external_order_reference,
        "purchaseOrderNumber": request.purchase_order_number,
        "endCustomerPurchaseOrderNumber": request.end_customer_purchase_order_number,
    }
    for name, value in given.items():
        if value is not None:
            yield from _text(value, ("input", name), LONGEST_REFERENCE)


def _line_problems(request: OrderRequest) -> Iterator[Problem]:
    path: Path = ("input", "details", "new")
    if not knows(request.currency):
        yield Problem(
            ProblemCode.INVALID_CURRENCY,
            f"{request.currency!r} is not a currency Portico sells in; give an ISO 4217 code.",
            (*path, "currency"),
        )
    if not request.lines:
        yield Problem(ProblemCode.REQUIRED, "An order needs at least one line.", (*path, "lines"))
    if len(request.lines) > MOST_LINES:
        yield Problem(
            ProblemCode.TOO_MANY_LINES, f"An order has at most {MOST_LINES} lines.", (*path, "lines")
        )
    for position, line in enumerate(request.lines):
        if not 1 <= line.quantity <= MOST_SEATS:
            yield Problem(
                ProblemCode.INVALID_QUANTITY,
                f"A quantity is between 1 and {MOST_SEATS}.",
                (*path, "lines", position, "quantity"),
            )


def _who(request: OrderRequest) -> Iterator[Problem]:
    customer = request.customer.new
    if customer is None:
        return
    path: Path = ("input", "details", "new", "customer", "new")
    yield from _text(customer.external_reference, (*path, "externalReference"), LONGEST_REFERENCE)
    yield from _text(customer.legal_name, (*path, "legalName"), LONGEST_NAME)
    if not _COUNTRY.fullmatch(customer.country):
        yield Problem(
            ProblemCode.INVALID_COUNTRY,
            "Give the country as an ISO 3166-1 alpha-2 code, such as DE.",
            (*path, "country"),
        )
    if not any(contact.receives_licenses for contact in customer.contacts):
        yield Problem(
            ProblemCode.LICENSE_CONTACT_MISSING,
            "One contact must receive the licences.",
            (*path, "contacts"),
        )
    for position, contact in enumerate(customer.contacts):
        here = (*path, "contacts", position)
        yield from _text(contact.name, (*here, "name"), LONGEST_NAME)
        if not _EMAIL.fullmatch(contact.email) or len(contact.email) > LONGEST_NAME:
            yield Problem(
                ProblemCode.INVALID_EMAIL, "This does not look like an e-mail address.", (*here, "email")
            )


def _text(value: str, path: Path, longest: int) -> Iterator[Problem]:
    if not value.strip():
        yield Problem(ProblemCode.REQUIRED, "Give a value here, or leave the field out.", path)
    elif len(value) > longest:
        yield Problem(ProblemCode.TOO_LONG, f"At most {longest} characters fit here.", path)
    elif not value.isprintable():
        yield Problem(ProblemCode.REQUIRED, "Give printable characters only.", path)
