"""The cleared list: this party is not that entry, on the word of two people, until either changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commerce.access import Environment
from commerce.ids import Prefix
from commerce.matches import QualifierKind
from commerce.screening_cases import ScreeningCase
from commerce.screenings import ScreeningMatch


@dataclass(frozen=True)
class ClearedHit:
    """One hit that an officer found to be somebody else; in force once another officer has confirmed it."""

    id: str
    partner_id: str
    environment: Environment
    case_id: str
    party_fingerprint: str
    party_name: str
    list_code: str
    entry_id: str
    entry_hash: str
    entry_name: str
    note: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None


def cleared_hits(
    case: ScreeningCase,
    matches: Iterable[ScreeningMatch],
    *,
    note: str,
    proposed_by: str,
    confirmed_by: str | None,
    now: datetime,
    lasts: timedelta,
    new_id: Callable[[Prefix], str],
) -> list[ClearedHit]:
    """What clearing a case proposes for the list. A hit by an identifier is never on it."""
    return [
        ClearedHit(
            id=new_id(Prefix.CLEARANCE),
            partner_id=case.partner_id,
            environment=case.environment,
            case_id=case.id,
            party_fingerprint=case.party_fingerprint,
            party_name=case.party_name,
            list_code=match.list_code,
            entry_id=match.entry_id,
            entry_hash=match.entry_hash,
            entry_name=match.entry_name,
            note=note,
            proposed_by=proposed_by,
            proposed_at=now,
            expires_at=now + lasts,
            confirmed_by=confirmed_by,
            confirmed_at=now if confirmed_by else None,
            revoked_by=None,
            revoked_at=None,
        )
        for match in matches
        if not _by_identifier(match.parts)
    ]


def _by_identifier(parts: dict[str, Any]) -> bool:
    kinds = {qualifier["kind"] for qualifier in parts.get("qualifiers", ())}
    return QualifierKind.IDENTIFIER_AGREES.value in kinds
