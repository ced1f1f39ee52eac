"""What `bench graphql` asks: three questions in each server's own words, and what makes answers equal.

The page is a partner's newest 50 orders with their lines, customers and licences (8, 5, 6 and 6 fields); the
order status and the licence are one object of six fields by its id.

Answers are compared after what servers may name or write differently is taken off: Portico's ids have a
prefix and no dashes, its amounts are objects rounded to the currency's minor unit, its lists are
connections, and an instant may be written in any form of ISO 8601.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from commerce.ids import Prefix

SIZE = 50
QUESTIONS = ("page", "status", "license")

PORTICO = {
    "page": """query Page { orders(first: 50) { nodes {
      id externalOrderReference kind status currency purchaseOrderNumber placedAt total { amount }
      lines { id lineNumber quantity status net { amount } }
      customer { id externalReference legalName country taxId domain }
      licenses { id state plan seats startsOn expiresOn }
    } } }""",
    "status": """query Status($id: ID!) { order(by: { id: $id }) {
      id externalOrderReference status statusSince updatedAt fulfilledAt
    } }""",
    "license": """query Look($id: ID!) { license: node(id: $id) { ... on License {
      id state plan seats startsOn expiresOn
    } } }""",
}
POSTGRAPHILE = {
    "page": """query Page($partner: UUID!) {
      orders: allOrdersList(
        condition: { partnerId: $partner, environment: "PRODUCTION" }
        orderBy: [PLACED_AT_DESC, ROW_ID_DESC]
        first: 50
      ) {
        id: rowId externalOrderReference kind status currency purchaseOrderNumber placedAt total
        lines: orderLinesByPartnerIdAndOrderIdList(orderBy: LINE_NUMBER_ASC) {
          id: rowId lineNumber quantity status net: netAmount
        }
        customer: customerByPartnerIdAndCustomerId {
          id: rowId externalReference legalName country taxId domain
        }
        licenses: licensesByPartnerIdAndOrderIdList(orderBy: ROW_ID_DESC) {
          id: rowId state plan seats startsOn expiresOn
        }
      }
    }""",
    "status": """query Status($partner: UUID!, $id: UUID!) {
      order: orderByPartnerIdAndRowId(partnerId: $partner, rowId: $id) {
        id: rowId externalOrderReference status statusSince updatedAt fulfilledAt
      }
    }""",
    "license": """query Look($partner: UUID!, $id: UUID!) {
      license: licenseByPartnerIdAndRowId(partnerId: $partner, rowId: $id) {
        id: rowId state plan seats startsOn expiresOn
      }
    }""",
}
MERCURIUS = {
    "page": """query Page($partner: ID!) { orders(partner: $partner, first: 50) {
      id externalOrderReference kind status currency purchaseOrderNumber placedAt total
      lines { id lineNumber quantity status net }
      customer { id externalReference legalName country taxId domain }
      licenses { id state plan seats startsOn expiresOn }
    } }""",
    "status": """query Status($partner: ID!, $id: ID!) { order(partner: $partner, id: $id) {
      id externalOrderReference status statusSince updatedAt fulfilledAt
    } }""",
    "license": """query Look($partner: ID!, $id: ID!) { license(partner: $partner, id: $id) {
      id state plan seats startsOn expiresOn
    } }""",
}
FLOOR = {question: question for question in QUESTIONS}
"""The floor is no GraphQL server: it is told which statement to run."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner that asks: UUIDs as PostgreSQL prints them, and a bearer token of Portico's."""

    id: str
    token: str
    orders: Sequence[str]
    licenses: Sequence[str]

    def asked(self, question: str) -> Sequence[str]:
        """The ids that a question is asked for; the page is of the partner as a whole."""
        return {"page": [""], "status": self.orders, "license": self.licenses}[question]


def requests(documents: Mapping[str, str], question: str, partners: Sequence[Partner]) -> list[bytes]:
    """HTTP requests that ask one question, of each partner in turn."""
    asked = [[(partner, id_) for id_ in partner.asked(question)] for partner in partners]
    turns = (pair for turn in zip(*asked, strict=True) for pair in turn)
    return [_request(documents, question, partner, id_) for partner, id_ in turns]


def _request(documents: Mapping[str, str], question: str, partner: Partner, id_: str) -> bytes:
    ours = documents is PORTICO
    variables = {} if ours else {"partner": partner.id}
    if id_:
        variables["id"] = f"{_PREFIXES[question]}_{id_.replace('-', '')}" if ours else id_
    body = json.dumps({"query": documents[question], "variables": variables}).encode()
    signed = f"Authorization: Bearer {partner.token}\r\n" if ours else ""
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: application/graphql-response+json\r\n{signed}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_PREFIXES = {"status": Prefix.ORDER, "license": Prefix.LICENSE}


def leaves(value: Any) -> int:
    """How many scalars an answer holds."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def plain(value: Any, key: str = "") -> Any:
    """An answer without what servers may write differently."""
    if isinstance(value, dict):
        if value.keys() in ({"nodes"}, {"amount"}):
            [(_, only)] = value.items()
            return plain(only, key)
        return {name: plain(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part, key) for part in value]
    read = _READ.get(key)
    return value if value is None or read is None else read(value)


def _id(text: str) -> str:
    return text.replace("-", "")[-32:]


_READ: Mapping[str, Any] = {
    "id": _id,
    "total": Decimal,
    "net": Decimal,
    **dict.fromkeys(("placedAt", "statusSince", "updatedAt", "fulfilledAt"), datetime.fromisoformat),
}
