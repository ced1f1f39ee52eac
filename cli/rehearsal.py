"""A checkout to try commands in: files of its own, a Portico of its own with some samples, a shell.

The Portico listens on a free port; commands name the default address, which is put in the place of the real
one on the way in and out.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.sandbox_org import free_port
from cli.terminal import Refusal, tell
from datasources.postgres.embedded_cluster import remove

ROOT = Path(__file__).parents[1]
SHOWN_ADDRESS = "127.0.0.1:8000"
PATIENCE = 300.0
"""Seconds that everything may take on a busy machine: making samples, or a page of commands."""

REPEATS = 200
PAUSE = 0.2
FOR_A_STAGE = {"PORTICO_WEBHOOK_ALLOW_LOOPBACK": "true"}
"""Settings of the Portico on the stage: its partners' receivers are on the same machine."""

_MARK = "--portico-transcript--"
_SCRIPT = "session.sh"
_OWN = {".git", ".portico", ".env", "portico"}


@dataclass(frozen=True, slots=True)
class Command:
    """Lines for a shell, repeated until they print `until`, where that is given."""

    text: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where commands run: a directory like the checkout, and a Portico that serves it."""

    directory: Path
    port: int

    def write(self, name: str, text: str) -> None:
        """Put a file where commands find it."""
        (self.directory / Path(name).name).write_text(text)

    def play(self, commands: Sequence[Command]) -> list[str]:
        """Run the commands in one shell; what each printed. Raises Refusal where the shell ended early."""
        script = "\n".join(map(_script, commands)).replace(SHOWN_ADDRESS, f"127.0.0.1:{self.port}")
        self.write(_SCRIPT, f"{script}\necho {_MARK}\n")
        done = subprocess.run(  # noqa: S603  the commands of our own pages
            ["bash", _SCRIPT],  # noqa: S607  bash is where PATH says
            cwd=self.directory,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = done.stdout.replace(f"127.0.0.1:{self.port}", SHOWN_ADDRESS)
        _, *printed = said.split(f"{_MARK}\n")
        if done.returncode or len(printed) != len(commands) + 1:
            raise Refusal(f"The shell ended early:\n{said[-2000:]}")
        return [one if not one or one.endswith("\n") else f"{one}\n" for one in printed[:-1]]


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage for as long as the block lasts."""
    directory = Path(tempfile.mkdtemp(prefix="portico-stage-"))
    directory.chmod(0o755)  # root runs PostgreSQL as another user
    try:
        _furnish(directory)
        at = Stage(directory, free_port())
        with _served(at):
            yield at
    finally:
        remove(directory / ".portico")
        shutil.rmtree(directory)


def environment() -> dict[str, str]:
    """Ours without what would steer the Portico on the stage elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PORTICO_") and name != "DATABASE_URL"
    }
    return kept | {"no_proxy": "127.0.0.1", "NO_COLOR": "1", "COLUMNS": "110"}


def _furnish(directory: Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name not in _OWN:
            (directory / entry.name).symlink_to(entry)
    shutil.copy(ROOT / "portico", directory)  # it finds its root by where it lies


@contextmanager
def _served(at: Stage) -> Iterator[None]:
    tell("Starting a Portico to run the commands against")
    words = [sys.executable, "-m", "cli", "serve", "--port", str(at.port)]
    log = at.directory / "serve.log"
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603  our own program
            words, cwd=at.directory, env=environment() | FOR_A_STAGE, stdout=said, stderr=said
        )
    try:
        _wait(at, process, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait(at: Stage, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(at):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refusal(f"The Portico on the stage did not start:\n{log.read_text()[-2000:]}")
        time.sleep(PAUSE)


def _is_ready(at: Stage) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{at.port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004  HTTP's own figure
    except (urllib.error.URLError, OSError):
        return False


def _script(command: Command) -> str:
    """The lines for bash: a mark, then the command; repeated in a subshell where it is to be."""
    if command.until is None:
        return f"echo {_MARK}\n{command.text}"
    return (
        f"echo {_MARK}\n"
        f"for _try in $(seq {REPEATS}); do\n_said=$( {{\n{command.text}\n}} 2>&1 )\n"
        f"case $_said in *{shlex.quote(command.until)}*) break;; esac\nsleep {PAUSE}\ndone\n"
        "printf '%s\\n' \"$_said\"\n"
        f"case $_said in *{shlex.quote(command.until)}*) ;; *) exit 1;; esac"
    )
