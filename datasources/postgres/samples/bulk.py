"""Loading an empty database in bulk: references and secondary indexes are set aside and made again after.

Checking a reference row by row and keeping twenty B-trees in order costs several times the copying itself;
one join and one sort over what was loaded come to the same. All of it is part of the loading transaction:
if that fails, everything is as it was.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

_REFERENCES = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        AS make
FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY($1::regclass[])
ORDER BY conrelid, conname
"""

_INDEXES = """
SELECT format('DROP INDEX %s', indexrelid::regclass) AS drop, pg_get_indexdef(indexrelid) AS make
FROM pg_index
WHERE indrelid = ANY($1::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
ORDER BY indrelid, indexrelid
"""


@asynccontextmanager
async def set_aside(connection: "asyncpg.Connection[Any]", tables: list[str]) -> AsyncIterator[None]:
    """Within a transaction: no references or secondary indexes on the tables until the block ends.

    Primary keys and unique constraints stay. References are checked in full when they come back.
    """
    references = await connection.fetch(_REFERENCES, tables)
    indexes = await connection.fetch(_INDEXES, tables)
    for row in [*references, *indexes]:
        await connection.execute(row["drop"])
    yield
    for row in [*indexes, *references]:
        await connection.execute(row["make"])
