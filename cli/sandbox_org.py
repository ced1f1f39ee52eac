"""The sandbox Salesforce org as a child of `serve`: it listens on loopback and dies with its parent."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from cli.terminal import Refusal
from datasources.postgres.embedded_process import dies_with
from datasources.settings import Settings

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0


class SandboxOrg:
    """A running org. Its output goes to `sandbox_org.log` under the home."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.log = settings.home / "sandbox_org.log"
        self.port = port
        program = [sys.executable, "-m", "datasources.salesforce.sandbox_org"]
        with self.log.open("wb") as output:
            self.child = subprocess.Popen(  # noqa: S603  our own program
                [*program, "--database-url", settings.owner_dsn, "--port", str(port)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509  before any thread of ours exists
            )

    def wait(self) -> None:
        """Return when it answers. Raises Refusal with the end of its log when it does not."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        said = self.log.read_text(errors="replace")[-2000:]
        raise Refusal(f"The sandbox Salesforce org did not start ({self.log}):\n{said}")

    def stop(self) -> None:
        self.child.terminate()
        try:
            self.child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


@contextmanager
def sandbox_org(settings: Settings) -> Iterator[tuple[Settings, SandboxOrg | None]]:
    """The settings with an org to talk to: the one they name, else a sandbox org, not waited for yet."""
    if settings.salesforce_url:
        yield settings, None
        return
    from datasources.salesforce.sandbox_org.org import Credentials

    org = SandboxOrg(settings, free_port())
    known = Credentials()
    try:
        yield (
            settings.model_copy(
                update={
                    "salesforce_url": f"http://127.0.0.1:{org.port}",
                    "salesforce_client_id": known.client_id,
                    "salesforce_client_secret": SecretStr(known.client_secret),
                }
            ),
            org,
        )
    finally:
        org.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
