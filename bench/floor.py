"""The floor of `bench graphql`: one hand-written statement a question, in which PostgreSQL writes the JSON.

Starlette and asyncpg's pool pass it on. It checks nothing and answers nothing else: it is what a server that
does no more than this question could cost.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.graphql_servers import POOL
from cli.processes import open_listener
from cli.serve import serve_app

_LICENSE = 'id, state, plan, seats, starts_on AS "startsOn", expires_on AS "expiresOn"'
_OWN = "partner_id = $1 AND environment = 'PRODUCTION'"

STATEMENTS = {
    "page": f"""
SELECT json_build_object('orders', coalesce(json_agg(page), '[]'))::text
FROM (
  SELECT id, external_order_reference AS "externalOrderReference", kind, status, currency,
    purchase_order_number AS "purchaseOrderNumber", placed_at AS "placedAt", total::text,
    (SELECT coalesce(json_agg(line), '[]') FROM (
      SELECT id, line_number AS "lineNumber", quantity, status, net_amount::text AS net
      FROM order_lines WHERE {_OWN} AND order_id = orders.id ORDER BY line_number
    ) AS line) AS lines,
    (SELECT row_to_json(customer) FROM (
      SELECT id, external_reference AS "externalReference", legal_name AS "legalName", country,
        tax_id AS "taxId", domain
      FROM customers WHERE {_OWN} AND id = orders.customer_id
    ) AS customer) AS customer,
    (SELECT coalesce(json_agg(license), '[]') FROM (
      SELECT {_LICENSE} FROM licenses WHERE {_OWN} AND order_id = orders.id ORDER BY id DESC
    ) AS license) AS licenses
  FROM orders WHERE {_OWN} ORDER BY placed_at DESC, id DESC LIMIT 50
) AS page""",  # noqa: S608  its parts are above
    "status": f"""
SELECT json_build_object('order', row_to_json(found))::text
FROM (
  SELECT id, external_order_reference AS "externalOrderReference", status, status_since AS "statusSince",
    updated_at AS "updatedAt", fulfilled_at AS "fulfilledAt"
  FROM orders WHERE {_OWN} AND id = $2
) AS found""",  # noqa: S608  its parts are above
    "license": f"""
SELECT json_build_object('license', row_to_json(found))::text
FROM (SELECT {_LICENSE} FROM licenses WHERE {_OWN} AND id = $2) AS found""",  # noqa: S608  its parts are above
}


async def answer(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    values = asked["variables"].values()
    text = await request.app.state.pool.fetchval(STATEMENTS[asked["query"]], *values)
    return Response(b'{"data":' + text.encode() + b"}", media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    pool = asyncpg.create_pool(max_size=POOL, reset=_leave_as_is)  # where, PG… variables say
    async with pool as app.state.pool:
        yield


async def _leave_as_is(_connection: object) -> None:
    """Spare the round trip in which a pool resets a session that nobody changed, as Portico does."""


def main() -> None:
    app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
    with open_listener() as listener:
        serve_app(app, listener, lambda: print(listener.getsockname()[1], flush=True))


if __name__ == "__main__":
    main()
