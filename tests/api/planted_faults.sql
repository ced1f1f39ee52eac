-- Faults to plant, one a paragraph, each below the invariant that must find it. Keys and triggers are off.

-- line_net
ALTER TABLE order_lines DROP CONSTRAINT order_lines_net_check;
UPDATE order_lines SET net_amount = net_amount + 0.01 WHERE id IN (SELECT id FROM order_lines LIMIT 1);

-- order_total
UPDATE order_lines SET list_amount = list_amount + 0.01, net_amount = net_amount + 0.01
WHERE id IN (SELECT id FROM order_lines LIMIT 1);

-- order_total
DELETE FROM order_lines WHERE order_id IN (SELECT id FROM orders LIMIT 1);

-- order_status
UPDATE orders SET status = 'FAILED' WHERE status = 'PROVISIONING';

-- order_status
DELETE FROM order_transitions WHERE to_status = 'FULFILLED';

-- order_history
DELETE FROM order_transitions WHERE position = 2 AND order_id IN (SELECT id FROM orders LIMIT 1);

-- order_history
UPDATE order_transitions SET position = 7 WHERE to_status = 'FULFILLED';

-- order_history
UPDATE order_transitions SET to_status = 'DENIED' WHERE to_status = 'FULFILLED';

-- line_status
UPDATE order_lines SET status = 'FAILED' WHERE id IN (SELECT id FROM order_lines LIMIT 1);

-- line_subscription
DELETE FROM subscriptions WHERE id IN (SELECT id FROM subscriptions LIMIT 1);

-- line_subscription
UPDATE order_lines SET subscription_id = NULL WHERE id IN (SELECT order_line_id FROM subscriptions LIMIT 1);

-- line_subscription
UPDATE subscriptions SET order_id = gen_random_uuid() WHERE id IN (SELECT id FROM subscriptions LIMIT 1);

-- subscription_seats
UPDATE subscriptions SET seats = seats + 1 WHERE state = 'ACTIVE';

-- subscription_seats
UPDATE order_lines SET quantity = quantity + 1, remaining_quantity = remaining_quantity + 1
WHERE order_id IN (SELECT id FROM orders WHERE kind = 'SWITCH');

-- subscription_license
DELETE FROM licenses WHERE state = 'ACTIVE';

-- subscription_license
UPDATE licenses SET seats = seats + 1 WHERE state = 'ACTIVE';

-- subscription_license
UPDATE licenses SET expires_on = expires_on - 1 WHERE state = 'ACTIVE';

-- subscription_license
DROP INDEX licenses_current_key;
UPDATE licenses SET state = 'ACTIVE' WHERE state = 'SUPERSEDED';

-- subscription_license
UPDATE subscriptions SET state = 'CANCELED' WHERE state = 'ACTIVE';

-- license_screened
DELETE FROM screenings WHERE order_id IN (SELECT order_id FROM licenses LIMIT 1);

-- license_screened
UPDATE screenings SET decision = 'HOLD';

-- license_screened
UPDATE screenings SET decided_at = decided_at + interval '1 hour';

-- license_withdrawn
UPDATE licenses SET state = 'REVOKED' WHERE state = 'ACTIVE';

-- license_withdrawn
UPDATE licenses SET withdrawn_at = now(), withdrawal = 'ROTATED' WHERE state = 'ACTIVE';

-- delivery_message
DELETE FROM outbox WHERE destination = 'mail';

-- delivery_message
DELETE FROM license_deliveries WHERE status = 'QUEUED';

-- remaining_quantity
UPDATE order_lines SET remaining_quantity = remaining_quantity - 1
WHERE id IN (SELECT id FROM order_lines WHERE remaining_quantity > 0 LIMIT 1);

-- remaining_quantity
UPDATE order_lines SET status = 'CANCELED' WHERE returns_line_id IS NOT NULL;

-- pending_order
UPDATE subscriptions SET pending_order_id = order_id WHERE pending_order_id IS NULL;

-- pending_order
UPDATE subscriptions SET pending_order_id = NULL;

-- event_sequence
DELETE FROM events WHERE sequence = 2;

-- event_sequence
DELETE FROM event_sequences;

-- event_sequence
UPDATE event_sequences SET last = last + 1;

-- order_events
DELETE FROM events WHERE sequence = 1;

-- order_events
UPDATE events SET type = 'order.received' WHERE type = 'order.fulfilled';

-- order_waits_for_worker
DELETE FROM outbox WHERE destination = 'provisioning';

-- message_subject
UPDATE outbox SET key = gen_random_uuid() WHERE id IN (SELECT id FROM outbox LIMIT 1);

-- message_age
UPDATE outbox SET due_at = now() - interval '6 minutes';

-- idempotency_key
DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys LIMIT 1);

-- idempotency_key
INSERT INTO idempotency_keys (partner_id, environment, mutation, key, fingerprint, resource_id)
SELECT partner_id, environment, mutation, key || '2', fingerprint, resource_id FROM idempotency_keys LIMIT 1;

-- idempotency_key
UPDATE idempotency_keys SET resource_id = gen_random_uuid();

-- screening_seal
UPDATE screening_audit SET body = replace(body, '"DENY"', '"HOLD"') WHERE kind = 'decision';

-- screening_seal
UPDATE screening_audit SET actor = 'carl' WHERE actor = 'anna';

-- screening_seal
DELETE FROM screening_audit WHERE sequence = 2;

-- screening_seal
DELETE FROM screening_audit WHERE sequence = 1;

-- screening_chain
DELETE FROM screening_audit WHERE sequence IN (SELECT max(sequence) FROM screening_audit);

-- screening_chain
DELETE FROM screening_audit;

-- screening_recorded
UPDATE screenings SET decision = 'CLEAR' WHERE decision = 'DENY';

-- screening_recorded
DELETE FROM screenings WHERE decision = 'DENY';

-- case_holds_order
UPDATE screening_cases SET state = 'DENIED' WHERE state = 'CLEARED';

-- cleared_by_two
UPDATE screening_cases SET first_officer = closed_by WHERE state = 'CLEARED';

-- cleared_by_two
ALTER TABLE screening_clearances DROP CONSTRAINT screening_clearances_two_people_check;
UPDATE screening_clearances SET confirmed_by = proposed_by;

-- webhook_position
INSERT INTO webhook_endpoints (id, partner_id, environment, url, description, event_types, state, position,
    created_at, updated_at)
SELECT gen_random_uuid(), partner_id, environment, '', '', '{}', 'ENABLED', last + 1, now(), now()
FROM event_sequences LIMIT 1;

-- webhook_waits
INSERT INTO webhook_deliveries (id, partner_id, environment, endpoint_id, event_id, type, subject_id, sequence,
    in_order, state, tries, attempts, created_at)
SELECT gen_random_uuid(), partner_id, environment, gen_random_uuid(), id, type, subject_id, sequence, true, 'WAITING', 1, 1,
    now()
FROM events LIMIT 1;
