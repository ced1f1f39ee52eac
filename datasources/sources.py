"""All sources of facts, opened together and closed together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from commerce.webhook_urls import UrlRules
from datasources.lanes import Lanes
from datasources.license_keyring import LicenseKeyring
from datasources.license_revocations import Revocations
from datasources.mail.postmen import Postman, inbox_of, postman_of
from datasources.postgres.activation_codes import ActivationCodes
from datasources.postgres.activations import Activations
from datasources.postgres.api_clients import ApiClients
from datasources.postgres.audit import AuditLog
from datasources.postgres.buckets import Buckets
from datasources.postgres.catalog import Catalog
from datasources.postgres.certifications import Certifications
from datasources.postgres.clearances import Clearances
from datasources.postgres.customers import Customers
from datasources.postgres.database import Database, Role, open_database
from datasources.postgres.dead_letters import DeadLetters
from datasources.postgres.deliveries import Deliveries
from datasources.postgres.events import EventLog
from datasources.postgres.holdings import Holdings
from datasources.postgres.idempotency import IdempotencyKeys
from datasources.postgres.licenses import Licenses
from datasources.postgres.list_rescreenings import ListRescreenings
from datasources.postgres.order_pages import OrderPages
from datasources.postgres.orders import Orders
from datasources.postgres.partners import Partners
from datasources.postgres.party_facts import PartyFacts
from datasources.postgres.screening_audit import ScreeningAudit
from datasources.postgres.screening_batches import ScreeningBatches
from datasources.postgres.screening_case_pages import ScreeningCasePages
from datasources.postgres.screening_cases import ScreeningCases
from datasources.postgres.screening_policies import ScreeningPolicies
from datasources.postgres.screenings import Screenings
from datasources.postgres.signals import Signals
from datasources.postgres.sold_lines import SoldLines
from datasources.postgres.subscriptions import Subscriptions
from datasources.postgres.usual_durations import UsualDurations
from datasources.postgres.webhook_deliveries import WebhookDeliveries
from datasources.postgres.webhook_endpoints import WebhookEndpoints
from datasources.postgres.webhook_secrets import WebhookSecrets
from datasources.salesforce.accounts import Accounts
from datasources.salesforce.cases import SupportCases
from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.opportunities import Opportunities
from datasources.salesforce.sync import Sync
from datasources.salesforce.transport import SalesforceOrg
from datasources.sealing import Seal
from datasources.settings import Settings
from datasources.watchlists import Watchlists
from datasources.webhooks.sender import WebhookSender

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What partners have set up to hear of events, and what sends to it."""

    endpoints: WebhookEndpoints
    secrets: WebhookSecrets
    deliveries: WebhookDeliveries
    sender: WebhookSender
    lanes: Lanes


@dataclass(frozen=True, slots=True)
class Sources:
    """What resolvers and jobs read from and write to."""

    database: Database
    buckets: Buckets
    api_clients: ApiClients
    partners: Partners
    catalog: Catalog
    customers: Customers
    orders: Orders
    order_pages: OrderPages
    subscriptions: Subscriptions
    licenses: Licenses
    activation_codes: ActivationCodes
    activations: Activations
    deliveries: Deliveries
    screenings: Screenings
    screening_policies: ScreeningPolicies
    screening_audit: ScreeningAudit
    list_rescreenings: ListRescreenings
    screening_batches: ScreeningBatches
    screening_cases: ScreeningCases
    screening_case_pages: ScreeningCasePages
    certifications: Certifications
    clearances: Clearances
    party_facts: PartyFacts
    sold_lines: SoldLines
    idempotency: IdempotencyKeys
    audit_log: AuditLog
    events: EventLog
    dead_letters: DeadLetters
    holdings: Holdings
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
    webhooks: Webhooks

    @property
    def work(self) -> Signals:
        """Word of commits: who waits for work or for events wakes by it."""
        return self.database.signals


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[Sources]:
    """Every source by the settings, for as long as the block lasts."""
    watchlists = await asyncio.to_thread(Watchlists.load, settings.watchlist_dir, home=settings.watchlists)
    seal = Seal.of(settings)
    async with (
        _open_database(settings) as database,
        _open_salesforce(settings) as salesforce,
        _open_webhooks(settings, database, seal) as webhooks,
    ):
        patience = settings.salesforce_live_timeout
        keyring = LicenseKeyring.of(settings)
        yield Sources(
            database=database,
            **_tables(settings, database, seal),
            accounts=Accounts(salesforce, patience=patience),
            opportunities=Opportunities(salesforce, patience=patience),
            cases=SupportCases(salesforce, patience=patience),
            crm_sync=Sync(salesforce),
            watchlists=watchlists,
            license_keys=keyring,
            revocations=Revocations(Licenses(database), keyring),
            postman=postman_of(settings),
            sandbox_postman=inbox_of(settings),
            mail_from=settings.mail_from,
            webhooks=webhooks,
        )


def _tables(settings: Settings, database: Database, seal: Seal) -> dict[str, Any]:
    """The sources that are tables of ours, by their names in `Sources`."""
    return {
        "buckets": Buckets(database),
        "api_clients": ApiClients(database),
        "partners": Partners(database),
        "catalog": Catalog(database),
        "customers": Customers(database),
        "orders": Orders(database),
        "order_pages": OrderPages(database),
        "subscriptions": Subscriptions(database),
        "licenses": Licenses(database),
        "activation_codes": ActivationCodes(database, seal),
        "activations": Activations(database),
        "deliveries": Deliveries(database),
        "screenings": Screenings(database),
        "screening_policies": ScreeningPolicies(database),
        "screening_audit": ScreeningAudit(database),
        "list_rescreenings": ListRescreenings(database),
        "screening_batches": ScreeningBatches(database),
        "screening_cases": ScreeningCases(database),
        "screening_case_pages": ScreeningCasePages(database),
        "certifications": Certifications(database),
        "clearances": Clearances(database),
        "party_facts": PartyFacts(database),
        "sold_lines": SoldLines(database),
        "idempotency": IdempotencyKeys(database),
        "audit_log": AuditLog(database),
        "events": EventLog(database, kept_days=settings.events_kept_days),
        "dead_letters": DeadLetters(database),
        "holdings": Holdings(database),
        "usual_durations": UsualDurations(database),
    }


def _open_database(settings: Settings) -> AbstractAsyncContextManager[Database]:
    named = {Role.WORKER: settings.worker_url, Role.STAFF: settings.staff_url}
    return open_database(
        settings.application_dsn,
        others={role: url.get_secret_value() for role, url in named.items() if url},
        smallest=settings.database_pool_min,
        largest=settings.database_pool_max,
        statement_timeout=settings.database_statement_timeout,
    )


@asynccontextmanager
async def _open_webhooks(settings: Settings, database: Database, seal: Seal) -> AsyncIterator[Webhooks]:
    """What sends webhooks; at the end, tries that are under way may end."""
    rules = UrlRules(loopback=settings.webhook_allow_loopback)
    if rules.loopback:
        _log.warning("WEBHOOKS MAY REACH THIS MACHINE: unset PORTICO_WEBHOOK_ALLOW_LOOPBACK in production")
    sender = WebhookSender(rules, timeout=settings.webhook_timeout)
    lanes = Lanes(settings.webhook_lanes)
    try:
        yield Webhooks(
            endpoints=WebhookEndpoints(database),
            secrets=WebhookSecrets(database, seal),
            deliveries=WebhookDeliveries(database),
            sender=sender,
            lanes=lanes,
        )
    finally:
        await lanes.close()
        sender.close()


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
