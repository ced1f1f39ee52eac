"""`portico test`: the tests, on two processes."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

ROOT = Path(__file__).parents[1]


def test(
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True, help="Given to pytest, after `--`.")],
) -> None:
    """Run the tests: `portico test`, `portico test -- tests/commerce -k prorated`."""
    os.chdir(ROOT)
    chosen = any(argument.startswith(("-n", "--numprocesses")) for argument in arguments)
    # A file's tests stay on one process: some share something costly, such as a running `serve`.
    spread = ["--dist", "loadfile"] if chosen else ["-n", "2", "--dist", "loadfile"]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *spread, *arguments])  # noqa: S606  no shell
