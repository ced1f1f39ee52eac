"""Events by month: what was kept for long enough is dropped a month at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE SCHEMA event_months;

COMMENT ON SCHEMA event_months IS
    'The partitions of events. No role but the owner may enter: what protects events protects all of them.'
"""

MAKE_MONTH = """
CREATE FUNCTION make_event_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', day);
    next date := date_trunc('month', day) + interval '1 month';
    month text := format('event_months.%I', to_char(day, '"y"YYYY"m"MM'));
BEGIN
    IF to_regclass(month) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %s (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', month);
    EXECUTE format(
        'WITH moved AS ('
        '    DELETE FROM event_months.others WHERE occurred_at >= %L AND occurred_at < %L RETURNING *'
        ') INSERT INTO %s SELECT * FROM moved', first, next, month
    );
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', month, first, next);
END $$
"""

KEEP_EVENTS = """
CREATE FUNCTION keep_events(days integer) RETURNS bigint LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    cutoff timestamptz := date_trunc('month', now() - days * interval '1 day');
    gone bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('keep_events'));
    IF days <= 0 THEN
        PERFORM keep_event_months('-infinity');
        RETURN 0;
    END IF;
    UPDATE event_sequences AS s SET expired_through = greatest(s.expired_through, old.last)
    FROM (
        SELECT partner_id, environment, max(sequence) AS last FROM events
        WHERE occurred_at < cutoff GROUP BY partner_id, environment
    ) AS old
    WHERE s.partner_id = old.partner_id AND s.environment = old.environment;
    SELECT count(*) INTO gone FROM events WHERE occurred_at < cutoff;
    PERFORM keep_event_months(cutoff);
    RETURN gone;
END $$
"""

KEEP_EVENT_MONTHS = """
CREATE FUNCTION keep_event_months(cutoff timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month text;
BEGIN
    FOR ahead IN 0..2 LOOP
        PERFORM make_event_month((now() + ahead * interval '1 month')::date);
    END LOOP;
    FOR month IN
        SELECT format('event_months.%I', relname) FROM pg_class
        WHERE relnamespace = 'event_months'::regnamespace AND relkind = 'r' AND relname LIKE 'y____m__'
            AND to_date(relname, '"y"YYYY"m"MM') + interval '1 month' <= cutoff
    LOOP
        EXECUTE format('DROP TABLE %s', month);
    END LOOP;
    DELETE FROM event_months.others WHERE occurred_at < cutoff;
    UPDATE event_retention SET kept_since = greatest(kept_since, cutoff);
END $$
"""

MONTHS_OF_NOW = """
DO $$
BEGIN
    FOR month IN 0..26 LOOP
        PERFORM make_event_month((now() - (24 - month) * interval '1 month')::date);
    END LOOP;
END $$
"""

RIGHTS = """
DO $$
DECLARE
    wanted text;
BEGIN
    REVOKE ALL ON FUNCTION keep_event_months(timestamptz), make_event_month(date) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION keep_event_months(timestamptz) TO portico_worker;
    FOREACH wanted IN ARRAY ARRAY['portico_app', 'portico_worker'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON event_retention FROM %I', wanted);
        END IF;
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.add_column(
        "event_sequences",
        sa.Column("expired_through", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.create_table(
        "event_retention",
        sa.Column("kept_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kept_since", name=op.f("event_retention_pkey")),
    )
    op.execute("INSERT INTO event_retention VALUES ('-infinity')")
    for statement in SCHEMA.split(";"):
        op.execute(statement)
    op.rename_table("events", "events_before")
    op.execute("ALTER TABLE events_before RENAME CONSTRAINT events_pkey TO events_before_pkey")
    op.execute(
        "ALTER TABLE events_before RENAME CONSTRAINT events_partner_id_fkey TO events_before_partner_id_fkey"
    )
    op.create_table(
        "events",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("events_partner_id_fkey")),
        sa.PrimaryKeyConstraint(
            "partner_id", "environment", "sequence", "occurred_at", name=op.f("events_pkey")
        ),
        postgresql_partition_by="RANGE (occurred_at)",
    )
    op.execute("CREATE TABLE event_months.others PARTITION OF events DEFAULT")
    for statement in (MAKE_MONTH, KEEP_EVENT_MONTHS, KEEP_EVENTS, MONTHS_OF_NOW, RIGHTS):
        op.execute(statement)
    op.execute("ALTER TABLE events_before NO FORCE ROW LEVEL SECURITY")  # or its rows would not be seen
    op.execute("INSERT INTO events SELECT * FROM events_before")
    op.drop_table("events_before")
    op.execute("SELECT isolate('events')")
    op.create_index("outbox_dead_idx", "outbox", ["id"], postgresql_where=sa.text("dead_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("outbox_dead_idx", table_name="outbox")
    op.rename_table("events", "events_by_month")
    op.execute("ALTER TABLE events_by_month RENAME CONSTRAINT events_pkey TO events_by_month_pkey")
    op.execute(
        "ALTER TABLE events_by_month"
        " RENAME CONSTRAINT events_partner_id_fkey TO events_by_month_partner_id_fkey"
    )
    op.create_table(
        "events",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("events_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "environment", "sequence", name=op.f("events_pkey")),
    )
    op.execute("ALTER TABLE events_by_month NO FORCE ROW LEVEL SECURITY")
    op.execute("INSERT INTO events SELECT * FROM events_by_month")
    op.execute("DROP TABLE events_by_month")
    op.execute("SELECT isolate('events')")
    op.execute("DROP FUNCTION keep_events, keep_event_months, make_event_month")
    op.execute("DROP SCHEMA event_months CASCADE")
    op.drop_table("event_retention")
    op.drop_column("event_sequences", "expired_through")
