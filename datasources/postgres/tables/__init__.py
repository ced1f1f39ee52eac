"""Every table of Portico, one module a topic."""

from datasources.postgres.tables.audit import audit_log
from datasources.postgres.tables.buckets import buckets
from datasources.postgres.tables.catalog import (
    partner_price_books,
    price_book_entries,
    price_books,
    products,
    skus,
)
from datasources.postgres.tables.columns import metadata
from datasources.postgres.tables.customers import contacts, customers
from datasources.postgres.tables.events import event_retention, event_sequences, events, outbox
from datasources.postgres.tables.licenses import (
    activation_codes,
    license_activations,
    license_deliveries,
    licenses,
    subscriptions,
)
from datasources.postgres.tables.orders import (
    idempotency_keys,
    order_lines,
    order_status_transitions,
    order_transitions,
    orders,
    purchase_order_numbers,
    usual_durations,
)
from datasources.postgres.tables.partners import (
    api_clients,
    client_keys,
    client_secrets,
    partners,
    used_assertions,
)
from datasources.postgres.tables.screening import screening_matches, screenings
from datasources.postgres.tables.screening_review import (
    party_facts,
    screening_audit,
    screening_batch_parties,
    screening_batches,
    screening_case_orders,
    screening_cases,
    screening_chains,
    screening_clearances,
    screening_policies,
)
from datasources.postgres.tables.watchlists import list_rescreenings
from datasources.postgres.tables.webhooks import (
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_secrets,
)

__all__ = [
    "activation_codes",
    "api_clients",
    "audit_log",
    "buckets",
    "client_keys",
    "client_secrets",
    "contacts",
    "customers",
    "event_retention",
    "event_sequences",
    "events",
    "idempotency_keys",
    "license_activations",
    "license_deliveries",
    "licenses",
    "list_rescreenings",
    "metadata",
    "order_lines",
    "order_status_transitions",
    "order_transitions",
    "orders",
    "outbox",
    "partner_price_books",
    "partners",
    "party_facts",
    "price_book_entries",
    "price_books",
    "products",
    "purchase_order_numbers",
    "screening_audit",
    "screening_batch_parties",
    "screening_batches",
    "screening_case_orders",
    "screening_cases",
    "screening_chains",
    "screening_clearances",
    "screening_matches",
    "screening_policies",
    "screenings",
    "skus",
    "subscriptions",
    "used_assertions",
    "usual_durations",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_secrets",
]
