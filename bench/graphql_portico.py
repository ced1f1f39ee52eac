"""Portico for `bench graphql`, with everything on: `python -m bench.graphql_portico breadth|stock`.

It differs from what `serve` runs in one figure: a client's bucket of points is too large to run out.
"""

import sys

from cli.processes import open_listener
from cli.serve import serve_app
from datasources.settings import Settings
from edge.throttle import Throttle
from server import create_app

ENDLESS = 1e12


def main() -> None:
    app = create_app(Settings(), throttle=Throttle(ENDLESS, ENDLESS), planned=sys.argv[1] == "breadth")
    with open_listener() as listener:
        serve_app(app, listener, lambda: print(listener.getsockname()[1], flush=True))


if __name__ == "__main__":
    main()
