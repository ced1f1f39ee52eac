"""Believable sample data: an account for each customer, owners by region, opportunities and cases.

What a customer gets follows from the seed and the customer alone, so a customer keeps its story whatever
others there are. Rows travel by COPY: 2,000 customers take well under a second.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from datasources.salesforce.sandbox_org.ids import INTEGRATION_USER_ID, record_id
from datasources.salesforce.sandbox_org.storage import AnyConnection

SampleCustomer = tuple[str, str, str, str | None]
"""(customer id `cus_…`, name, ISO 3166-1 alpha-2 country, domain)"""

Row = dict[str, Any]

_OWNERS = {
    "AMER": [("Dana", "Whitfield"), ("Luis", "Ortega"), ("Renée", "Gagnon"), ("Caio", "Figueiredo")],
    "EMEA": [("Aoife", "Brennan"), ("Jürgen", "Kessler"), ("Inès", "Caron"), ("Zofia", "Wiśniewska")],
    "APAC": [("佐藤", "美咲"), ("Priya", "Raman"), ("Hamish", "Doyle"), ("지훈", "박")],
}
_AMER = frozenset(
    ["AR", "BR", "CA", "CL", "CO", "CR", "DO", "EC", "GT", "JM", "MX", "PA", "PE", "PR", "US", "UY"]
)
_APAC = frozenset(
    [
        "AU",
        "BD",
        "CN",
        "FJ",
        "HK",
        "ID",
        "IN",
        "JP",
        "KR",
        "LK",
        "MY",
        "NP",
        "NZ",
        "PH",
        "PK",
        "SG",
        "TH",
        "TW",
        "VN",
    ]
)
_INDUSTRIES = ("Technology", "Banking", "Healthcare", "Manufacturing", "Education", "Energy", "Retail")
_STAGES = (
    "Prospecting",
    "Qualification",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
_DEALS = ("Renewal", "Expansion", "New business", "Migration")
_CASES = (
    ("License delivery", "Licence e-mail has not arrived"),
    ("License delivery", "Activation code is refused as already used"),
    ("License use", "Offline licence file cannot be verified"),
    ("Billing", "Invoice shows the wrong purchase order"),
    ("Billing", "Credit for returned seats is missing"),
    ("Compliance", "Asked for an end-user statement"),
    ("Other", "How do we add a second administrator?"),
)
_FIRST_OWNER = 2  # record numbers: 1 is the integration user, those below 1,000 are the org's own


async def seed(
    connection: AnyConnection,
    customers: Iterable[SampleCustomer],
    *,
    seed: int = 0,
    today: date | None = None,
) -> dict[str, int]:
    """Add the customers that the org does not have yet; return how many records of each object were added.

    The tables must be there (`create_tables`). `today` is what dates are counted from.
    """
    day = today or datetime.now(UTC).date()
    known = await connection.fetch('SELECT lower("Portico_Id__c") AS id FROM sandbox_org."Account"')
    there = {row["id"] for row in known}
    new = [customer for customer in customers if customer[0].lower() not in there]
    stories = [_Story(customer, seed, day) for customer in new]
    async with connection.transaction():
        await _insert_owners(connection, day)
        accounts = await _copy(connection, "Account", "001", [story.account() for story in stories])
        deals = [
            row for story, id_ in zip(stories, accounts, strict=True) for row in story.opportunities(id_)
        ]
        cases = [row for story, id_ in zip(stories, accounts, strict=True) for row in story.cases(id_)]
        await _copy(connection, "Opportunity", "006", deals)
        await _copy(connection, "Case", "500", cases, numbered="CaseNumber")
    return {"Account": len(accounts), "Opportunity": len(deals), "Case": len(cases)}


def owners() -> list[Row]:
    """The account owners, three regions of four, with ids that are the same in every org."""
    people = [(region, *name) for region, names in _OWNERS.items() for name in names]
    return [
        {
            "Id": record_id("005", _FIRST_OWNER + place),
            "Username": f"owner{place + 1}@portico.invalid",
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}",
            "Email": f"owner{place + 1}@portico.invalid",
            "Title": f"Account Executive, {region}",
            "IsActive": True,
        }
        for place, (region, first, last) in enumerate(people)
    ]


class _Story:
    """What Salesforce knows of one customer."""

    def __init__(self, customer: SampleCustomer, number: int, today: date) -> None:
        self.customer_id, self.name, self.country, self.domain = customer
        self.today = today
        self.pick = random.Random(f"{number}:{self.customer_id}")  # noqa: S311  sample data
        region = "AMER" if self.country in _AMER else "APAC" if self.country in _APAC else "EMEA"
        place = list(_OWNERS).index(region) * 4 + self.pick.randrange(4)
        self.owner = record_id("005", _FIRST_OWNER + place)

    def account(self) -> Row:
        return {
            "Portico_Id__c": self.customer_id,
            "Name": self.name,
            "OwnerId": self.owner,
            "Type": "Customer",
            "Industry": self.pick.choice(_INDUSTRIES),
            "Website": self.domain and f"https://{self.domain}",
            "BillingCountry": self.country,
            "Portico_Partner_Sourced__c": True,
            **_stamped(self._past(700)),
        }

    def opportunities(self, account: str) -> Iterator[Row]:
        for _ in range(self.pick.choice((0, 1, 1, 2, 3))):
            stage = self.pick.choice(_STAGES)
            closed = stage.startswith("Closed")
            days = self.pick.randrange(1, 360)
            deal = self.pick.choice(_DEALS)
            yield {
                "AccountId": account,
                "OwnerId": self.owner,
                "Name": f"{self.name}: {deal}"[:120],
                "StageName": stage,
                "CloseDate": self.today + timedelta(days=-days if closed else days),
                "Amount": Decimal(self.pick.randrange(20, 4000) * 50),
                "CurrencyIsoCode": self.pick.choice(("EUR", "USD", "GBP")),
                "Type": deal,
                "IsClosed": closed,
                "IsWon": stage == "Closed Won",
                **_stamped(self._past(360)),
            }

    def cases(self, account: str) -> Iterator[Row]:
        for _ in range(self.pick.choice((0, 0, 0, 1, 1, 2))):
            category, subject = self.pick.choice(_CASES)
            closed = self.pick.random() < 0.6  # noqa: PLR2004  most cases have been closed
            opened = self._past(180)
            yield {
                "AccountId": account,
                "OwnerId": self.owner,
                "Subject": subject,
                "Status": "Closed" if closed else self.pick.choice(("New", "Working", "Escalated")),
                "Priority": self.pick.choice(("Low", "Medium", "Medium", "High")),
                "Origin": self.pick.choice(("Web", "Email", "Phone")),
                "IsClosed": closed,
                "ClosedDate": opened + timedelta(hours=self.pick.randrange(1, 200)) if closed else None,
                "Portico_Category__c": category,
                "Portico_Partner_Sourced__c": True,
                **_stamped(opened),
            }

    def _past(self, days: int) -> datetime:
        """A moment of the last `days` days, long enough ago that what follows it is past, too."""
        day = self.today - timedelta(days=self.pick.randrange(10, days))
        return datetime.combine(day, time(self.pick.randrange(7, 19), self.pick.randrange(60)), UTC)


def _stamped(moment: datetime) -> Row:
    who = {"CreatedById": INTEGRATION_USER_ID, "LastModifiedById": INTEGRATION_USER_ID}
    return {"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment, **who}


async def _insert_owners(connection: AnyConnection, today: date) -> None:
    moment = datetime.combine(today, time(), UTC)
    for row in owners():
        whole = row | _stamped(moment)
        names = ", ".join(f'"{name}"' for name in whole)
        places = ", ".join(f"${place}" for place in range(1, len(whole) + 1))
        statement = f'INSERT INTO sandbox_org."User" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING'  # noqa: S608  names are ours
        await connection.execute(statement, *whole.values())


async def _copy(
    connection: AnyConnection, sobject: str, prefix: str, rows: Sequence[Row], *, numbered: str = ""
) -> list[str]:
    """COPY the rows with fresh ids, which are returned in the rows' order."""
    if not rows:
        return []
    last = await connection.fetchval(
        "SELECT setval('sandbox_org.record_numbers', nextval('sandbox_org.record_numbers') + $1)", len(rows)
    )
    numbers = range(last - len(rows), last)
    ids = [record_id(prefix, number) for number in numbers]
    columns = ["Id", *([numbered] if numbered else []), *rows[0]]
    await connection.copy_records_to_table(
        sobject,
        schema_name="sandbox_org",
        columns=columns,
        records=[
            (id_, *([f"{number:08d}"] if numbered else []), *row.values())
            for id_, number, row in zip(ids, numbers, rows, strict=True)
        ],
    )
    return ids
