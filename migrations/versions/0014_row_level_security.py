"""Row-level security: PostgreSQL shows each partner its own rows, whatever the code asks for."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROLES = """
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['portico_worker', 'portico_staff', 'portico_reporter'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', wanted);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the roles portico_worker, portico_staff and portico_reporter are missing'
        USING HINT = 'docs/operators.md, "Your own", has the statements that make them.';
END $$
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portico_worker;

GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portico_worker;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO portico_staff;

REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM portico_worker;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portico_worker;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portico_worker;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO portico_staff
"""

SCOPE = """
CREATE FUNCTION current_partner() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('app.partner', true), '')::uuid;

CREATE FUNCTION current_environment() RETURNS text LANGUAGE sql STABLE
    RETURN current_setting('app.environment', true);

CREATE FUNCTION enter_scope(partner uuid, environment text) RETURNS boolean
    LANGUAGE plpgsql STABLE COST 0.001 AS $$
BEGIN
    PERFORM set_config('app.partner', partner::text, true);
    PERFORM set_config('app.environment', environment, true);
    RETURN true;
END $$;

COMMENT ON FUNCTION enter_scope IS
    'Called in the WHERE of a read outside a transaction. It mentions no column and is declared STABLE, so'
    ' that it is a one-time filter, which runs before any table is touched: were it ever to run later, the'
    ' policies would see no scope and show no rows.'
"""

ISOLATE = """
CREATE FUNCTION isolate(tenants regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own text := 'partner_id = current_partner()';
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = tenants AND attname = 'environment') THEN
        own := own || ' AND environment = current_environment()';
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenants);
    EXECUTE format('CREATE POLICY own ON %s USING (%s) WITH CHECK (%s)', tenants, own, own);
    PERFORM open_to_our_own(tenants);
END $$;

COMMENT ON FUNCTION isolate IS
    'For every new table with a partner_id: a partner reaches its own rows, and no owner is above that.';

CREATE FUNCTION open_to_our_own(tenants regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY worker ON %s TO portico_worker USING (true) WITH CHECK (true)', tenants);
    EXECUTE format('CREATE POLICY staff ON %s FOR SELECT TO portico_staff USING (true)', tenants);
    EXECUTE format('CREATE POLICY reporter ON %s FOR SELECT TO portico_reporter USING (true)', tenants);
END $$
"""

READ_ONLY = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON partners, partner_price_books, price_books, price_book_entries,
            products, skus, usual_durations, order_status_transitions FROM portico_app;
    END IF;
END $$
"""

PARTNERS = """
ALTER TABLE partners ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON partners FOR SELECT USING (id = current_partner() OR parent_id = current_partner());

SELECT open_to_our_own('partners')
"""

TENANTS = """
SELECT isolate(c.oid) FROM pg_class AS c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attname = 'partner_id' AND NOT a.attisdropped)
"""

REPORTS = """
CREATE SCHEMA reporting;

GRANT USAGE ON SCHEMA reporting TO portico_reporter;

CREATE VIEW reporting.orders WITH (security_invoker = on) AS
    SELECT id, partner_id, environment, kind, status, status_since, customer_id, trading_partner_id, currency,
        list_total, discount_total, credit_total, total, starts_on, placed_at, updated_at, fulfilled_at
    FROM orders;

CREATE VIEW reporting.subscriptions WITH (security_invoker = on) AS
    SELECT id, partner_id, environment, customer_id, order_id, sku_id, seats, starts_on, ends_on, auto_renew,
        state, currency, created_at
    FROM subscriptions;

CREATE VIEW reporting.partners WITH (security_invoker = on) AS
    SELECT id, kind, name, country, state, parent_id, created_at FROM partners;

GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO portico_reporter;

GRANT SELECT (id, partner_id, environment, kind, status, status_since, customer_id, trading_partner_id,
    currency, list_total, discount_total, credit_total, total, starts_on, placed_at, updated_at, fulfilled_at)
    ON orders TO portico_reporter;

GRANT SELECT (id, partner_id, environment, customer_id, order_id, sku_id, seats, starts_on, ends_on,
    auto_renew, state, currency, created_at) ON subscriptions TO portico_reporter;

GRANT SELECT (id, kind, name, country, state, parent_id, created_at) ON partners TO portico_reporter;

GRANT SELECT ON products, skus TO portico_reporter
"""


# What staff do to a partner's records and the partner is not to read is told in its transaction, of nobody.
NOBODYS = "CREATE POLICY of_nobody ON audit_log FOR INSERT WITH CHECK (partner_id IS NULL)"

OPEN_AGAIN = """
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN SELECT polname, polrelid::regclass AS tenants FROM pg_policy LOOP
        EXECUTE format('DROP POLICY %I ON %s', held.polname, held.tenants);
        EXECUTE format(
            'ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', held.tenants);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute(ROLES)
    run(GRANTS, READ_ONLY, SCOPE, ISOLATE, PARTNERS)
    op.execute(TENANTS)
    op.execute(NOBODYS)
    run(REPORTS)


def run(*scripts: str) -> None:
    """Run scripts statement by statement, as the driver must; a blank line divides statements."""
    for script in scripts:
        for statement in script.strip().split("\n\n"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA reporting CASCADE")
    run(OPEN_AGAIN)
    for function in ("isolate", "open_to_our_own", "enter_scope", "current_partner", "current_environment"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute(
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM portico_worker, portico_staff, portico_reporter"
    )
