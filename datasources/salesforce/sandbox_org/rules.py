"""What Salesforce itself works out when a record is written: names, totals, what is closed."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from datasources.salesforce.sandbox_org.calls import Refusal

Row = dict[str, Any]


def complete(sobject: str, row: Row, *, number: int | None, now: datetime) -> None:
    """Fill the computed columns of `row`, a whole record; `number` is its sequence number when it is new."""
    rule = _RULES.get(sobject)
    if rule is not None:
        rule(row, number, now)


def _person(row: Row, _number: int | None, _now: datetime) -> None:
    row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


def _opportunity(row: Row, _number: int | None, _now: datetime) -> None:
    row["IsWon"] = row.get("StageName") == "Closed Won"
    row["IsClosed"] = str(row.get("StageName")).startswith("Closed")


def _line_item(row: Row, _number: int | None, _now: datetime) -> None:
    if not row.get("Product2Id") and not row.get("PricebookEntryId"):
        raise Refusal(
            400,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [PricebookEntryId]",
            ("PricebookEntryId",),
        )
    row["TotalPrice"] = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])


def _case(row: Row, number: int | None, now: datetime) -> None:
    if number is not None:
        row["CaseNumber"] = f"{number:08d}"
        row["Status"] = row.get("Status") or "New"
        row["Priority"] = row.get("Priority") or "Medium"
    row["IsClosed"] = row.get("Status") == "Closed"
    row["ClosedDate"] = (row.get("ClosedDate") or now) if row["IsClosed"] else None


_RULES: dict[str, Callable[[Row, int | None, datetime], None]] = {
    "Case": _case,
    "Contact": _person,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _line_item,
    "User": _person,
}
