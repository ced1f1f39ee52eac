"""What row-level security must look like in a migrated database, as a function that lists what does not."""

from typing import Any

import asyncpg

Connection = asyncpg.Connection

TENANT_TABLES = """
SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
    (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'own'
        AND p.polroles = '{0}' AND pg_get_expr(p.polqual, p.polrelid) LIKE '%current_partner()%') AS own,
    (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy AS p
        WHERE p.polrelid = c.oid) AS all
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND (c.relname = 'partners' OR EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attname = 'partner_id' AND NOT a.attisdropped))
ORDER BY 1
"""

UNIQUES = """
SELECT i.indrelid::regclass::text AS table_name, i.indexrelid::regclass::text AS name,
    (SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) AS first
FROM pg_index AS i WHERE i.indisunique ORDER BY 2
"""

VIEWS = """
SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT coalesce('security_invoker=on' = ANY (c.reloptions), false) AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""

TELL_NOTHING = {
    "partners_pkey": "an id that only we give, at random",
    "audit_log_pkey": "an id that only we give, at random",
    "outbox_pkey": "a number that PostgreSQL gives",
}
"""Unique indexes that do not begin with the partner, each with the reason why a collision tells nothing."""

POLICIES = {"own", "reporter", "staff", "worker"}
MORE = {"audit_log": {"of_nobody"}}
"""Policies besides, by table: an entry of nobody's can be written, and not read."""


async def faults(connection: "Connection[Any]") -> list[str]:
    """Tenant tables not isolated, uniques that tell of others' rows, views that see past policies."""
    tables = await connection.fetch(TENANT_TABLES)
    names = {row["name"] for row in tables}
    found = [
        f"{row['name']}: needs op.execute(\"SELECT isolate('{row['name']}')\") in its migration"
        for row in tables
        if not row["forced"]
        or row["own"] != 1
        or set(row["all"] or ()) != POLICIES | MORE.get(row["name"], set())
    ]
    found += [
        f"{row['name']}: a unique index of a tenant table begins with partner_id"
        for row in await connection.fetch(UNIQUES)
        if row["table_name"] in names and row["first"] != "partner_id" and row["name"] not in TELL_NOTHING
    ]
    views = [row[0] for row in await connection.fetch(VIEWS)]
    return found + [f"{name}: a view needs security_invoker = on" for name in views]
