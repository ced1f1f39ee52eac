"""Portico for `bench access`, whole or without a part: `python -m bench.access_portico VARIANT`.

`no-sign-in` believes that everybody is the partner named in PARTNER and may have every field; `no-limits`
prices nothing, counts nothing and lets everything run at once; `neither` is both.
"""

import os
import sys
from datetime import datetime
from typing import Any

import server
from cli.processes import open_listener
from cli.serve import serve_app
from commerce.access import Environment, Permission, Viewer
from commerce.rate_limits import Bucket
from datasources.settings import Settings
from edge.documents import Operation
from edge.graphql import GraphQLEdge
from edge.operations import Charge, Operations
from edge.throttle import Throttle
from edge.turns import Turns
from resolvers.context import Context

PLENTY, RATE = 1e9, 2_000.0
"""A bucket that does not run dry, drawn on as often as one of the usual size is."""


class Believing(GraphQLEdge):
    """Everybody is one partner."""

    _somebody = Viewer(
        "bench",
        Environment.PRODUCTION,
        partner_id=os.environ.get("PARTNER", ""),
        permissions=frozenset(Permission),
    )

    def _viewer(self, authorization: str, now: datetime) -> Viewer | None:  # noqa: ARG002
        return self._somebody


class Free(Operations):
    """Nothing is priced or charged."""

    _full = Bucket(PLENTY, RATE, PLENTY, 0.0)

    def turn_away(self, client: str) -> None: ...

    async def charge(
        self,
        operation: Operation,
        variables: dict[str, Any],  # noqa: ARG002
        context: Context,  # noqa: ARG002
        client: str,
    ) -> tuple[Operation, Charge]:
        return operation, Charge(client, 0, self._full)

    def settle(self, operation: Operation, charge: Charge, data: Any) -> dict[str, Any]:  # noqa: ARG002
        return {}


class Crowd(Turns):
    """Nobody waits."""

    async def enter(self, client: str) -> None: ...

    def leave(self, client: str) -> None: ...


def main() -> None:
    variant = sys.argv[1]
    if variant in {"no-sign-in", "neither"}:
        server.GraphQLEdge = Believing  # type: ignore[misc]
        Context.admits = lambda _self, _access: True  # type: ignore[method-assign]
    if variant in {"no-limits", "neither"}:
        server.Operations = Free  # type: ignore[misc]
        server.Turns = Crowd  # type: ignore[misc]
    app = server.create_app(Settings(), throttle=Throttle(PLENTY, RATE))
    with open_listener() as listener:
        serve_app(app, listener, lambda: print(listener.getsockname()[1], flush=True))


if __name__ == "__main__":
    main()
