"""What is wrong with a request on its face: all that can be seen without looking anything up."""

import re
from collections.abc import Iterator, Sequence

from commerce.countries import CODES
from commerce.ids import Prefix, names
from commerce.money import knows
from commerce.order_requests import (
    AmendmentLine,
    CustomerChoice,
    CustomerRequest,
    NewOrder,
    OrderRequest,
    RequestLine,
    Return,
    ReturnLine,
)
from commerce.problems import Path, Problem, ProblemCode
from commerce.screening_questions import Owner

SHORTEST_KEY = 16
LONGEST_KEY = 255
MOST_LINES = 100
MOST_CONTACTS = 20
MOST_OWNERS = 20
MOST_SEATS = 1_000_000
LONGEST_NAME = 200
LONGEST_REFERENCE = 100

_HARMLESS = frozenset("\u00a0\u202f\u2009\u3000\u200c\u200d")
"""Spaces that French and Japanese set, and the joiners that Persian and Indian scripts are spelt with."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def problems_of(request: OrderRequest) -> list[Problem]:
    """Everything wrong with a request by itself, all at once."""
    return [
        *key_problems(request.idempotency_key),
        *_reference_problems(request),
        *_line_problems(request),
        *(_new_order_problems(request.details) if isinstance(request.details, NewOrder) else ()),
    ]


def text_problems(value: str, path: Path, longest: int) -> Iterator[Problem]:
    """What is wrong with a text that must say something."""
    if not value.strip():
        yield Problem(ProblemCode.REQUIRED, "Give a value here, or leave the field out.", path)
    elif len(value) > longest:
        yield Problem(ProblemCode.TOO_LONG, f"At most {longest} characters fit here.", path)
    elif any(not (sign.isprintable() or sign in _HARMLESS) for sign in value):
        yield Problem(ProblemCode.NOT_PRINTABLE, "Give printable characters only.", path)


def key_problems(key: str) -> Iterator[Problem]:
    """What is wrong with an idempotency key."""
    printable = key.isascii() and key.isprintable()
    if not (printable and SHORTEST_KEY <= len(key) <= LONGEST_KEY):
        yield Problem(
            ProblemCode.INVALID_IDEMPOTENCY_KEY,
            f"An idempotency key has {SHORTEST_KEY} to {LONGEST_KEY} printable ASCII characters.",
            ("input", "idempotencyKey"),
        )


def country_problems(code: str, path: Path) -> Iterator[Problem]:
    """What is wrong with a country."""
    if code not in CODES:
        message = "Give the country as an ISO 3166-1 alpha-2 code, such as DE."
        yield Problem(ProblemCode.INVALID_COUNTRY, message, path)


def _reference_problems(request: OrderRequest) -> Iterator[Problem]:
    given = {
        "externalOrderReference": request.external_order_reference,
        "purchaseOrderNumber": request.purchase_order_number,
        "endCustomerPurchaseOrderNumber": request.end_customer_purchase_order_number,
    }
    for name, value in given.items():
        if value is not None:
            yield from text_problems(value, ("input", name), LONGEST_REFERENCE)


def _line_problems(request: OrderRequest) -> Iterator[Problem]:
    path: Path = (*request.path, "lines")
    lines: Sequence[RequestLine] = request.details.lines
    if not lines:
        yield Problem(ProblemCode.REQUIRED, "An order needs at least one line.", path)
    if len(lines) > MOST_LINES:
        yield Problem(ProblemCode.TOO_MANY_LINES, f"An order has at most {MOST_LINES} lines.", path)
    for position, line in enumerate(lines):
        if line.quantity is not None and not 1 <= line.quantity <= MOST_SEATS:
            message = f"A quantity is between 1 and {MOST_SEATS}."
            yield Problem(ProblemCode.INVALID_QUANTITY, message, (*path, position, "quantity"))
        if line.external_line_reference is not None:
            here = (*path, position, "externalLineReference")
            yield from text_problems(line.external_line_reference, here, LONGEST_REFERENCE)
    yield from _repeated(request, path)


def _repeated(request: OrderRequest, path: Path) -> Iterator[Problem]:
    """A subscription or returned line may stand in an order once: each line is decided on its own."""
    if isinstance(request.details, NewOrder):
        return
    field = "orderLineId" if isinstance(request.details, Return) else "subscriptionId"
    lines: Sequence[AmendmentLine | ReturnLine] = request.details.lines
    seen: set[str] = set()
    for position, line in enumerate(lines):
        target = line.order_line_id if isinstance(line, ReturnLine) else line.subscription_id
        if target in seen:
            message = "Another line of this order names the same one; join them."
            yield Problem(ProblemCode.REPEATED_LINE, message, (*path, position, field))
        seen.add(target)


def _new_order_problems(details: NewOrder) -> Iterator[Problem]:
    path: Path = ("input", "details", "new")
    if not knows(details.currency):
        yield Problem(
            ProblemCode.INVALID_CURRENCY,
            f"{details.currency!r} is not a currency Portico sells in; give an ISO 4217 code.",
            (*path, "currency"),
        )
    yield from _choice_problems(details.customer, (*path, "customer"))


def _choice_problems(choice: CustomerChoice, path: Path) -> Iterator[Problem]:
    if choice.id is not None and not names(Prefix.CUSTOMER, choice.id):
        yield Problem(ProblemCode.CUSTOMER_NOT_FOUND, "There is no such customer.", (*path, "id"))
    if choice.new is not None:
        yield from _customer_problems(choice.new, (*path, "new"))


def _customer_problems(customer: CustomerRequest, path: Path) -> Iterator[Problem]:
    yield from text_problems(customer.external_reference, (*path, "externalReference"), LONGEST_REFERENCE)
    yield from text_problems(customer.legal_name, (*path, "legalName"), LONGEST_NAME)
    yield from country_problems(customer.country, (*path, "country"))
    optional = {
        "street": customer.street,
        "city": customer.city,
        "region": customer.region,
        "postalCode": customer.postal_code,
        "taxId": customer.tax_id,
        "domain": customer.domain,
    }
    for name, value in optional.items():
        if value:
            yield from text_problems(value, (*path, name), LONGEST_NAME)
    yield from _contact_problems(customer, (*path, "contacts"))
    yield from owner_problems(customer.owners, (*path, "owners"))


def _contact_problems(customer: CustomerRequest, path: Path) -> Iterator[Problem]:
    if not any(contact.receives_licenses for contact in customer.contacts):
        message = "One contact must receive the licences."
        yield Problem(ProblemCode.LICENSE_CONTACT_MISSING, message, path)
    if len(customer.contacts) > MOST_CONTACTS:
        yield Problem(ProblemCode.TOO_MANY_CONTACTS, f"At most {MOST_CONTACTS} contacts fit.", path)
    for position, contact in enumerate(customer.contacts):
        here: Path = (*path, position)
        yield from person_problems(contact.name, contact.email, here)


def person_problems(name: str, email: str, path: Path) -> Iterator[Problem]:
    """What is wrong with a person's name and e-mail address."""
    yield from text_problems(name, (*path, "name"), LONGEST_NAME)
    if not _is_email(email):
        message = "This does not look like an e-mail address."
        yield Problem(ProblemCode.INVALID_EMAIL, message, (*path, "email"))


def owner_problems(owners: Sequence[Owner], path: Path) -> Iterator[Problem]:
    """What is wrong with the owners that somebody names."""
    if len(owners) > MOST_OWNERS:
        yield Problem(ProblemCode.TOO_MANY_OWNERS, f"At most {MOST_OWNERS} owners fit.", path)
    for position, owner in enumerate(owners):
        yield from text_problems(owner.name, (*path, position, "name"), LONGEST_NAME)
        if owner.country and owner.country not in CODES:
            message = "Give the country as an ISO 3166-1 alpha-2 code, such as DE."
            yield Problem(ProblemCode.INVALID_COUNTRY, message, (*path, position, "country"))


def _is_email(text: str) -> bool:
    return len(text) <= LONGEST_NAME and text.isprintable() and _EMAIL.fullmatch(text) is not None
