"""Why is my order not done, and what may I do about it: blockers and allowed actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from commerce.order_facts import SoldLine
from commerce.order_windows import returnable_until
from commerce.orders import TRANSITIONS, Order, OrderKind, OrderStatus


class WaitingOn(StrEnum):
    """Who must act next."""

    PARTNER = "PARTNER"
    CUSTOMER = "CUSTOMER"
    COMPLIANCE = "COMPLIANCE"
    VENDOR = "VENDOR"
    DOWNSTREAM = "DOWNSTREAM"


class OrderAction(StrEnum):
    """What may be done with an order."""

    CANCEL = "CANCEL"
    RETURN = "RETURN"
    RETRY = "RETRY"
    UPDATE_REFERENCES = "UPDATE_REFERENCES"


@dataclass(frozen=True, slots=True)
class UsualDuration:
    """How long orders have stood in a status before they left it: half of them, and nine of ten."""

    half: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing an order waits for. `usually_takes` is an ISO 8601 duration, from this system's history."""

    reason: str
    waiting_on: WaitingOn
    since: datetime
    usually_takes: str | None
    expected_by: datetime | None
    next_step: str


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """Something that may be done now, until when, and up to how much."""

    action: OrderAction
    until: datetime | None
    limit: int | None
    message: str


@dataclass(frozen=True, slots=True)
class _Wait:
    reason: str
    waiting_on: WaitingOn
    next_step: str


_S = OrderStatus
_WAITS: Mapping[OrderStatus, _Wait] = MappingProxyType(
    {
        _S.RECEIVED: _Wait("RECEIVED", WaitingOn.VENDOR, "The order is about to be screened."),
        _S.SCREENING: _Wait("SCREENING", WaitingOn.COMPLIANCE, "Screening decides at once."),
        _S.ON_HOLD: _Wait(
            "COMPLIANCE_REVIEW", WaitingOn.COMPLIANCE, "A compliance officer reviews the order."
        ),
        _S.AWAITING_PARTNER: _Wait("QUESTION_OPEN", WaitingOn.PARTNER, "Answer the open question."),
        _S.SCHEDULED: _Wait("FUTURE_START", WaitingOn.VENDOR, "The order goes on when its day comes."),
        _S.PROVISIONING: _Wait("PROVISIONING", WaitingOn.VENDOR, "Licences are being issued."),
    }
)

SUBSCRIPTION_ENDED = "SUBSCRIPTION_ENDED"
"""Why an order failed whose subscription was no more; it gave back what it had taken."""

_FAILURES: Mapping[str, _Wait] = MappingProxyType(
    {
        "NO_LICENSE_CONTACT": _Wait(
            "NO_LICENSE_CONTACT",
            WaitingOn.PARTNER,
            "Give the customer a contact who receives licences, then retry the order.",
        ),
        SUBSCRIPTION_ENDED: _Wait(
            SUBSCRIPTION_ENDED, WaitingOn.PARTNER, "The subscription is no more; place a NEW order."
        ),
    }
)
_FAILED = _Wait("FAILED", WaitingOn.VENDOR, "Our operators have been told; the order can be retried.")


def iso_duration(span: timedelta) -> str:
    """A span of time as ISO 8601 writes it, to the second: P1DT2H, PT5M3S, PT0S."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date_part = f"{days}D" if days else ""
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    if not date_part and not clock:
        return "PT0S"
    return f"P{date_part}{'T' + clock if clock else ''}"


RETRYABLE_NEVER = frozenset({SUBSCRIPTION_ENDED})


def is_retryable(order: Order) -> bool:
    """Whether trying a failed order again can help."""
    return order.status is OrderStatus.FAILED and order.status_reason not in RETRYABLE_NEVER


def blockers_of(order: Order, usual: Mapping[OrderStatus, UsualDuration]) -> list[Blocker]:
    """What an order waits for; nothing when it is done or has come to its end."""
    if order.status is OrderStatus.FAILED:
        wait = _FAILURES.get(order.status_reason or "", _FAILED)
    elif order.status in _WAITS:
        wait = _WAITS[order.status]
    else:
        return []
    duration = usual.get(order.status)
    expected = order.status_since + duration.most if duration else None
    if order.status is OrderStatus.SCHEDULED and order.starts_on:
        expected = datetime.combine(order.starts_on, time(), UTC)
    return [
        Blocker(
            reason=wait.reason,
            waiting_on=wait.waiting_on,
            since=order.status_since,
            usually_takes=iso_duration(duration.half) if duration else None,
            expected_by=expected,
            next_step=wait.next_step,
        )
    ]


def allowed_actions_of(order: Order, sold: Sequence[SoldLine], now: datetime) -> list[AllowedAction]:
    """What the partner may do with an order now. `sold` are its lines, with what followed them."""
    actions = [
        AllowedAction(
            OrderAction.UPDATE_REFERENCES, None, None, "Purchase order numbers can be changed at any time."
        )
    ]
    if OrderStatus.CANCELED in TRANSITIONS[order.status]:
        actions.append(
            AllowedAction(OrderAction.CANCEL, None, None, "The order can be canceled until it is done.")
        )
    if is_retryable(order):
        actions.append(AllowedAction(OrderAction.RETRY, None, None, "The order can be tried again."))
    returnable = _return_of(sold, now)
    return [*actions, returnable] if returnable else actions


def may_be_returned(order: Order, now: datetime) -> bool:
    """Whether the window is open in which lines of an order may be returned: a reason to look at them."""
    bought = order.kind in {OrderKind.NEW, OrderKind.RENEWAL} and order.fulfilled_at
    return bool(bought and order.fulfilled_at and now <= returnable_until(order.fulfilled_at))


def _return_of(sold: Sequence[SoldLine], now: datetime) -> AllowedAction | None:
    """What a RETURN of the order's lines would be accepted for."""
    open_lines = [
        (line.returnable_until, line.line.remaining_quantity)
        for line in sold
        if line.returnable_until and now <= line.returnable_until and not line.is_renewed
    ]
    remaining = sum(quantity for _, quantity in open_lines)
    if not remaining:
        return None
    until = min(last for last, _ in open_lines)
    message = f"You can return up to {remaining} units until {until:%Y-%m-%d %H:%M} UTC."
    return AllowedAction(OrderAction.RETURN, until, remaining, message)
