"""Salesforce record ids: 15 characters that distinguish case, or 18 with a checksum that need not."""

from datasources.salesforce.sandbox_org.calls import Refusal

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "bm0"
_SHORT, _LONG = 15, 18


def checksum(short: str) -> str:
    """Three characters, each telling which of five characters are upper case, lowest bit first."""
    blocks = (short[start : start + 5] for start in range(0, _SHORT, 5))
    return "".join(
        _CHECKSUM[sum(1 << place for place, letter in enumerate(block) if "A" <= letter <= "Z")]
        for block in blocks
    )


def record_id(prefix: str, number: int) -> str:
    """The id of the org's `number`-th record: object prefix, instance, nine digits to base 62, checksum."""
    digits = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    short = prefix + _INSTANCE + digits.rjust(9, "0")
    return short + checksum(short)


def normal_id(value: str) -> str:
    """Return the 18-character form; raise `MALFORMED_ID` for what cannot be an id."""
    short = value[:_SHORT]
    if len(value) not in {_SHORT, _LONG} or not value.isascii() or not value.isalnum():
        raise Refusal(400, "MALFORMED_ID", f"malformed id {value}")
    if len(value) == _LONG:
        short = _restore_case(short, value[_SHORT:].upper())
    return short + checksum(short)


def _restore_case(short: str, check: str) -> str:
    if any(letter not in _CHECKSUM for letter in check):
        raise Refusal(400, "MALFORMED_ID", f"malformed id {short}{check}")
    upper = [_CHECKSUM.index(check[place // 5]) >> (place % 5) & 1 for place in range(_SHORT)]
    return "".join(letter.upper() if up else letter.lower() for letter, up in zip(short, upper, strict=True))


ORG_ID = record_id("00D", 1)
INTEGRATION_USER_ID = record_id("005", 1)
STANDARD_PRICE_BOOK_ID = record_id("01s", 1)
