"""`./portico VERB`: one file for each verb. A verb's file is imported when the verb is used."""

import signal
import sys
from typing import NoReturn

from cyclopts import App

from cli.terminal import Refusal, refuse

app = App(
    name="portico",
    help="Portico: the GraphQL gateway through which partners sell a software vendor's subscriptions.",
    help_epilogue="Settings come from the environment and `.env`: see docs/operators.md.",
    version="0.1.0",
    result_action="return_int_as_exit_code_else_zero",
)
for verb, place, purpose in (
    (
        "serve",
        "cli.serve:serve",
        "Run everything: PostgreSQL, a sandbox Salesforce org, the API and the worker.",
    ),
    ("worker", "cli.worker:worker", "Run a worker in a process of its own."),
    ("migrate", "cli.migrate:migrate", "Bring the tables to the newest revision."),
    ("seed", "cli.seed:seed", "Fill an empty database with sample data."),
    ("client", "cli.clients:app", "Make, list and revoke what partners' clients sign in with."),
    ("token", "cli.tokens:token", "Print a bearer token for development: a partner's, or staff's."),
    ("psql", "cli.psql:psql", "Print how to reach the database."),
    ("schema", "cli.schema:schema", "Print the GraphQL schema, write it, or check the committed one."),
    ("problems", "cli.problems:problems", "Print the catalogue of problem codes, write it, or check it."),
    ("transcripts", "cli.transcripts:transcripts", "Run the commands in the docs; write what they print."),
    ("lists", "cli.lists:app", "Show or download the denied-party lists."),
    ("screening", "cli.screening:app", "Print screening decisions, make them again, print their seals."),
    ("outbox", "cli.outbox:app", "See what waits to be told; have dead letters tried again."),
    ("license", "cli.license:app", "Verify licence files."),
    ("mail", "cli.mail:app", "Read the local inbox; take a bounce from a mail server."),
    ("doctor", "cli.doctor:doctor", "Examine the data for what must always be true."),
    ("chaos", "cli.chaos:chaos", "Kill every process again and again under load, then count."),
    ("bench", "cli.bench:bench", "Measure Portico beside its references."),
    ("check", "cli.check:check", "Run every check: lint, types, import contracts, schema, lengths."),
    ("test", "cli.run_tests:test", "Run the tests."),
):
    app.command(place, name=verb, help=purpose)


def main() -> int:
    """Run a verb; the exit status. What a user can put right is one message, without a traceback."""
    from datasources.postgres.embedded import EmbeddedPostgresError

    signal.signal(signal.SIGTERM, _end)
    try:
        return app() or 0
    except (Refusal, EmbeddedPostgresError) as reason:
        return refuse(reason)
    except KeyboardInterrupt:
        return 130


def _end(_number: int, _frame: object) -> NoReturn:
    """End in order: a `with` around an embedded server stops it."""
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
