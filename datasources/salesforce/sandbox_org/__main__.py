"""`python -m datasources.salesforce.sandbox_org --database-url URL --port N`."""

import argparse
import sys

import uvicorn

from datasources.salesforce.sandbox_org.app import create_app
from datasources.salesforce.sandbox_org.server import KEEP_ALIVE


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox_org", description="A Salesforce org on this machine.")
    parser.add_argument("--database-url", required=True, help="Postgres; the org keeps to schema sandbox_org")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4100)
    parser.add_argument("--no-controls", action="store_true", help="without /__sandbox and its faults")
    asked = parser.parse_args()
    app = create_app(asked.database_url, controls=not asked.no_controls)
    sys.stderr.write(f"The sandbox org listens at http://{asked.host}:{asked.port}\n")
    uvicorn.run(app, host=asked.host, port=asked.port, log_level="warning", timeout_keep_alive=KEEP_ALIVE)


if __name__ == "__main__":
    main()
