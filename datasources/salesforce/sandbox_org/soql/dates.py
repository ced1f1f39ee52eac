"""SOQL's date literals: each is a span of UTC days, its first included, its end not.

Weeks begin on Sunday. Source: SOQL reference, "Date Formats and Literals".
"""

import re
from datetime import date, timedelta

from datasources.salesforce.sandbox_org.calls import malformed
from datasources.salesforce.sandbox_org.soql.parser import DateLiteral

Span = tuple[date, date]
_DAY = timedelta(days=1)
_PERIOD = re.compile(
    r"(THIS|LAST|NEXT)_(N_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S?|(N)_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO"
)
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def span(literal: DateLiteral, today: date) -> Span:
    """Return `[first, end)` of a date literal as seen on `today`; raise `MALFORMED_QUERY` for other words."""
    if literal.name in _DAYS and literal.count is None:
        first = today + _DAYS[literal.name] * _DAY
        return first, first + _DAY
    if literal.name == "LAST_90_DAYS":
        return today - 90 * _DAY, today + _DAY
    if literal.name == "NEXT_90_DAYS":
        return today + _DAY, today + 91 * _DAY
    named = _PERIOD.fullmatch(literal.name)
    if named is None or (literal.count is None) == bool(named[2] or named[4]):
        raise malformed(f"unexpected token: '{literal.name}'")
    if named[4]:
        return _shifted(named[5], today, -(literal.count or 0), 1)
    return _period(named[1], named[3], literal.count, today)


_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def _period(direction: str, unit: str, count: int | None, today: date) -> Span:
    if unit == "DAY" and count is not None and direction == "LAST":
        return today - count * _DAY, today + _DAY  # LAST_N_DAYS includes today, the longer periods do not
    if direction == "THIS":
        return _shifted(unit, today, 0, 1)
    length = count or 1
    return _shifted(unit, today, 1 if direction == "NEXT" else -length, length)


def _shifted(unit: str, today: date, shift: int, length: int) -> Span:
    """The span of `length` units that begins `shift` units after the one that holds `today`."""
    if unit in _MONTHS:
        size = _MONTHS[unit]
        begin = (today.year * 12 + today.month - 1) // size * size
        return _month(begin + shift * size), _month(begin + (shift + length) * size)
    days = 7 if unit == "WEEK" else 1
    begin_day = today - (today.isoweekday() % 7) * _DAY if unit == "WEEK" else today
    return begin_day + shift * days * _DAY, begin_day + (shift + length) * days * _DAY


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
