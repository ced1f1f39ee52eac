"""The breaker's promises, under any sequence of events."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from datasources.salesforce.breaker import Breaker

THRESHOLD, COOLDOWN = 3, 10.0


class AnyCourseOfEvents(RuleBasedStateMachine):
    """Keeps the history of calls beside the breaker and compares."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.failures = 0
        self.shut_until = None
        self.breaker = Breaker(threshold=THRESHOLD, cooldown=COOLDOWN, clock=lambda: self.now)

    @rule(seconds=st.floats(min_value=0.0, max_value=15.0))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def a_call_fails(self):
        self.breaker.failed()
        self.failures += 1
        if self.failures >= THRESHOLD:
            self.shut_until = self.now + COOLDOWN

    @rule()
    def a_call_succeeds(self):
        self.breaker.succeeded()
        self.failures, self.shut_until = 0, None

    @rule(seconds=st.floats(min_value=0.1, max_value=60.0))
    def the_limit_is_reached(self, seconds):
        self.breaker.open_for(seconds)
        self.failures, self.shut_until = THRESHOLD, self.now + seconds

    @precondition(lambda self: self.shut_until is None)
    @rule()
    def while_closed_everyone_is_admitted(self):
        assert [self.breaker.admits() for _ in range(5)] == [True] * 5

    @precondition(lambda self: self.shut_until is not None and self.now < self.shut_until)
    @rule()
    def while_open_nobody_is_admitted(self):
        assert [self.breaker.admits() for _ in range(5)] == [False] * 5

    @precondition(lambda self: self.shut_until is not None and self.now >= self.shut_until)
    @rule()
    def after_the_cooldown_exactly_one_is_admitted(self):
        assert [self.breaker.admits() for _ in range(5)] == [True, False, False, False, False]
        self.shut_until = self.now + COOLDOWN

    @invariant()
    def it_opens_only_after_enough_failures_in_a_row(self):
        assert not (self.breaker.is_open and self.failures < THRESHOLD)


TestAnyCourseOfEvents = AnyCourseOfEvents.TestCase
