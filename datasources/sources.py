"""All sources of facts, opened together and closed together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from datasources.license_keyring import LicenseKeyring
from datasources.license_revocations import Revocations
from datasources.mail.postmen import Postman, inbox_of, postman_of
from datasources.postgres.activation_codes import ActivationCodes
from datasources.postgres.audit import AuditLog
from datasources.postgres.catalog import Catalog
from datasources.postgres.clearances import Clearances
from datasources.postgres.customers import Customers
from datasources.postgres.database import Database, open_database
from datasources.postgres.deliveries import Deliveries
from datasources.postgres.events import EventLog
from datasources.postgres.idempotency import IdempotencyKeys
from datasources.postgres.licenses import Licenses
from datasources.postgres.order_pages import OrderPages
from datasources.postgres.orders import Orders
from datasources.postgres.partners import Partners
from datasources.postgres.party_facts import PartyFacts
from datasources.postgres.screening_audit import ScreeningAudit
from datasources.postgres.screening_case_pages import ScreeningCasePages
from datasources.postgres.screening_cases import ScreeningCases
from datasources.postgres.screening_policies import ScreeningPolicies
from datasources.postgres.screenings import Screenings
from datasources.postgres.signals import Signals
from datasources.postgres.sold_lines import SoldLines
from datasources.postgres.subscriptions import Subscriptions
from datasources.postgres.usual_durations import UsualDurations
from datasources.salesforce.accounts import Accounts
from datasources.salesforce.cases import SupportCases
from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.opportunities import Opportunities
from datasources.salesforce.sync import Sync
from datasources.salesforce.transport import SalesforceOrg
from datasources.sealing import Seal
from datasources.settings import Settings
from datasources.watchlists import Watchlists


@dataclass(frozen=True, slots=True)
class Sources:
    """What resolvers and jobs read from and write to."""

    database: Database
    partners: Partners
    catalog: Catalog
    customers: Customers
    orders: Orders
    order_pages: OrderPages
    subscriptions: Subscriptions
    licenses: Licenses
    activation_codes: ActivationCodes
    deliveries: Deliveries
    screenings: Screenings
    screening_policies: ScreeningPolicies
    screening_audit: ScreeningAudit
    screening_cases: ScreeningCases
    screening_case_pages: ScreeningCasePages
    clearances: Clearances
    party_facts: PartyFacts
    sold_lines: SoldLines
    idempotency: IdempotencyKeys
    audit_log: AuditLog
    events: EventLog
    accounts: Accounts
    opportunities: Opportunities
    cases: SupportCases
    crm_sync: Sync
    usual_durations: UsualDurations
    watchlists: Watchlists
    license_keys: LicenseKeyring
    revocations: Revocations
    postman: Postman
    sandbox_postman: Postman
    """Takes the e-mail of the sandbox: it never reaches anybody outside."""
    mail_from: str

    @property
    def work(self) -> Signals:
        """Word of commits: who waits for work or for events wakes by it."""
        return self.database.signals


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[Sources]:
    """Every source by the settings, for as long as the block lasts."""
    watchlists = await asyncio.to_thread(Watchlists.load, settings.watchlist_dir, home=settings.watchlists)
    async with _open_database(settings) as database, _open_salesforce(settings) as salesforce:
        patience = settings.salesforce_live_timeout
        licenses, keyring = Licenses(database), LicenseKeyring.of(settings)
        yield Sources(
            database=database,
            partners=Partners(database),
            catalog=Catalog(database),
            customers=Customers(database),
            orders=Orders(database),
            order_pages=OrderPages(database),
            subscriptions=Subscriptions(database),
            licenses=licenses,
            activation_codes=ActivationCodes(database, Seal.of(settings)),
            deliveries=Deliveries(database),
            screenings=Screenings(database),
            screening_policies=ScreeningPolicies(database),
            screening_audit=ScreeningAudit(database),
            screening_cases=ScreeningCases(database),
            screening_case_pages=ScreeningCasePages(database),
            clearances=Clearances(database),
            party_facts=PartyFacts(database),
            sold_lines=SoldLines(database),
            idempotency=IdempotencyKeys(database),
            audit_log=AuditLog(database),
            events=EventLog(database),
            accounts=Accounts(salesforce, patience=patience),
            opportunities=Opportunities(salesforce, patience=patience),
            cases=SupportCases(salesforce, patience=patience),
            crm_sync=Sync(salesforce),
            usual_durations=UsualDurations(database),
            watchlists=watchlists,
            license_keys=keyring,
            revocations=Revocations(licenses, keyring),
            postman=postman_of(settings),
            sandbox_postman=inbox_of(settings),
            mail_from=settings.mail_from,
        )


def _open_database(settings: Settings) -> AbstractAsyncContextManager[Database]:
    return open_database(
        settings.application_dsn,
        smallest=settings.database_pool_min,
        largest=settings.database_pool_max,
        statement_timeout=settings.database_statement_timeout,
    )


@asynccontextmanager
async def _open_salesforce(settings: Settings) -> AsyncIterator[SalesforceClient]:
    secret = settings.salesforce_client_secret
    client = SalesforceClient(
        SalesforceOrg(
            url=settings.salesforce_url or "",
            client_id=settings.salesforce_client_id or "",
            client_secret=secret.get_secret_value() if secret else "",
            api_version=settings.salesforce_api_version,
            workers=settings.salesforce_workers,
            connect_timeout=settings.salesforce_connect_timeout,
            read_timeout=settings.salesforce_read_timeout,
        )
    )
    try:
        yield client
    finally:
        await client.close()
