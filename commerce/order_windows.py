"""The last UTC days, inclusive, on which a line may be returned and a subscription renewed."""

from datetime import date, timedelta

RETURN_WINDOW = timedelta(days=14)
LATE_RENEWAL_WINDOW = timedelta(days=30)


def last_day_to_return(bought_on: date) -> date:
    """Of a NEW or RENEWAL line: the fourteenth day after it was bought."""
    return bought_on + RETURN_WINDOW


def last_day_to_renew(ends_on: date) -> date:
    """Of a subscription whose term ends: the thirtieth day after `ends_on`, its first day not covered."""
    return ends_on + LATE_RENEWAL_WINDOW
