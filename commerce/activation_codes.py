"""Activation codes: what a customer types to fetch a licence, `PORT-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`.

23 symbols of Crockford's base 32 carry 115 random bits and two carry a checksum modulo 1021, the largest
prime below 32². As 1021 is prime and no power of 32 up to the 22nd leaves the remainder 1, every single
mistyped symbol and every swap of two among the 23 is noticed before the database is asked. A code is stored
as a hash and shown masked; 115 bits need no salt and no slow hash.
"""

from hashlib import sha256

PREFIX = "PORT"
RANDOM_BYTES = 15

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)} | {"O": 0, "I": 1, "L": 1}
_DATA_SYMBOLS = 23
_CHECK_SYMBOLS = 2
_LENGTH = _DATA_SYMBOLS + _CHECK_SYMBOLS
_GROUP = 5
_MODULUS = 1021


def code_of(random_bytes: bytes) -> str:
    """The code of 15 random bytes, of which 115 bits are used."""
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"an activation code takes {RANDOM_BYTES} random bytes, not {len(random_bytes)}")
    number = int.from_bytes(random_bytes, "big") >> (8 * RANDOM_BYTES - 5 * _DATA_SYMBOLS)
    return _grouped(_spelled(number, _DATA_SYMBOLS) + _spelled(number % _MODULUS, _CHECK_SYMBOLS))


def normalised(typed: str) -> str | None:
    """The code a person typed, however spaced, cased or confused between O and 0, I, L and 1; else None."""
    compact = "".join(symbol for symbol in typed.upper() if symbol not in " -\t\r\n")
    symbols = compact.removeprefix(PREFIX) if len(compact) == len(PREFIX) + _LENGTH else compact
    if len(symbols) != _LENGTH or not all(symbol in _VALUES for symbol in symbols):
        return None
    number, check = _number(symbols[:_DATA_SYMBOLS]), _number(symbols[_DATA_SYMBOLS:])
    if number % _MODULUS != check:
        return None
    return _grouped(_spelled(number, _DATA_SYMBOLS) + _spelled(check, _CHECK_SYMBOLS))


def last_five(typed: str) -> str | None:
    """The last five symbols of a code as a person typed them; None where it is not five symbols."""
    symbols = [symbol for symbol in typed.upper() if symbol not in " -\t\r\n"]
    if len(symbols) != _GROUP or not all(symbol in _VALUES for symbol in symbols):
        return None
    return "".join(_SYMBOLS[_VALUES[symbol]] for symbol in symbols)


def masked(code: str) -> str:
    """The code with all but its last five symbols hidden, as support may see it."""
    return f"{PREFIX}-{'•' * _GROUP}-…-{code[-_GROUP:]}"


def digest(code: str) -> bytes:
    """What is stored in place of a normalised code: 32 bytes of SHA-256."""
    return sha256(code.encode("ascii")).digest()


def _number(symbols: str) -> int:
    number = 0
    for symbol in symbols:
        number = number * 32 + _VALUES[symbol]
    return number


def _spelled(number: int, length: int) -> str:
    return "".join(_SYMBOLS[number >> (5 * place) & 31] for place in reversed(range(length)))


def _grouped(symbols: str) -> str:
    groups = [symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP)]
    return "-".join([PREFIX, *groups])
