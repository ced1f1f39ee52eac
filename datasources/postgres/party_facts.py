"""What partners have said of customers and contacts when they were asked, or unasked: declared owners."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.parties import Address, PartyKind
from commerce.screening_questions import Answer, Owner, PartyFact, QuestionField
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement
from datasources.postgres.tables import party_facts


def answer_of(stored: dict[str, Any]) -> Answer:
    """An answer out of its JSON."""
    address, born_on = stored.get("address"), stored.get("born_on")
    return Answer(
        text=stored.get("text", ""),
        address=Address(**address) if address else None,
        born_on=date.fromisoformat(born_on) if born_on else None,
        owners=tuple(
            Owner(one["name"], PartyKind(one["kind"]), one["country"]) for one in stored.get("owners", ())
        ),
    )


FACTS = Records(
    PartyFact,
    party_facts,
    id=identifier(Prefix.PARTY_FACT, party_facts.c.id),
    partner_id=identifier(Prefix.PARTNER, party_facts.c.partner_id),
    environment=member(Environment, party_facts.c.environment),
    field=member(QuestionField, party_facts.c.field),
    answer=Part(party_facts.c.answer, "answer_of({0})", answer_of=answer_of),
)
INSERT = Insert(party_facts)
OF_PARTIES = ScopedStatement(
    lambda tenant: (
        select(*FACTS.columns)
        .where(
            tenant(party_facts),
            party_facts.c.party_reference == any_(bindparam("parties", type_=ARRAY(Text()))),
        )
        .order_by(party_facts.c.given_at, party_facts.c.id)
    )
)


class PartyFacts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_parties(self, scope: Scope, references: Sequence[str]) -> list[PartyFact]:
        """Everything said of these parties (`cus_…`, `con_…`), the oldest first."""
        return FACTS.many(await self._database.fetch(OF_PARTIES, scope, parties=list(references)))

    async def add(self, transaction: Transaction, facts: Sequence[PartyFact]) -> None:
        await transaction.insert(INSERT, map(FACTS.row, facts))
