"""What orders leave behind besides their rows: the keys that placed them, and what the worker has to do yet.

Told by the database from what was loaded, as the event log is. A key's fingerprint is that of no input: a key
of the samples placed its order once and for all.
"""

WRITE_KEYS = """
INSERT INTO idempotency_keys (partner_id, environment, mutation, key, fingerprint, resource_id)
SELECT partner_id, environment, 'placeOrder', 'sample-' || id, sha256(id::text::bytea), id FROM orders
"""

WRITE_NUMBERS = """
INSERT INTO purchase_order_numbers (partner_id, environment, number, order_id)
SELECT DISTINCT ON (partner_id, environment, purchase_order_number)
    partner_id, environment, purchase_order_number, id
FROM orders
WHERE purchase_order_number IS NOT NULL
ORDER BY partner_id, environment, purchase_order_number, placed_at, id
"""

WRITE_MESSAGES = """
INSERT INTO outbox (partner_id, environment, destination, key, payload, due_at)
SELECT partner_id, environment, 'provisioning', id,
    jsonb_build_object('order', 'ord_' || replace(id::text, '-', '')),
    coalesce(starts_on::timestamp AT TIME ZONE 'UTC', placed_at)
FROM orders
WHERE status IN ('SCHEDULED', 'PROVISIONING')
"""
