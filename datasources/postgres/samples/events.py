"""The event log of the samples, told by the database from what was loaded, in the order in which it happened.

It is written last and by SQL because a partner's sequence runs through all of its customers. Types and
snapshots are those of `commerce.events`.
"""

WRITE_EVENTS = """
WITH told AS (
    SELECT transitions.partner_id, transitions.environment, transitions.at,
        transitions.id AS source, 0 AS rank,
        'order.' || lower(transitions.to_status) AS type,
        orders.id AS subject_id,
        'ord_' AS prefix,
        jsonb_build_object(
            'id', 'ord_' || replace(orders.id::text, '-', ''),
            'kind', orders.kind,
            'status', transitions.to_status,
            'customerId', 'cus_' || replace(orders.customer_id::text, '-', ''),
            'externalOrderReference', orders.external_order_reference,
            'purchaseOrderNumber', orders.purchase_order_number,
            'total', jsonb_build_object(
                'amount', round(orders.total, ($1::jsonb ->> orders.currency)::int)::text,
                'currency', orders.currency
            ),
            'placedAt', orders.placed_at
        ) AS snapshot
    FROM order_transitions AS transitions
    JOIN orders ON orders.partner_id = transitions.partner_id AND orders.id = transitions.order_id
    WHERE transitions.to_status <> 'SCREENING'
    UNION ALL
    SELECT subscriptions.partner_id, subscriptions.environment, created_at, subscriptions.id, 1,
        'subscription.created', subscriptions.id, 'sub_',
        jsonb_build_object(
            'id', 'sub_' || replace(subscriptions.id::text, '-', ''),
            'orderId', 'ord_' || replace(subscriptions.order_id::text, '-', ''),
            'customerId', 'cus_' || replace(subscriptions.customer_id::text, '-', ''),
            'seats', first.seats,
            'startsOn', first.starts_on,
            'endsOn', first.expires_on,
            'state', 'ACTIVE'
        )
    FROM subscriptions
    JOIN licenses AS first
        ON first.partner_id = subscriptions.partner_id
        AND first.subscription_id = subscriptions.id
        AND first.order_id = subscriptions.order_id
    UNION ALL
    SELECT partner_id, environment, issued_at, id, 2, 'license.issued', subscription_id, 'sub_',
        jsonb_build_object(
            'id', 'lic_' || replace(id::text, '-', ''),
            'orderId', 'ord_' || replace(order_id::text, '-', ''),
            'subscriptionId', 'sub_' || replace(subscription_id::text, '-', ''),
            'customerId', 'cus_' || replace(customer_id::text, '-', ''),
            'seats', seats,
            'startsOn', starts_on,
            'expiresOn', expires_on,
            'state', 'ACTIVE'
        )
    FROM licenses
)
INSERT INTO events (partner_id, environment, sequence, id, type, subject_id, occurred_at, snapshot)
SELECT partner_id, environment,
    row_number() OVER (PARTITION BY partner_id, environment ORDER BY at, rank, source),
    -- a version 7 id of the same millisecond as its source, with a tail of its own
    (left(source::text, 24) || left(md5(source::text), 12))::uuid,
    type, prefix || replace(subject_id::text, '-', ''), at, snapshot
FROM told
"""
"""Takes the decimals of each currency, as a JSON object."""

WRITE_SEQUENCES = """
INSERT INTO event_sequences (partner_id, environment, last)
SELECT partner_id, environment, max(sequence) FROM events GROUP BY partner_id, environment
"""
