"""Until when a line may be returned and a subscription renewed."""

from datetime import date, datetime, timedelta

RETURN_WINDOW = timedelta(days=14)
LATE_RENEWAL_WINDOW = timedelta(days=30)


def returnable_until(fulfilled_at: datetime) -> datetime:
    """Of a NEW or RENEWAL line: the last moment of the fourteen days after it was fulfilled."""
    return fulfilled_at + RETURN_WINDOW


def last_day_to_renew(ends_on: date) -> date:
    """Of a subscription whose term ends: the thirtieth day after `ends_on`, its first day not covered."""
    return ends_on + LATE_RENEWAL_WINDOW
