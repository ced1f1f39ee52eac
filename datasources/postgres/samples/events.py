"""The event log of the samples, told by the database from what was loaded, in the order in which it happened.

It is written last and by SQL because a partner's sequence runs through all of its customers. Types and
snapshots are those of `commerce.events`.
"""

WRITE_EVENTS = """
WITH told AS (
    SELECT transitions.partner_id, transitions.environment, transitions.at,
        transitions.id AS source,
        CASE transitions.to_status WHEN 'RECEIVED' THEN 0 ELSE 2 END AS rank,
        'order.' || lower(transitions.to_status) AS type,
        orders.id AS subject_id,
        'ord_' AS prefix,
        jsonb_build_object(
            'id', 'ord_' || replace(orders.id::text, '-', ''),
            'kind', orders.kind,
            'status', transitions.to_status,
            'statusReason', transitions.reason,
            'customerId', 'cus_' || replace(orders.customer_id::text, '-', ''),
            'externalOrderReference', orders.external_order_reference,
            'purchaseOrderNumber', orders.purchase_order_number,
            'endCustomerPurchaseOrderNumber', orders.end_customer_purchase_order_number,
            'total', jsonb_build_object(
                'amount', round(orders.total, ($1::jsonb ->> orders.currency)::int)::text,
                'currency', orders.currency
            ),
            'placedAt', orders.placed_at,
            'fulfilledAt', CASE transitions.to_status WHEN 'FULFILLED' THEN transitions.at END
        ) AS snapshot
    FROM order_transitions AS transitions
    JOIN orders ON orders.partner_id = transitions.partner_id AND orders.id = transitions.order_id
    WHERE transitions.to_status <> 'SCREENING'
    UNION ALL
    SELECT partner_id, environment, decided_at, id, 1,
        CASE decision
            WHEN 'CLEAR' THEN 'screening.cleared' WHEN 'HOLD' THEN 'screening.held' ELSE 'screening.denied'
        END,
        id, 'scr_',
        jsonb_build_object(
            'id', 'scr_' || replace(id::text, '-', ''),
            'orderId', 'ord_' || replace(order_id::text, '-', ''),
            'decision', decision,
            'messages', to_jsonb(partner_words),
            'decidedAt', decided_at
        )
    FROM screenings
    UNION ALL
    SELECT held.partner_id, held.environment, proof.issued_at, proof.id, 3,
        CASE WHEN proof.order_id = held.order_id THEN 'subscription.created' ELSE 'subscription.changed' END,
        held.id, 'sub_',
        jsonb_build_object(
            'id', 'sub_' || replace(held.id::text, '-', ''),
            'orderId', 'ord_' || replace(held.order_id::text, '-', ''),
            'customerId', 'cus_' || replace(held.customer_id::text, '-', ''),
            'skuId', 'sku_' || replace(held.sku_id::text, '-', ''),
            'seats', proof.seats,
            'startsOn', held.starts_on,
            'endsOn', proof.expires_on,
            'autoRenew', held.auto_renew,
            'state', 'ACTIVE'
        )
    FROM subscriptions AS held
    JOIN licenses AS proof ON (proof.partner_id, proof.subscription_id) = (held.partner_id, held.id)
    UNION ALL
    SELECT held.partner_id, held.environment, proof.revoked_at, held.id, 3,
        'subscription.canceled', held.id, 'sub_',
        jsonb_build_object(
            'id', 'sub_' || replace(held.id::text, '-', ''),
            'orderId', 'ord_' || replace(held.order_id::text, '-', ''),
            'customerId', 'cus_' || replace(held.customer_id::text, '-', ''),
            'skuId', 'sku_' || replace(held.sku_id::text, '-', ''),
            'seats', held.seats,
            'startsOn', held.starts_on,
            'endsOn', held.ends_on,
            'autoRenew', held.auto_renew,
            'state', held.state
        )
    FROM subscriptions AS held
    JOIN licenses AS proof ON (proof.partner_id, proof.subscription_id) = (held.partner_id, held.id)
    WHERE proof.state = 'REVOKED'
    UNION ALL
    SELECT proof.partner_id, proof.environment, change.at, proof.id, change.rank, change.type,
        proof.id, 'lic_',
        jsonb_build_object(
            'id', 'lic_' || replace(proof.id::text, '-', ''),
            'orderId', 'ord_' || replace(proof.order_id::text, '-', ''),
            'subscriptionId', 'sub_' || replace(proof.subscription_id::text, '-', ''),
            'customerId', 'cus_' || replace(proof.customer_id::text, '-', ''),
            'skuCode', proof.sku_code,
            'seats', proof.seats,
            'startsOn', proof.starts_on,
            'expiresOn', proof.expires_on,
            'state', change.state,
            'supersededBy', CASE change.state
                WHEN 'SUPERSEDED' THEN 'lic_' || replace(proof.superseded_by::text, '-', '')
            END
        )
    FROM licenses AS proof
    LEFT JOIN licenses AS newer
        ON newer.partner_id = proof.partner_id AND newer.id = proof.superseded_by
    CROSS JOIN LATERAL (
        VALUES (proof.issued_at, 5, 'license.issued', 'ACTIVE'),
            (newer.issued_at, 4, 'license.superseded', 'SUPERSEDED'),
            (CASE proof.state WHEN 'REVOKED' THEN proof.revoked_at END, 4, 'license.revoked', 'REVOKED')
    ) AS change (at, rank, type, state)
    WHERE change.at IS NOT NULL
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
