"""`portico problems`: the catalogue of problem codes, as partners read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.terminal import Refusal, out
from commerce.problem_catalog import CATALOG, Explanation
from commerce.problems import ProblemCode

COMMITTED = Path(__file__).parents[1] / "docs" / "problems.md"

HEAD = """\
# Problems

<!-- Made from `commerce.problem_catalog.CATALOG` by `./portico problems --write`. Change that, not this. -->

What a caller can put right comes back in the payload's `problems`, all of it at once; the request has changed
nothing and used nothing up. [What is broken elsewhere](partners/graphql.md#errors) comes in `errors` instead.

```json
{
  "code": "IDEMPOTENCY_KEY_REUSED",
  "message": "This key placed an order from another input.",
  "path": ["input", "idempotencyKey"],
  "retryable": false,
  "resourceId": "ord_019a8f3c5d5e7d0a9b0c1d2e3f405162"
}
```

- `code` is for programs. The list grows: treat a code you do not know as a refusal, and go by `retryable`.
- `message` is for people and may be reworded.
- `path` leads from the mutation's arguments to what is wrong: field names, and positions in lists from 0. It
  is empty where the problem lies in no single place.
- `retryable` tells whether the same request, unchanged, may succeed later. Send it with the same key.
- `resourceId` names the record of yours that the request collided with, where there is one.

| code | means | what to do | points, for example, to | retryable |
|---|---|---|---|---|
"""


def problems(
    *,
    write: Annotated[bool, Parameter(negative="", help="Write it to docs/problems.md.")] = False,
    check: Annotated[bool, Parameter(negative="", help="Fail when docs/problems.md differs.")] = False,
) -> None:
    """Print the catalogue of problem codes."""
    page = printed()
    if write:
        COMMITTED.write_text(page)
    elif not check:
        print(page, end="")
    elif not COMMITTED.exists() or COMMITTED.read_text() != page:
        raise Refusal("docs/problems.md is not what the code says: ./portico problems --write, then look.")
    else:
        out.print("docs/problems.md is current.")


def printed() -> str:
    """The page: every code of the catalogue in its order."""
    return HEAD + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    for code, said in CATALOG.items():
        yield f"| `{code}` | {said.meaning} | {said.remedy} | {_place(said)} | {_again(code)} |"


def _place(said: Explanation) -> str:
    return f"`{said.example_path}`" if said.example_path else ""


def _again(code: ProblemCode) -> str:
    return "yes" if CATALOG[code].retryable else ""
