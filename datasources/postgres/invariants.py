"""What is always true of the rows, whatever happened: each with the query that finds what breaks it.

`./portico doctor` runs them on any database, the tests after races and kills. They are plain SQL on purpose:
a fault of the code that writes the rows must not hide in the code that checks them.
"""
# ruff: noqa: S608  the texts are made of words of ours

from collections.abc import Iterable
from dataclasses import dataclass

from commerce.order_progress import SUBSCRIPTION_ENDED
from commerce.orders import TRANSITIONS, OrderStatus
from commerce.screening_policies import BLOCKED_KINDS
from datasources.postgres.screening_audit import LINE


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds at every commit. `offenders` selects the `id` of each row that breaks it."""

    name: str
    sentence: str
    offenders: str


def _id(prefix: str, column: str) -> str:
    """A uuid as callers know it."""
    return f"'{prefix}_' || encode(uuid_send({column}), 'hex')"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


def _moves() -> str:
    """The table of transitions as rows; nothing is '' here."""
    return ", ".join(
        f"('{before or ''}', '{after}')" for before, some in TRANSITIONS.items() for after in some
    )


_S = OrderStatus
_OPEN = _words({_S.RECEIVED, _S.SCREENING, _S.ON_HOLD, _S.AWAITING_PARTNER, _S.SCHEDULED, _S.PROVISIONING})
_UNFINISHED = f"{_OPEN}, {_words({_S.FAILED, _S.PARTIALLY_FULFILLED})}"
_UNDONE = _words({_S.CANCELED, _S.DENIED})
"""A return that came to this gave back what it had taken."""

_HELD_KINDS = _words(BLOCKED_KINDS)
_TOLD = _words(f"order.{status.lower()}" for status in _S if status is not _S.SCREENING)

INVARIANTS = (
    Invariant(
        "line_net",
        "A line costs its list price less its discount and credit.",
        f"""SELECT {_id("oli", "id")} AS id FROM order_lines
            WHERE net_amount <> list_amount - discount_amount - credit_amount""",
    ),
    Invariant(
        "order_total",
        "An order's totals are the sums of its lines, and it has lines.",
        f"""SELECT {_id("ord", "o.id")} AS id
            FROM orders AS o LEFT JOIN (
                SELECT partner_id, order_id, sum(list_amount) AS list, sum(discount_amount) AS discount,
                    sum(credit_amount) AS credit, sum(net_amount) AS net
                FROM order_lines GROUP BY partner_id, order_id
            ) AS lines ON lines.partner_id = o.partner_id AND lines.order_id = o.id
            WHERE (o.list_total, o.discount_total, o.credit_total, o.total)
                IS DISTINCT FROM (lines.list, lines.discount, lines.credit, lines.net)""",
    ),
    Invariant(
        "order_status",
        "An order stands where its last transition left it.",
        f"""SELECT {_id("ord", "o.id")} AS id
            FROM orders AS o LEFT JOIN (
                SELECT DISTINCT ON (partner_id, order_id) partner_id, order_id, to_status
                FROM order_transitions ORDER BY partner_id, order_id, position DESC
            ) AS last ON last.partner_id = o.partner_id AND last.order_id = o.id
            WHERE o.status IS DISTINCT FROM last.to_status""",
    ),
    Invariant(
        "order_history",
        "Transitions are numbered from 1 without a gap, each goes on from the one before, all are legal.",
        f"""SELECT DISTINCT {_id("ord", "order_id")} AS id
            FROM (
                SELECT order_id, position, from_status, to_status,
                    row_number() OVER history AS expected, lag(to_status) OVER history AS before
                FROM order_transitions WINDOW history AS (PARTITION BY partner_id, order_id ORDER BY position)
            ) AS step
            WHERE position <> expected OR from_status IS DISTINCT FROM before
                OR (coalesce(from_status, ''), to_status) NOT IN (VALUES {_moves()})""",
    ),
    Invariant(
        "line_status",
        "Lines stand where their order stands, unless it is fulfilled in part.",
        f"""SELECT {_id("oli", "l.id")} AS id
            FROM order_lines AS l JOIN orders AS o ON o.partner_id = l.partner_id AND o.id = l.order_id
            WHERE l.status <> o.status AND o.status <> '{_S.PARTIALLY_FULFILLED}'""",
    ),
    Invariant(
        "line_subscription",
        "A line of a NEW order has its one subscription once it is fulfilled, and not before; no other has.",
        f"""SELECT {_id("oli", "l.id")} AS id
            FROM order_lines AS l JOIN orders AS o ON o.partner_id = l.partner_id AND o.id = l.order_id
            LEFT JOIN subscriptions AS s ON s.partner_id = l.partner_id AND s.order_line_id = l.id
            WHERE (o.kind = 'NEW' AND l.status = '{_S.FULFILLED}') <> (s.id IS NOT NULL)
                OR s.order_id <> o.id OR (s.id IS NOT NULL AND l.subscription_id IS DISTINCT FROM s.id)
                OR (o.kind <> 'NEW' AND l.subscription_id IS NULL)""",
    ),
    Invariant(
        "subscription_seats",
        "A subscription holds the seats that its fulfilled lines add up to.",
        f"""WITH fulfilled AS (
                SELECT l.partner_id, l.subscription_id, l.quantity, o.kind, sold.id AS sold_id,
                    sold.remaining_quantity = 0 AND sold_order.kind = 'RENEWAL' AS undoes_renewal,
                    row_number() OVER (
                        PARTITION BY l.partner_id, l.subscription_id ORDER BY o.fulfilled_at, l.id
                    ) AS place
                FROM order_lines AS l JOIN orders AS o ON o.partner_id = l.partner_id AND o.id = l.order_id
                LEFT JOIN order_lines AS sold
                    ON sold.partner_id = l.partner_id AND sold.id = l.returns_line_id
                LEFT JOIN orders AS sold_order
                    ON sold_order.partner_id = sold.partner_id AND sold_order.id = sold.order_id
                WHERE l.status = '{_S.FULFILLED}' AND l.subscription_id IS NOT NULL
            ), base AS (
                SELECT DISTINCT ON (partner_id, subscription_id) * FROM fulfilled
                WHERE kind IN ('NEW', 'RENEWAL', 'SWITCH') ORDER BY partner_id, subscription_id, place DESC
            ), summed AS (
                SELECT b.partner_id, b.subscription_id, b.quantity + coalesce(sum(
                        CASE f.kind WHEN 'ADD_SEATS' THEN f.quantity WHEN 'RETURN' THEN -f.quantity END
                    ), 0) AS seats, coalesce(bool_or(f.undoes_renewal), false) AS undoes_renewal
                FROM base AS b LEFT JOIN fulfilled AS f
                    ON f.partner_id = b.partner_id AND f.subscription_id = b.subscription_id
                    AND f.place > b.place
                GROUP BY b.partner_id, b.subscription_id, b.quantity
            )
            SELECT {_id("sub", "s.id")} AS id
            FROM subscriptions AS s
            LEFT JOIN summed ON summed.partner_id = s.partner_id AND summed.subscription_id = s.id
            WHERE summed.seats IS NULL OR (s.seats <> summed.seats AND NOT summed.undoes_renewal)""",
    ),
    Invariant(
        "subscription_license",
        "An active subscription has one current licence, unless its newest was revoked; its newest whole one "
        "has its seats and end; a canceled one has none.",
        f"""SELECT {_id("sub", "s.id")} AS id
            FROM subscriptions AS s LEFT JOIN LATERAL (
                SELECT count(*) FILTER (WHERE l.state IN ('ACTIVE', 'SUSPENDED')) AS current,
                    count(*) FILTER (WHERE l.state IN ('ACTIVE', 'SUSPENDED', 'SCHEDULED')) AS any_current,
                    (array_agg(l.state ORDER BY l.id DESC))[1] = 'REVOKED' AS is_revoked,
                    (array_agg(l.expires_on ORDER BY l.id DESC) FILTER (WHERE l.kind = 'FULL'))[1]
                        AS expires_on,
                    (array_agg(l.seats ORDER BY l.id DESC) FILTER (WHERE l.kind = 'FULL'))[1] AS seats
                FROM licenses AS l
                WHERE l.partner_id = s.partner_id AND l.subscription_id = s.id
            ) AS held ON true
            WHERE s.state = 'ACTIVE' AND (
                    (held.seats, held.expires_on) IS DISTINCT FROM (s.seats, s.ends_on)
                    OR held.current <> 1 AND NOT (held.current = 0 AND held.is_revoked)
                )
                OR s.state = 'CANCELED' AND held.any_current > 0""",
    ),
    Invariant(
        "license_screened",
        "No licence is without an earlier screening that let its order go on, or an officer who did.",
        f"""SELECT {_id("lic", "l.id")} AS id
            FROM licenses AS l JOIN orders AS o ON o.partner_id = l.partner_id AND o.id = l.order_id
            WHERE NOT EXISTS (
                SELECT FROM screenings AS s
                WHERE s.partner_id = l.partner_id AND s.order_id = l.order_id
                    AND s.decided_at <= l.issued_at
                    AND (s.decision = 'CLEAR' OR s.decision = 'HOLD' AND o.kind NOT IN ({_HELD_KINDS}))
            ) AND NOT EXISTS (
                SELECT FROM order_transitions AS t
                WHERE t.partner_id = l.partner_id AND t.order_id = l.order_id AND t.at <= l.issued_at
                    AND t.actor = 'STAFF' AND t.from_status IN ('{_S.ON_HOLD}', '{_S.DENIED}')
                    AND t.to_status IN ('{_S.PROVISIONING}', '{_S.SCHEDULED}')
            )""",
    ),
    Invariant(
        "license_withdrawn",
        "A licence that was revoked or is suspended is on the revocation list, and no current one besides.",
        f"""SELECT {_id("lic", "id")} AS id FROM licenses
            WHERE (state IN ('REVOKED', 'SUSPENDED')) <> (withdrawn_at IS NOT NULL)
                AND state <> 'SUPERSEDED' AND state <> 'EXPIRED'""",
    ),
    Invariant(
        "delivery_message",
        "A delivery that is queued has its message to the mail server, and each message its delivery.",
        f"""SELECT {_id("dlv", "d.id")} AS id
            FROM (SELECT * FROM license_deliveries WHERE status = 'QUEUED') AS d
            LEFT JOIN outbox AS m ON m.partner_id = d.partner_id AND m.key = d.id AND m.destination = 'mail'
            WHERE m.id IS NULL
            UNION ALL
            SELECT {_id("dlv", "m.key")}
            FROM outbox AS m LEFT JOIN license_deliveries AS d ON d.partner_id = m.partner_id AND d.id = m.key
            WHERE m.destination = 'mail' AND d.id IS NULL""",
    ),
    Invariant(
        "remaining_quantity",
        "What remains of a line is what was sold less what returns have taken, open ones included.",
        f"""SELECT {_id("oli", "sold.id")} AS id
            FROM order_lines AS sold LEFT JOIN order_lines AS returned
                ON returned.partner_id = sold.partner_id AND returned.returns_line_id = sold.id
                AND returned.status NOT IN ({_UNDONE})
                AND returned.reason IS DISTINCT FROM '{SUBSCRIPTION_ENDED}'
            GROUP BY sold.partner_id, sold.id
            HAVING sold.remaining_quantity <> sold.quantity - coalesce(sum(returned.quantity), 0)""",
    ),
    Invariant(
        "pending_order",
        "An open order that changes a subscription is the one that the subscription waits for.",
        f"""SELECT {_id("sub", "s.id")} AS id
            FROM subscriptions AS s LEFT JOIN orders AS o
                ON o.partner_id = s.partner_id AND o.id = s.pending_order_id AND o.status IN ({_UNFINISHED})
            WHERE s.pending_order_id IS NOT NULL AND o.id IS NULL
            UNION ALL
            SELECT {_id("ord", "o.id")}
            FROM orders AS o JOIN order_lines AS l ON l.partner_id = o.partner_id AND l.order_id = o.id
            JOIN subscriptions AS s ON s.partner_id = l.partner_id AND s.id = l.subscription_id
            WHERE o.kind <> 'NEW' AND o.status IN ({_OPEN}) AND s.pending_order_id IS DISTINCT FROM o.id""",
    ),
    Invariant(
        "event_sequence",
        "The events of a partner are numbered without a gap, behind what is kept no longer and up to the "
        "number taken last.",
        f"""SELECT {_id("par", "coalesce(numbers.partner_id, q.partner_id)")} AS id
            FROM (
                SELECT partner_id, environment,
                    min(sequence) AS first, max(sequence) AS last, count(*) AS count
                FROM events LEFT JOIN event_sequences AS own USING (partner_id, environment)
                WHERE sequence > coalesce(own.expired_through, 0)
                GROUP BY partner_id, environment
            ) AS numbers FULL JOIN event_sequences AS q
                ON q.partner_id = numbers.partner_id AND q.environment = numbers.environment
            WHERE CASE WHEN numbers.count IS NULL THEN q.last <> q.expired_through
                ELSE (numbers.first, numbers.last, numbers.count)
                    IS DISTINCT FROM (q.expired_through + 1, q.last, q.last - q.expired_through)
                END""",
    ),
    Invariant(
        "order_events",
        "Each move of an order, but that to screening, is told by exactly one event.",
        f"""SELECT DISTINCT coalesce(moved.order_id, told.order_id) AS id
            FROM (
                SELECT {_id("ord", "order_id")} AS order_id, 'order.' || lower(to_status) AS type,
                    count(*) AS count
                FROM order_transitions
                WHERE to_status <> '{_S.SCREENING}' AND at >= (SELECT kept_since FROM event_retention)
                GROUP BY order_id, to_status
            ) AS moved FULL JOIN (
                SELECT subject_id AS order_id, type, count(*) AS count FROM events
                WHERE type IN ({_TOLD}) AND occurred_at >= (SELECT kept_since FROM event_retention)
                GROUP BY subject_id, type
            ) AS told ON told.order_id = moved.order_id AND told.type = moved.type
            WHERE moved.count IS DISTINCT FROM told.count""",
    ),
    Invariant(
        "order_waits_for_worker",
        "An order that is being provisioned, or waits for its day, has its message to the worker.",
        f"""SELECT {_id("ord", "o.id")} AS id
            FROM orders AS o
            WHERE o.status IN ('{_S.PROVISIONING}', '{_S.SCHEDULED}') AND NOT EXISTS (
                SELECT FROM outbox AS m
                WHERE m.partner_id = o.partner_id AND m.key = o.id AND m.destination = 'provisioning'
            )""",
    ),
    Invariant(
        "message_subject",
        "A message to the worker or to Salesforce is about an order that exists.",
        """SELECT 'outbox ' || m.id AS id
           FROM outbox AS m LEFT JOIN orders AS o ON o.partner_id = m.partner_id AND o.id = m.key
           WHERE m.destination IN ('provisioning', 'salesforce') AND o.id IS NULL""",
    ),
    Invariant(
        "message_age",
        "No message has been due for more than five minutes.",
        """SELECT 'outbox ' || id AS id FROM outbox
           WHERE dead_at IS NULL AND due_at < now() - interval '5 minutes'""",
    ),
    Invariant(
        "idempotency_key",
        "Each order was placed under exactly one key, and each key placed an order.",
        f"""SELECT {_id("ord", "coalesce(o.id, k.resource_id)")} AS id
            FROM orders AS o FULL JOIN (
                SELECT * FROM idempotency_keys WHERE mutation = 'placeOrder'
            ) AS k ON k.partner_id = o.partner_id AND k.environment = o.environment AND k.resource_id = o.id
            GROUP BY o.id, k.resource_id
            HAVING count(o.id) <> 1 OR count(k.resource_id) <> 1""",
    ),
    Invariant(
        "screening_seal",
        "Each record of the screening trail carries the hash over itself and all before it, without a gap.",
        f"""SELECT {_id("par", "partner_id")} || ' record ' || sequence AS id
            FROM (
                SELECT r.*, coalesce(lag(r.sequence) OVER chain, c.purged) AS place_before,
                    coalesce(lag(r.hash) OVER chain,
                        CASE WHEN c.purged = 0 THEN decode(repeat('00', 32), 'hex') ELSE c.purged_hash END
                    ) AS hash_before
                FROM screening_audit AS r LEFT JOIN screening_chains AS c
                    ON c.partner_id = r.partner_id AND c.environment = r.environment
                WINDOW chain AS (PARTITION BY r.partner_id, r.environment ORDER BY r.sequence)
            ) AS record
            WHERE sequence IS DISTINCT FROM place_before + 1
                OR hash IS DISTINCT FROM sha256(hash_before || sha256(convert_to({LINE}, 'UTF8')))""",
    ),
    Invariant(
        "screening_chain",
        "A chain ends with its last record: none was cut off its end.",
        f"""SELECT {_id("par", "coalesce(c.partner_id, r.partner_id)")} AS id
            FROM screening_chains AS c FULL JOIN (
                SELECT DISTINCT ON (partner_id, environment) partner_id, environment, sequence, hash
                FROM screening_audit ORDER BY partner_id, environment, sequence DESC
            ) AS r ON r.partner_id = c.partner_id AND r.environment = c.environment
            WHERE (coalesce(r.sequence, c.purged), coalesce(r.hash, c.purged_hash))
                IS DISTINCT FROM (c.last, c.hash)""",
    ),
    Invariant(
        "screening_recorded",
        "Each decision that was recorded stands in the trail as it stands in its row.",
        f"""SELECT r.subject_id AS id
            FROM screening_audit AS r LEFT JOIN screenings AS s
                ON s.partner_id = r.partner_id AND {_id("scr", "s.id")} = r.subject_id
            WHERE r.kind IN ('decision', 'ruling') AND s.decision IS DISTINCT FROM
                CASE r.kind WHEN 'decision' THEN r.body::jsonb #>> '{{outcome,decision}}'
                    ELSE r.body::jsonb #>> '{{ruling,decision}}' END""",
    ),
    Invariant(
        "case_holds_order",
        "No order goes on while a case that it waits for is open or denied.",
        f"""SELECT {_id("ord", "o.id")} AS id
            FROM screening_case_orders AS w
            JOIN screening_cases AS c ON c.partner_id = w.partner_id AND c.id = w.case_id
            JOIN orders AS o ON o.partner_id = w.partner_id AND o.id = w.order_id
            WHERE c.state <> 'CLEARED' AND o.kind IN ({_HELD_KINDS})
                AND o.status IN ('{_S.SCHEDULED}', '{_S.PROVISIONING}')""",
    ),
    Invariant(
        "cleared_by_two",
        "What was denied was cleared by two officers, and what is on the cleared list has two names on it.",
        f"""SELECT {_id("cas", "id")} AS id FROM screening_cases
            WHERE state = 'CLEARED' AND decision = 'DENY' AND closed_by <> 'SYSTEM'
                AND (first_officer IS NULL OR first_officer = closed_by)
            UNION ALL
            SELECT {_id("clr", "id")} FROM screening_clearances
            WHERE confirmed_at IS NOT NULL AND confirmed_by IS NOT DISTINCT FROM proposed_by""",
    ),
    Invariant(
        "webhook_position",
        "No webhook endpoint has read further than its partner's feed goes.",
        f"""SELECT {_id("whe", "e.id")} AS id FROM webhook_endpoints AS e LEFT JOIN event_sequences AS s
                ON s.partner_id = e.partner_id AND s.environment = e.environment
            WHERE e.position > coalesce(s.last, 0)""",
    ),
    Invariant(
        "webhook_waits",
        "A webhook that waits has a time for its next try, or an earlier one of its subject waits as well.",
        f"""SELECT {_id("whd", "d.id")} AS id FROM webhook_deliveries AS d
            WHERE d.state = 'WAITING' AND d.next_try_at IS NULL AND NOT EXISTS (
                SELECT FROM webhook_deliveries AS earlier
                WHERE earlier.partner_id = d.partner_id AND earlier.endpoint_id = d.endpoint_id
                    AND earlier.subject_id = d.subject_id AND earlier.sequence < d.sequence
                    AND earlier.state = 'WAITING' AND earlier.in_order
            )""",
    ),
)
