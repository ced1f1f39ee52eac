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
    SELECT held.partner_id, held.environment, proof.issued_at, proof.id, 1,
        CASE WHEN proof.order_id = held.order_id THEN 'subscription.created' ELSE 'subscription.changed' END,
        held.id, 'sub_',
        jsonb_build_object(
            'id', 'sub_' || replace(held.id::text, '-', ''),
            'orderId', 'ord_' || replace(held.order_id::text, '-', ''),
            'customerId', 'cus_' || replace(held.customer_id::text, '-', ''),
            'seats', proof.seats,
            'startsOn', held.starts_on,
            'endsOn', proof.expires_on,
            'state', 'ACTIVE'
        )
    FROM subscriptions AS held
    JOIN licenses AS proof ON (proof.partner_id, proof.subscription_id) = (held.partner_id, held.id)
    UNION ALL
    SELECT held.partner_id, held.environment, proof.revoked_at, held.id, 1,
        'subscription.canceled', held.id, 'sub_',
        jsonb_build_object(
            'id', 'sub_' || replace(held.id::text, '-', ''),
            'orderId', 'ord_' || replace(held.order_id::text, '-', ''),
            'customerId', 'cus_' || replace(held.customer_id::text, '-', ''),
            'seats', held.seats,
            'startsOn', held.starts_on,
            'endsOn', held.ends_on,
            'state', held.state
        )
    FROM subscriptions AS held
    JOIN licenses AS proof ON (proof.partner_id, proof.subscription_id) = (held.partner_id, held.id)
    WHERE proof.state = 'REVOKED'
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
    -- a version 7 id of the moment it happened
    (
        lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')
        || '7' || left(md5(type || source), 3) || '8' || substr(md5(type || source), 4, 15)
    )::uuid,
    type, prefix || replace(subject_id::text, '-', ''), at, snapshot
FROM told
"""
"""Takes the decimals of each currency, as a JSON object."""

WRITE_SEQUENCES = """
INSERT INTO event_sequences (partner_id, environment, last)
SELECT partner_id, environment, max(sequence) FROM events GROUP BY partner_id, environment
"""
