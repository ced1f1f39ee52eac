"""`./portico` on a machine that has Python and nothing else of ours."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli import check, install

pytestmark = pytest.mark.timeout(400)  # an installation, on a machine that may be busy

ROOT = Path(__file__).parents[2]
PATH_LENGTH = 120
ORDINARY = pwd.getpwnam("nobody")


class Checkout:
    """A copy of the tracked files, used by a user without rights and without a home."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.user = ORDINARY.pw_uid if os.getuid() == 0 else None

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.path / "portico", *arguments],
            cwd="/",
            env=os.environ | {"HOME": "/nonexistent"} | environment,
            user=self.user,
            extra_groups=[] if self.user else None,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory that any user may enter, so long that no shebang line could name what lies in it."""
    base = Path(tempfile.mkdtemp(prefix="portico-clone-"))
    base.chmod(0o755)
    path = base / ("d" * (PATH_LENGTH - len(str(base)) - 1))
    path.mkdir()
    yield path
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def checkout(place: Path) -> Checkout:
    for name in check.tracked():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    if os.getuid() == 0:
        for path in (place, *place.rglob("*")):
            shutil.chown(path, ORDINARY.pw_uid, ORDINARY.pw_gid)
    return Checkout(place)


@pytest.fixture(scope="module")
def first_runs(checkout: Checkout) -> list["subprocess.CompletedProcess[str]"]:
    """Two first runs at once."""
    with ThreadPoolExecutor(2) as both:
        runs = list(both.map(lambda _: checkout.run("--version"), range(2)))
    if any("Is there a network?" in run.stderr for run in runs) and not os.environ.get("CI"):
        pytest.skip("no package registry answers")
    return runs


@pytest.mark.slow
def test_two_first_runs_at_once_by_an_ordinary_user_on_a_long_path_both_work(
    checkout: Checkout, first_runs: "list[subprocess.CompletedProcess[str]]"
) -> None:
    assert len(str(checkout.path)) == PATH_LENGTH
    assert [(run.returncode, run.stdout) for run in first_runs] == [(0, "0.1.0\n")] * 2, first_runs
    assert sum("Installing the locked packages" in run.stderr for run in first_runs) == 1


@pytest.mark.slow
def test_later_runs_need_no_network(
    checkout: Checkout, first_runs: "list[subprocess.CompletedProcess[str]]"
) -> None:
    nowhere = "http://127.0.0.1:9/"

    run = checkout.run("--version", PIP_INDEX_URL=nowhere, UV_DEFAULT_INDEX=nowhere, UV_OFFLINE="1")

    assert (run.returncode, run.stdout, run.stderr) == (0, "0.1.0\n", "")


@pytest.mark.slow
def test_an_installation_that_was_cut_short_is_finished(
    checkout: Checkout, first_runs: "list[subprocess.CompletedProcess[str]]"
) -> None:
    (checkout.path / ".venv" / install.STAMP).unlink()
    shutil.rmtree(next(checkout.path.glob(".venv/lib/python3*/site-packages/rich")))
    shutil.rmtree(next(checkout.path.glob(".venv/lib/python3*/site-packages/rich-*.dist-info")))

    run = checkout.run("--version")

    assert (run.returncode, run.stdout) == (0, "0.1.0\n"), run.stderr
    assert (checkout.path / ".venv" / install.STAMP).is_file()


@pytest.mark.slow
def test_an_ordinary_user_starts_the_embedded_database_on_a_long_path(
    checkout: Checkout, first_runs: "list[subprocess.CompletedProcess[str]]"
) -> None:
    run = checkout.run("migrate")

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Migrated: ")
    assert (checkout.path / ".portico" / "postgres").stat().st_uid == (
        ORDINARY.pw_uid if os.getuid() == 0 else os.getuid()
    )


@pytest.fixture
def bare(tmp_path: Path) -> Mapping[str, str]:
    """A PATH with the shell's own tools and no Python."""
    for tool in ("cksum", "dirname", "readlink", "cat", "sh"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    return {"PATH": str(tmp_path)}


def test_without_python_the_message_says_what_to_install(tmp_path: Path, bare: Mapping[str, str]) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.copy2(ROOT / "portico", clone)
    shutil.copy2(ROOT / "requirements.lock", clone)

    run = subprocess.run(
        [clone / "portico", "serve"], env=dict(bare), capture_output=True, text=True, check=False
    )

    assert run.returncode == 1
    assert run.stderr == (
        "portico: no Python 3.11 or later on PATH. On Debian: apt-get install python3 python3-venv\n"
    )
    assert not (clone / ".venv").exists()


def test_a_python_that_cannot_make_environments_is_reported_with_the_way_out(
    tmp_path: Path, bare: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "can_make_venvs", lambda: False)
    monkeypatch.setattr(install, "has_pip", lambda: False)
    monkeypatch.setenv("PATH", bare["PATH"])

    with pytest.raises(install.CannotInstallError, match="apt-get install python3-venv"):
        install.make(tmp_path / ".venv")


def test_a_checkout_that_may_not_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_venv: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(tmp_path / ".venv"))

    monkeypatch.setattr(install, "make", refuse)
    monkeypatch.setattr("sys.argv", ["install.py", str(tmp_path), "mark"])

    status = install.main()

    assert status == 1
    assert f"run this once as the owner of {tmp_path}" in capsys.readouterr().err
