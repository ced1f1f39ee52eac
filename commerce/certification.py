"""The certification: what a partner must have shown in its sandbox before it goes live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Scenario(StrEnum):
    """One thing that a partner's integration must have shown it can do."""

    ORDER_FULFILLED = "ORDER_FULFILLED"
    HOLD_ANSWERED = "HOLD_ANSWERED"
    ORDER_RETURNED = "ORDER_RETURNED"
    WEBHOOK_ANSWERED = "WEBHOOK_ANSWERED"
    LICENSE_RETRIEVED = "LICENSE_RETRIEVED"
    RETRY_REPLAYED = "RETRY_REPLAYED"


MISSING: Mapping[Scenario, str] = MappingProxyType(
    {
        Scenario.ORDER_FULFILLED: "No NEW order was placed and fulfilled.",
        Scenario.HOLD_ANSWERED: "No question on a held order was answered by answerQuestion.",
        Scenario.ORDER_RETURNED: "No RETURN order was placed and fulfilled.",
        Scenario.WEBHOOK_ANSWERED: "No webhook was answered with a 2xx status.",
        Scenario.LICENSE_RETRIEVED: "No licence file was fetched.",
        Scenario.RETRY_REPLAYED: "No placeOrder was sent again with the same key and input.",
    }
)
"""Why a scenario is not passed."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Whether a scenario is passed: since when, or why not."""

    scenario: Scenario
    passed_at: datetime | None

    @property
    def passed(self) -> bool:
        return self.passed_at is not None

    @property
    def reason(self) -> str | None:
        """What is missing; None where it is passed."""
        return None if self.passed else MISSING[self.scenario]


@dataclass(frozen=True, slots=True)
class Certification:
    """How far a partner has come. What it did before `since`, when its sandbox was opened, does not count."""

    since: datetime
    results: tuple[ScenarioResult, ...]

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)
