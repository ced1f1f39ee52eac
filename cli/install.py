"""Make `.venv` from `requirements.lock`. Run by the `portico` script with whatever Python the machine has.

Standard library only: nothing is installed yet. Every package is checked against its hash in the lock.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STAMP = "portico.stamp"
NO_VENV = """\
portico: {python} cannot make virtual environments: on Debian that is a package of its own. Either
    apt-get install python3-venv        (as root)
or put `uv` or a Python with ensurepip on PATH, and run this again."""


class CannotInstallError(Exception):
    """Why, and what to do."""


def install(root: Path, wanted: str) -> None:
    """Bring `.venv` to the lock that `wanted` marks. Of two at once the second waits and finds it done."""
    venv = root / ".venv"
    with only_one(root):
        if is_current(venv, wanted):
            return
        say(f"Installing the locked packages into {venv} (once; later starts need no network)")
        python = make(venv)
        fill(python, root / "requirements.lock")
        (venv / STAMP).write_text(wanted + "\n")


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Hold a lock on the checkout's directory itself, which the kernel drops when we die."""
    directory = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another portico is installing; waiting for it")
            fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def is_current(venv: Path, wanted: str) -> bool:
    stamp = venv / STAMP
    return works(venv / "bin" / "python") and stamp.is_file() and stamp.read_text().strip() == wanted


def works(python: Path) -> bool:
    """Whether a virtual environment's Python runs; an upgrade of the base Python can take it away."""
    try:
        return run_quietly([str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) == 0
    except OSError:
        return False


def make(venv: Path) -> Path:
    """An environment with a Python that works; what an interrupted run left is used again if it does."""
    python = venv / "bin" / "python"
    if works(python):
        return python
    shutil.rmtree(venv, ignore_errors=True)
    if shutil.which("uv"):
        call(["uv", "venv", "--quiet", "--python", sys.executable, str(venv)])
        return python
    # Always a child process: Debian's package may just have arrived.
    if can_make_venvs() or (not has_pip() and add_debian_package()):
        call([sys.executable, "-m", "venv", str(venv)])
    elif has_pip():
        call([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    else:
        raise CannotInstallError(NO_VENV.format(python=sys.executable))
    return python


def can_make_venvs() -> bool:
    return all(importlib.util.find_spec(module) for module in ("venv", "ensurepip"))


def has_pip() -> bool:
    """Whether this Python's pip can fill an environment that has none."""
    return importlib.util.find_spec("pip") is not None


def add_debian_package() -> bool:
    """On Debian, as root, add the package of this Python's venv module. False where that is not ours."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    say(f"This Python cannot make virtual environments: adding Debian's {package}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    updated = run_quietly(["apt-get", "update", "-qq"], quiet)
    added = run_quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], quiet)
    return updated == added == 0


def fill(python: Path, lock: Path) -> None:
    """Install the lock: by uv, which takes seconds, or by pip where uv will not go."""
    uv = shutil.which("uv") or str(python.with_name("uv"))
    pip = pip_for(python)
    if pip and not Path(uv).exists():
        run_quietly([*pip, "install", "--quiet", "uv"])
    with tempfile.TemporaryDirectory(prefix="portico-uv-") as scratch:
        locked = ["install", "--quiet", "--require-hashes", "-r", str(lock)]
        by_uv = [uv, "pip", *locked, "--python", str(python)]
        if not pip:
            call(by_uv, uv_environment(scratch))
        elif not Path(uv).exists() or run_quietly(by_uv, uv_environment(scratch)):
            call([*pip, *locked])


def pip_for(python: Path) -> list[str] | None:
    """A pip that installs into the environment: its own, else this Python's."""
    own = [str(python), "-m", "pip"]
    if run_quietly([*own, "--version"]) == 0:
        return own
    return [sys.executable, "-m", "pip", "--python", str(python)] if has_pip() else None


def uv_environment(scratch: str) -> dict[str, str]:
    """Tell uv what pip's settings say, and give it a cache where the user has no home to keep one in."""
    known_by_pip = {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_FIND_LINKS": "UV_FIND_LINKS",
        "PIP_CERT": "SSL_CERT_FILE",
    }
    said = {uv: os.environ.get(pip) for pip, uv in known_by_pip.items() if uv not in os.environ}
    told = {variable: value for variable, value in said.items() if value}
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME") or "/nonexistent")
    if "UV_CACHE_DIR" not in os.environ and not os.access(home, os.W_OK):
        told["UV_CACHE_DIR"] = scratch
    return told


def call(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run with its output shown. Raises CannotInstallError when it fails."""
    if run(command, environment, quietly=False):
        raise CannotInstallError(f"portico: this failed: {' '.join(command)}\nIs there a network?")


def run_quietly(command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run with its output dropped, where another way is tried next."""
    return run(command, environment, quietly=True)


def run(command: list[str], environment: dict[str, str] | None, *, quietly: bool) -> int:
    done = subprocess.run(  # noqa: S603  our own words
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=quietly,
        env=os.environ | (environment or {}),
    )
    return done.returncode


def say(message: str) -> None:
    print(f"portico: {message}", file=sys.stderr, flush=True)


def main() -> int:
    root, wanted = Path(sys.argv[1]), sys.argv[2]
    try:
        install(root, wanted)
    except CannotInstallError as reason:
        print(reason, file=sys.stderr)
        return 1
    except PermissionError as refused:
        say(f"{refused.filename} cannot be written: run this once as the owner of {root}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
