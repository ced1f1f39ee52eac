"""Screening policies as rows: the newest version that is in force, remembered for some seconds."""

import time
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.types import Integer, Text

from commerce.matches import Consequence
from commerce.parties import ListCode, Role
from commerce.screening_policies import Policy, ReasonCode, Workflow
from commerce.screening_questions import QuestionField
from datasources.errors import SourceUnavailable
from datasources.postgres.database import Database, Row
from datasources.postgres.statements import Statement
from datasources.postgres.tables import screening_policies

REMEMBERED_FOR = 5.0
"""Seconds after which a new version takes effect in a process that has read the old one."""

_WORKFLOW = screening_policies.c.workflow == bindparam("workflow", type_=Text())
IN_FORCE = Statement(
    select(screening_policies)
    .where(_WORKFLOW, screening_policies.c.in_force_from <= func.now())
    .order_by(screening_policies.c.version.desc())
    .limit(1)
)
BY_VERSION = Statement(
    select(screening_policies).where(
        _WORKFLOW, screening_policies.c.version == bindparam("version", type_=Integer())
    )
)
ALL = Statement(
    select(screening_policies).order_by(screening_policies.c.workflow, screening_policies.c.version)
)


class ScreeningPolicies:
    """The policy rows. One whose rules do not give its fingerprint was tampered with and is no policy."""

    def __init__(self, database: Database, *, remembered_for: float = REMEMBERED_FOR) -> None:
        self._database = database
        self._remembered_for = remembered_for
        self._known: dict[str, tuple[float, Policy]] = {}

    async def in_force(self, workflow: str) -> Policy:
        """The newest version in force. Raises SourceUnavailable where there is none that can be trusted."""
        known = self._known.get(workflow)
        if known and time.monotonic() - known[0] < self._remembered_for:
            return known[1]
        rows = await self._database.fetch_public(IN_FORCE, workflow=workflow)
        policy = _trusted(rows)
        self._known[workflow] = (time.monotonic(), policy)
        return policy

    async def version(self, workflow: str, version: int) -> Policy:
        """A version, in force or not. Raises SourceUnavailable as `in_force` does."""
        return _trusted(await self._database.fetch_public(BY_VERSION, workflow=workflow, version=version))

    async def all(self) -> list[Policy]:
        """Every version of every policy."""
        return [policy_of(row) for row in await self._database.fetch_public(ALL)]

    def forget(self) -> None:
        """Read the rows again at the next screening."""
        self._known.clear()


def _trusted(rows: list[Row]) -> Policy:
    if not rows:
        raise SourceUnavailable("postgres", retryable=False, code="NO_SCREENING_POLICY")
    policy = policy_of(rows[0])
    if policy.fingerprint() != rows[0]["fingerprint"]:
        raise SourceUnavailable("postgres", retryable=False, code="SCREENING_POLICY_ALTERED")
    return policy


def policy_of(row: Row) -> Policy:
    """A row as a policy. Raises KeyError and ValueError on words that no policy knows."""
    values: dict[str, Any] = {item.name: row[item.name] for item in fields(Policy) if item.init}
    return Policy(
        **values
        | {
            "workflow": Workflow(row["workflow"]),
            "consequences": _mapping(row["consequences"], ListCode, Consequence),
            "required_lists": frozenset(map(ListCode, row["required_lists"])),
            "embargoed": frozenset(row["embargoed"]),
            "country_required_of": frozenset(map(Role, row["country_required_of"])),
            "hold_blocks": frozenset(row["hold_blocks"]),
            "asks": _mapping(row["asks"], ReasonCode, QuestionField),
            "partner_words": _mapping(row["partner_words"], ReasonCode, str),
        }
    )


def _mapping(stored: Mapping[str, str], key: Any, value: Any) -> Mapping[Any, Any]:
    return MappingProxyType({key(name): value(text) for name, text in stored.items()})
