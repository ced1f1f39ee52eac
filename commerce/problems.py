"""What is wrong with a request, said to the one who can put it right."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a request was refused. The list grows: treat an unknown code as a refusal."""

    INVALID_IDEMPOTENCY_KEY = "INVALID_IDEMPOTENCY_KEY"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    DUPLICATE_ORDER_REFERENCE = "DUPLICATE_ORDER_REFERENCE"
    DUPLICATE_PURCHASE_ORDER = "DUPLICATE_PURCHASE_ORDER"
    REQUIRED = "REQUIRED"
    TOO_LONG = "TOO_LONG"
    INVALID_COUNTRY = "INVALID_COUNTRY"
    INVALID_CURRENCY = "INVALID_CURRENCY"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    CUSTOMER_REFERENCE_TAKEN = "CUSTOMER_REFERENCE_TAKEN"
    LICENSE_CONTACT_MISSING = "LICENSE_CONTACT_MISSING"
    PARTNER_NOT_ACTIVE = "PARTNER_NOT_ACTIVE"
    TRADING_PARTNER_NOT_FOUND = "TRADING_PARTNER_NOT_FOUND"
    SKU_NOT_FOUND = "SKU_NOT_FOUND"
    SKU_NOT_PRICED = "SKU_NOT_PRICED"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: a code for programs, a sentence for people, the path into the input.

    `path` is made of field names and list positions, as they stand in the mutation's arguments.
    `resource_id` names what the request collided with, where that is the partner's own.
    """

    code: ProblemCode
    message: str
    path: tuple[str | int, ...] = ()
    retryable: bool = False
    resource_id: str | None = None
