"""The keyring of an installation: the present keys, whoever changed them, and their way from state to state.

Processes that sign look at the file before each signature and read it again where it is another, so that a
rotation needs no restart. Changes are made one at a time, under a lock on the directory.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from commerce.license_files import Bound
from commerce.licenses import License
from datasources.license_keys import KEYRING, KeyState, LicenseKey, LicenseKeys
from datasources.sealing import Seal
from datasources.settings import Settings

LOCK = ".license-keyring.lock"
PUBLISHED_FOR = timedelta(hours=24)
"""How long a key is published before it signs: customers need its public part to verify what it signs."""


class CannotChangeKeys(Exception):
    """The keys do not allow this change. The message says why and what to do first."""


class LicenseKeyring:
    """Keys of one directory, read again when they were changed."""

    def __init__(self, directory: Path, seal: Seal) -> None:
        self._directory = directory
        self._seal = seal
        self._seen: tuple[int, int] | None = None
        self._keys = LicenseKeys(())

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The keyring of the settings; its first key is made when there is none. Raises WrongSeal."""
        keyring = cls(settings.keys, Seal.of(settings))
        keyring.present  # noqa: B018  opens it now rather than at the first licence
        return keyring

    @property
    def present(self) -> LicenseKeys:
        """The keys as they are now."""
        path = self._directory / KEYRING
        for _ in range(2):
            if path.exists():
                status = path.stat()
                seen = (status.st_mtime_ns, status.st_ino)
                if seen == self._seen:
                    return self._keys
                self._keys, self._seen = LicenseKeys.open(self._directory, self._seal), seen
            else:
                LicenseKeys.open(self._directory, self._seal)
        return self._keys

    def issue(self, license_: License) -> License:
        """The licence with its file, signed by the key that is active now."""
        return self.present.issue(license_)

    def bind(self, license_: License, bound: Bound) -> str:
        """The file of a licence for one installation."""
        return self.present.bind(license_, bound)

    def public_key_set(self) -> dict[str, Any]:
        return self.present.public_key_set()

    def generate(self, now: datetime | None = None) -> LicenseKey:
        """Make and publish the key that will sign next. Raises CannotChangeKeys where there is one."""
        with self._changing() as keys:
            if any(key.state is KeyState.NEXT for key in keys.keys):
                raise CannotChangeKeys("There is a next key already; rotate to it first.")
            made = LicenseKey.generate(KeyState.NEXT, now or datetime.now(UTC))
            self._save(LicenseKeys((*keys.keys, made)))
        return made

    def rotate(self, now: datetime | None = None, *, at_once: bool = False) -> LicenseKey:
        """Let the next key sign; the active one retires. Raises CannotChangeKeys.

        A key that customers may not have fetched yet does not sign, unless `at_once`.
        """
        with self._changing() as keys:
            following = next((key for key in keys.keys if key.state is KeyState.NEXT), None)
            if following is None:
                raise CannotChangeKeys("There is no next key; generate one, and rotate a day later.")
            ready = following.created_at + PUBLISHED_FOR
            if not at_once and (now or datetime.now(UTC)) < ready:
                raise CannotChangeKeys(
                    f"{following.kid} may sign from {ready:%Y-%m-%d %H:%M} UTC on: until then not every "
                    "installation has its public part. --at-once signs with it all the same."
                )
            moves = {KeyState.NEXT: KeyState.ACTIVE, KeyState.ACTIVE: KeyState.RETIRED}
            self._save(
                LicenseKeys(tuple(replace(key, state=moves.get(key.state, key.state)) for key in keys.keys))
            )
        return replace(following, state=KeyState.ACTIVE)

    def revoke(self, kid: str) -> LicenseKey:
        """Let nothing that a key signed verify any more. Raises CannotChangeKeys."""
        with self._changing() as keys:
            found = next((key for key in keys.keys if key.kid == kid), None)
            if found is None:
                raise CannotChangeKeys(f"There is no key {kid}; `license keys list` shows them.")
            if found.state is KeyState.ACTIVE:
                raise CannotChangeKeys(f"{kid} signs now: generate another and rotate to it first.")
            revoked = replace(found, state=KeyState.REVOKED)
            self._save(LicenseKeys(tuple(revoked if key is found else key for key in keys.keys)))
        return revoked

    def reseal(self, seal: Seal) -> None:
        """Seal the private keys under another secret."""
        with self._changing() as keys:
            self._seal = seal
            self._save(keys)

    def _save(self, keys: LicenseKeys) -> None:
        keys.save(self._directory, self._seal)

    @contextmanager
    def _changing(self) -> Iterator[LicenseKeys]:
        """The keys, which nobody else changes until the block ends."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.present
