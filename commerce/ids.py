"""Opaque ids: a prefix that names the kind, an underscore, 32 hex digits of a UUIDv7."""

from enum import StrEnum


class Prefix(StrEnum):
    """What an id names. Ids are opaque to clients; the prefix is for people who read tickets."""

    ORDER = "ord"
    ORDER_LINE = "oli"
    TRANSITION = "trn"
    CUSTOMER = "cus"
    CONTACT = "con"
    PARTNER = "par"
    CLIENT = "cli"
    CLIENT_SECRET = "sec"  # noqa: S105  the prefix of an id
    CLIENT_KEY = "key"
    PRODUCT = "prd"
    SKU = "sku"
    SUBSCRIPTION = "sub"
    LICENSE = "lic"
    ACTIVATION_CODE = "acd"
    ACTIVATION = "act"
    DELIVERY = "dlv"
    SCREENING = "scr"
    MATCH = "mat"
    CASE = "cas"
    CLEARANCE = "clr"
    PARTY_FACT = "fac"
    BATCH = "bat"
    EVENT = "evt"
    WEBHOOK_ENDPOINT = "whe"
    WEBHOOK_SECRET = "whs"  # noqa: S105  a prefix, and none itself
    WEBHOOK_DELIVERY = "whd"
    WEBHOOK_ATTEMPT = "wha"
    AUDIT_ENTRY = "aud"


_HEX = frozenset("0123456789abcdef")
_DIGITS = 32


def prefix_of(value: str) -> Prefix | None:
    """The kind an id names, or None where the text is not an id of ours."""
    prefix, separator, digits = value.partition("_")
    if not separator or len(digits) != _DIGITS or not _HEX.issuperset(digits):
        return None
    return _PREFIXES.get(prefix)


def names(prefix: Prefix, value: str) -> bool:
    """Whether the text is an id of that kind."""
    return prefix_of(value) is prefix


_PREFIXES = {prefix.value: prefix for prefix in Prefix}
