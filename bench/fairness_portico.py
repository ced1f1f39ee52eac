"""Portico for `bench fairness`, as `serve` runs it: `python -m bench.fairness_portico`."""

from cli.processes import open_listener
from cli.serve import serve_app
from datasources.settings import Settings
from server import create_app


def main() -> None:
    app = create_app(Settings())
    with open_listener() as listener:
        serve_app(app, listener, lambda: print(listener.getsockname()[1], flush=True))


if __name__ == "__main__":
    main()
