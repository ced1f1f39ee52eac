"""`portico schema`: the contract, as SDL."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.terminal import Refusal, out

COMMITTED = Path(__file__).parents[1] / "schema" / "schema.graphql"


def schema(
    *,
    write: Annotated[bool, Parameter(negative="", help="Write it to schema/schema.graphql.")] = False,
    check: Annotated[bool, Parameter(negative="", help="Fail when schema/schema.graphql differs.")] = False,
) -> None:
    """Print the schema that the code declares."""
    from schema.sdl import printed

    sdl = printed().rstrip("\n") + "\n"
    if write:
        COMMITTED.write_text(sdl)
    elif not check:
        print(sdl, end="")
    elif not COMMITTED.exists() or COMMITTED.read_text() != sdl:
        raise Refusal(
            "schema/schema.graphql is not what the code declares: ./portico schema --write, then look."
        )
    else:
        out.print("schema/schema.graphql is current.")
