"""Allowances shared by all processes: one row each, drawn on by one statement.

A row is full until it is first drawn on, and full again once enough time has passed; it says how many points
were there at a time, and the statement adds what has come back since. Rivals wait for the row and not for
each other's requests.
"""

from dataclasses import dataclass

from sqlalchemy import text

from datasources.postgres.database import Database
from datasources.postgres.statements import Statement


@dataclass(frozen=True, slots=True)
class Draw:
    """What one draw was given, and what is left for everybody. Points."""

    granted: float
    left: float


DRAW = Statement(
    text("""
    INSERT INTO buckets (key, points, granted, at)
    VALUES (
        :key,
        CAST(:capacity AS float8) - least(CAST(:wanted AS float8), :capacity),
        least(CAST(:wanted AS float8), :capacity),
        now()
    )
    ON CONFLICT (key) DO UPDATE SET (points, granted, at) = (
        SELECT there - given, given, greatest(buckets.at, now())
        FROM (
            SELECT least(:capacity, buckets.points + elapsed * CAST(:restore_rate AS float8)) AS there
            FROM (
                SELECT greatest(0, CAST(extract(epoch FROM now() - buckets.at) AS float8)) AS elapsed
            ) AS since
        ) AS present
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN there < CAST(:needed AS float8) THEN 0
                ELSE least(there, greatest(:needed, least(:wanted, there / 4)))
            END AS given
        ) AS draw
    )
    RETURNING granted, points
    """)
)
"""A draw takes no more than a quarter of what is there, unless it needs more: others draw too."""

GIVE_BACK = Statement(
    text("""
    UPDATE buckets SET points = least(CAST(:capacity AS float8), points + CAST(:points AS float8))
    WHERE key = :key
    """)
)
FORGET = Statement(text("DELETE FROM buckets WHERE at < now() - interval '1 day'"))


class Buckets:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def draw(
        self, key: str, *, capacity: float, restore_rate: float, needed: float, wanted: float
    ) -> Draw:
        """Take at least `needed` points and at most `wanted`, or none where fewer than needed are there.

        A key that was never drawn on is full. The rate is points per second.
        """
        (row,) = await self._database.fetch_apart(
            DRAW, key=key, capacity=capacity, restore_rate=restore_rate, needed=needed, wanted=wanted
        )
        return Draw(row["granted"], row["points"])

    async def give_back(self, key: str, points: float, *, capacity: float) -> None:
        """Return points that were drawn and not used."""
        await self._database.fetch_apart(GIVE_BACK, key=key, points=points, capacity=capacity)

    async def forget_the_full(self) -> None:
        """Delete rows that were not drawn on for a day: they are as full as no row."""
        await self._database.fetch_apart(FORGET)
