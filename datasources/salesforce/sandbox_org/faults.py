"""Faults on demand: which calls they strike, how often, and what the caller then sees."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datasources.salesforce.sandbox_org.calls import Refusal


@dataclass(slots=True)
class Fault:
    """One fault. It strikes calls whose method, path and SOQL or body contain what `match` names.

    `times`: how often it strikes (None: until removed); `skip`: how many matching calls it lets pass first;
    `share`: the part of matching calls it strikes, by a seeded choice. `delay`: seconds before the answer.
    `after`: the call is done, and only then is its answer replaced. What is seen: `status` with `body` (text
    or JSON) and `headers`; `expire` ends every session; `sever` breaks the connection without an answer;
    `truncate` sends half of the true answer; `records` refuses, in a collection, those records whose values
    include one of the named texts, with `code`.
    """

    match: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    skip: int = 0
    share: float = 1.0
    seed: int = 0
    delay: float = 0.0
    after: bool = False
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    expire: bool = False
    sever: bool = False
    truncate: bool = False
    records: tuple[str, ...] = ()
    code: str = "UNABLE_TO_LOCK_ROW"
    struck: int = 0
    _choice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._choice.seed(self.seed)
        self.records = tuple(self.records)

    def strikes(self, method: str, path: str, content: str) -> bool:
        """Tell whether this call is struck, and count it."""
        if self.times is not None and self.struck >= self.times:
            return False
        seen = {"method": method, "path": path, "content": content}
        if not all(wanted.lower() in seen[part].lower() for part, wanted in self.match.items()):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.share < 1.0 and self._choice.random() >= self.share:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class Faults:
    planned: list[Fault] = field(default_factory=list)

    def plan(self, order: Mapping[str, Any]) -> Fault:
        """Add a fault described in JSON; raise `ValueError` for words that are not fields of `Fault`."""
        known = set(Fault.__dataclass_fields__) - {"struck", "_choice"}
        if not set(order) <= known or not set(order.get("match", {})) <= {"method", "path", "content"}:
            raise ValueError(f"a fault knows {sorted(known)}; its match knows method, path and content")
        fault = Fault(**order)
        self.planned.append(fault)
        return fault

    def for_call(self, method: str, path: str, content: str) -> Fault | None:
        """Return the first fault that strikes a whole call."""
        whole = (fault for fault in self.planned if not fault.records)
        return next((fault for fault in whole if fault.strikes(method, path, content)), None)

    def check_record(self, sobject: str, fields: Mapping[str, Any]) -> None:
        """Raise the refusal planned for one record of a collection."""
        values = {str(value) for value in fields.values()}
        for fault in self.planned:
            named = fault.records and (not values.isdisjoint(fault.records) or "*" in fault.records)
            if named and fault.strikes("PATCH", f"composite/sobjects/{sobject}", " ".join(values)):
                raise Refusal(400, fault.code, _MESSAGES.get(fault.code, fault.code))


_MESSAGES = {
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record or 1 records",
    "DUPLICATES_DETECTED": "Use one of these records?",
}
