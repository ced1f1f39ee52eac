"""The data directory: where it lies, how it is made, and when it is refused."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from datasources.postgres.embedded_account import Account, may_search
from datasources.postgres.embedded_binaries import Binaries, EmbeddedPostgresError

DATABASE = "portico"
OWNER = "portico"
APPLICATION = "portico_app"
REPORTER = "portico_reporter"
SUPERUSER = "postgres"

BUILTIN_LOCALE_SINCE = 17
ELSEWHERE = Path("/var/lib/portico")
SURROUNDINGS = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# The owner migrates and seeds, past row-level security. The application role owns and bypasses nothing:
# what it may touch is granted by the migrations, and it takes on the roles of the worker and of staff only
# where it says so (noinherit). One line a statement: that is how a single-user server reads them.
_WANTED = {
    OWNER: "login createrole bypassrls",
    APPLICATION: "login noinherit nosuperuser nocreatedb nocreaterole nobypassrls",
    "portico_worker": "nologin",
    "portico_staff": "nologin",
    REPORTER: "login",
}
_ROLE = (
    "do $$ begin if not exists (select from pg_roles where rolname = '{0}') then"
    " create role {0}; end if; end $$; alter role {0} {1};\n"
)
ROLES = (
    "".join(_ROLE.format(*wanted) for wanted in _WANTED.items())
    + f"grant portico_worker, portico_staff to {APPLICATION};\n"
    + f"grant portico_worker, portico_staff, {REPORTER} to {OWNER} with admin option;\n"
)
CREATE_DATABASE = f"create database {DATABASE} owner {OWNER};\n"


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs and the user they run as (None: whoever we are)."""

    binaries: Binaries
    account: Account | None

    def run(self, name: str, *arguments: str, text: str = "") -> None:
        """Run one to its end. Raises EmbeddedPostgresError with what it said."""
        done = subprocess.run(  # noqa: S603  a program of the provider chain, arguments of ours
            [self.binaries.program(name), *arguments],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=SURROUNDINGS,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        # A single-user server goes on after an error and ends with 0.
        if done.returncode or "ERROR:" in done.stderr:
            raise EmbeddedPostgresError(f"{name} failed:\n{done.stderr.strip() or done.stdout.strip()}")


def locate(home: Path) -> Path:
    """The data directory of a home, made or not: `home/postgres`, or what that link points at."""
    return (home / "postgres").resolve()


def prepare(home: Path, programs: Programs, *, durable: bool) -> Path:
    """The data directory, made if need be. Raises EmbeddedPostgresError for one that is not ours to use."""
    place = home / "postgres"
    account = programs.account
    if account and not place.is_symlink() and not may_search(account, place):
        place.symlink_to(_outside(account))
    data = place.resolve()
    data.parent.mkdir(parents=True, exist_ok=True)
    if not _holds_a_cluster(data, programs.binaries.major):
        _initialise(data, programs, durable=durable)
    elif _roles_of(home) != ROLES:
        programs.run("postgres", "--single", "-D", str(data), "postgres", text=ROLES)
    (home / "postgres.roles").write_text(ROLES)
    return data


def _roles_of(home: Path) -> str:
    """The statements that made the roles of the cluster, as far as they were kept."""
    kept = home / "postgres.roles"
    return kept.read_text() if kept.exists() else ""


def remove(home: Path) -> None:
    """Delete the data directory of a stopped server, wherever it lies."""
    place = home / "postgres"
    data = place.resolve()
    (home / "postgres.roles").unlink(missing_ok=True)
    if data.exists():
        shutil.rmtree(data)
    if place.is_symlink():
        place.unlink()
        data.parent.rmdir()


def _outside(account: Account) -> Path:
    """A directory of the account's for the data of a home that it cannot enter, such as one under /root."""
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    parent = Path(tempfile.mkdtemp(prefix="home-", dir=ELSEWHERE))
    os.chown(parent, account.uid, account.gid)
    return parent / "data"


def _holds_a_cluster(data: Path, major: int) -> bool:
    if not data.exists() or not any(data.iterdir()):
        return False
    version = data / "PG_VERSION"
    if not version.is_file():
        raise EmbeddedPostgresError(
            f"{data} holds files that are not PostgreSQL's. Move them away, or set PORTICO_HOME to "
            "another directory."
        )
    if (found := version.read_text().strip()) != str(major):
        raise EmbeddedPostgresError(
            f"{data} was made by PostgreSQL {found} and the programs here are {major}. Set PORTICO_PG_BIN to "
            f"those of {found}, or move the data over with pg_upgrade, or start over by "
            "./portico serve --fresh."
        )
    return True


def _initialise(data: Path, programs: Programs, *, durable: bool) -> None:
    """Make the cluster beside its place and rename it, so that a start cut short leaves nothing half-made."""
    for left_behind in data.parent.glob(f".{data.name}-*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    half = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=data.parent))
    if programs.account:
        os.chown(half, programs.account.uid, programs.account.gid)
    locale = ["--locale=C.UTF-8"]
    if programs.binaries.major >= BUILTIN_LOCALE_SINCE:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    sync = [] if durable else ["--no-sync"]
    try:
        programs.run(
            "initdb", "-D", str(half), f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8",
            "--data-checksums", *locale, *sync,
        )  # fmt: skip
        programs.run("postgres", "--single", "-D", str(half), "postgres", text=ROLES + CREATE_DATABASE)
        if data.exists():
            data.rmdir()
        half.rename(data)
    finally:
        shutil.rmtree(half, ignore_errors=True)
