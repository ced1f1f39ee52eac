"""The event log of the samples, told by the database from what was loaded, in the order in which it happened.

It is written last and by SQL because a partner's sequence runs through all of its customers.
"""

WRITE_EVENTS = """
WITH told AS (
    SELECT transitions.partner_id, transitions.environment, transitions.at, transitions.id AS source,
        'order.' || lower(transitions.to_status) AS type,
        'ord_' || replace(orders.id::text, '-', '') AS subject_id,
        jsonb_build_object(
            'id', 'ord_' || replace(orders.id::text, '-', ''),
            'kind', orders.kind,
            'status', transitions.to_status,
            'customerId', 'cus_' || replace(orders.customer_id::text, '-', ''),
            'externalOrderReference', orders.external_order_reference,
            'purchaseOrderNumber', orders.purchase_order_number,
            'total', jsonb_build_object('amount', orders.total::text, 'currency', orders.currency),
            'placedAt', orders.placed_at
        ) AS snapshot
    FROM order_transitions AS transitions
    JOIN orders ON orders.partner_id = transitions.partner_id AND orders.id = transitions.order_id
    WHERE transitions.to_status NOT IN ('SCREENING', 'PROVISIONING')
    UNION ALL
    SELECT partner_id, environment, issued_at, id, 'license.issued',
        'lic_' || replace(id::text, '-', ''),
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
    row_number() OVER (PARTITION BY partner_id, environment ORDER BY at, source),
    -- a version 7 id of the same millisecond as its source, with a tail of its own
    (left(source::text, 24) || left(md5(source::text), 12))::uuid,
    type, subject_id, at, snapshot
FROM told
"""

WRITE_SEQUENCES = """
INSERT INTO event_sequences (partner_id, environment, last)
SELECT partner_id, environment, max(sequence) FROM events GROUP BY partner_id, environment
"""
