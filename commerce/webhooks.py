"""Webhooks: endpoints, deliveries and tries, when the next try is due, and when to stop."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from commerce.access import Environment, Scope

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between tries, as Standard Webhooks recommends: ten tries over 75 h 35 min."""

MOST_TRIES = len(WAITS) + 1
JITTER = 0.1
"""A wait is longer or shorter by up to this share, so that what failed together does not come back together.
"""

LONGEST_RETRY_AFTER = timedelta(hours=24)
DISABLED_AFTER = timedelta(days=5)
"""So long nothing at all must have arrived, while something was tried, before an endpoint is switched off."""

_QUIET = timedelta(hours=30)
"""Longer than any wait: failures that lie further apart are not one stretch of failing."""

PATIENT_TRIES = 3
"""So many tries (over five minutes) everything behind an event waits for it; then only its subject does."""

MOST_PARKED = 3
"""So many events in a row may be set aside; then it is the endpoint that fails, and all wait for it."""

MOST_ENDPOINTS = 20
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
EXCERPT = 2_048
"""Bytes of a response that are kept."""

KEPT = timedelta(days=30)
"""How long settled deliveries stay in the log."""

TEST_TYPE = "webhook.test"
"""The type of a test, which is no event: it is in no feed, and every filter lets it through."""

SECRET_SHOWN_FOR = timedelta(minutes=15)
"""So long a repeat of the call that made a secret shows it again: the first answer may have been lost."""


class EndpointState(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class DisabledReason(StrEnum):
    """Why nothing is sent to an endpoint."""

    PARTNER = "PARTNER"
    GONE = "GONE"
    FAILING = "FAILING"


class DeliveryState(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class Outcome(StrEnum):
    """How a try ended."""

    DELIVERED = "DELIVERED"
    REJECTED = "REJECTED"
    REDIRECTED = "REDIRECTED"
    GONE = "GONE"
    TIMED_OUT = "TIMED_OUT"
    UNRESOLVED = "UNRESOLVED"
    UNREACHABLE = "UNREACHABLE"
    TLS_FAILED = "TLS_FAILED"
    MALFORMED = "MALFORMED"
    FORBIDDEN_ADDRESS = "FORBIDDEN_ADDRESS"
    EVENT_EXPIRED = "EVENT_EXPIRED"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where a partner listens.

    `position` is the last sequence taken from the log, and `sent` the last of it that the filter let through.
    `held_by` is the delivery that everything behind it waits for; `parked` counts those set aside since
    something arrived. Without `event_types` it hears everything.
    """

    id: str
    partner_id: str
    environment: Environment
    url: str
    description: str
    event_types: tuple[str, ...]
    state: EndpointState
    position: int
    created_at: datetime
    updated_at: datetime
    sent: int | None = None
    held_by: str | None = None
    parked: int = 0
    failing_since: datetime | None = None
    last_failed_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None

    @property
    def log(self) -> Scope:
        """The event log that it follows."""
        return Scope(self.partner_id, self.environment)

    def hears(self, kind: str) -> bool:
        """Whether its filter lets an event type through."""
        family = f"{kind.partition('.')[0]}.*"
        return not self.event_types or kind in self.event_types or family in self.event_types


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A secret without its bytes; after `expires_at` nothing is signed with it."""

    id: str
    endpoint_id: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One event at one endpoint. `next_try_at` is None once it is settled, or while its subject's earlier one
    waits.

    `tries` counts towards the limit, `attempts` all there ever were. What was asked for again, or is a test,
    is not `in_order`: nothing waits for it.
    """

    id: str
    partner_id: str
    environment: Environment
    endpoint_id: str
    event_id: str
    type: str
    subject_id: str
    sequence: int | None
    previous_sequence: int | None
    in_order: bool
    state: DeliveryState
    tries: int
    attempts: int
    next_try_at: datetime | None
    created_at: datetime
    settled_at: datetime | None = None

    @property
    def is_test(self) -> bool:
        return self.sequence is None


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One try of a delivery, with the first 2 KB of what was answered."""

    id: str
    delivery_id: str
    number: int
    at: datetime
    duration_ms: int
    outcome: Outcome
    status: int | None
    response: str | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to list: every part that is given must hold."""

    endpoint_id: str | None = None
    event_id: str | None = None
    states: tuple[DeliveryState, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a try. `retry_after` is the wait that the endpoint asked for."""

    outcome: Outcome
    status: int | None = None
    response: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a try leads to: the endpoint and the delivery as they are now.

    `recovered`: the endpoint answers again, and what was set aside while it did not is due at once.
    `switched_off`: the partner must be told that nothing more is sent.
    """

    endpoint: WebhookEndpoint
    delivery: WebhookDelivery
    recovered: bool = False
    switched_off: bool = False


def outcome_of(status: int) -> Outcome:
    """What a status says: 2xx is delivered, 3xx is a failure as any other, 410 asks to stop."""
    if 200 <= status < 300:  # noqa: PLR2004  HTTP's classes
        return Outcome.DELIVERED
    if 300 <= status < 400:  # noqa: PLR2004
        return Outcome.REDIRECTED
    return Outcome.GONE if status == 410 else Outcome.REJECTED  # noqa: PLR2004  HTTP's 410 Gone


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait of a `Retry-After` header, in seconds or as a date, at most a day; None without one."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004  what fits a timedelta
        wait = timedelta(seconds=int(text))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = at.replace(tzinfo=at.tzinfo or UTC) - now
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


def next_wait(tries: int, asked: timedelta | None, chance: float) -> timedelta | None:
    """How long to wait after so many tries; None after the last. `chance` is from 0 to 1.

    An endpoint can ask for more time, but not use its tries up sooner.
    """
    if tries >= MOST_TRIES:
        return None
    wait = WAITS[tries - 1] * (1 + JITTER * (2 * chance - 1))
    return max(wait, asked) if asked else wait


def settled(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, answer: Answer, now: datetime, chance: float
) -> Settlement:
    """What the answer to a try leads to."""
    tried = replace(delivery, tries=delivery.tries + 1, attempts=delivery.attempts + 1)
    if answer.outcome is Outcome.DELIVERED:
        return _arrived(endpoint, tried, now)
    wait = (
        None
        if tried.is_test or answer.outcome is Outcome.EVENT_EXPIRED
        else next_wait(tried.tries, answer.retry_after, chance)
    )
    gone = answer.outcome is Outcome.GONE
    if gone and not tried.is_test:
        wait = timedelta()  # the first thing to send when the partner switches the endpoint on again
    failed = (
        replace(tried, state=DeliveryState.DEAD, next_try_at=None, settled_at=now)
        if wait is None
        else replace(tried, next_try_at=now + wait)
    )
    failing = _failing(_holding(endpoint, failed), now)
    reason = DisabledReason.GONE if gone else DisabledReason.FAILING
    if gone or now - (failing.failing_since or now) >= DISABLED_AFTER:
        return Settlement(disabled(failing, reason, now), failed, switched_off=True)
    return Settlement(failing, failed)


def disabled(endpoint: WebhookEndpoint, reason: DisabledReason, now: datetime) -> WebhookEndpoint:
    return replace(endpoint, state=EndpointState.DISABLED, disabled_reason=reason, disabled_at=now)


def enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Switched on again, with a clean record; it goes on where it stood."""
    return replace(
        endpoint,
        state=EndpointState.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        failing_since=None,
        last_failed_at=None,
        parked=0,
    )


def _arrived(endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> Settlement:
    held = endpoint.held_by == delivery.id
    return Settlement(
        replace(
            endpoint,
            held_by=None if held else endpoint.held_by,
            parked=0,
            failing_since=None,
            last_failed_at=None,
        ),
        replace(delivery, state=DeliveryState.DELIVERED, next_try_at=None, settled_at=now),
        recovered=held,
    )


def _holding(endpoint: WebhookEndpoint, failed: WebhookDelivery) -> WebhookEndpoint:
    """Whether what comes after a failed delivery waits for it."""
    if not failed.in_order or endpoint.held_by not in {None, failed.id}:
        return endpoint
    if endpoint.held_by is None and failed.tries > 1:  # one that was set aside before
        return endpoint
    if failed.state is DeliveryState.DEAD:
        return replace(endpoint, held_by=None)
    if failed.tries >= PATIENT_TRIES and endpoint.parked < MOST_PARKED:
        return replace(endpoint, held_by=None, parked=endpoint.parked + 1)
    return replace(endpoint, held_by=failed.id)


def _failing(endpoint: WebhookEndpoint, now: datetime) -> WebhookEndpoint:
    """An endpoint after a failure; a stretch of failing begins anew where nothing was tried for long."""
    last = endpoint.last_failed_at
    goes_on = last is not None and now - last <= _QUIET
    return replace(endpoint, failing_since=endpoint.failing_since if goes_on else now, last_failed_at=now)
