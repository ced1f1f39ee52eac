"""The revocation list as it is signed, published and verified."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature

from commerce.license_files import Verdict, VerdictCode
from commerce.license_revocations import (
    InvalidListError,
    SignedList,
    listed,
    opened,
    payload,
    signing_input,
    wrapped,
)
from datasources.errors import SourceUnavailable
from datasources.license_keyring import LicenseKeyring
from datasources.license_keys import LicenseKeys, trusted_key, verify
from datasources.postgres.licenses import Licenses

FRESH_FOR = timedelta(minutes=1)
"""How long a list is served before it is made again; far below its seven days."""


def signed_list(keys: LicenseKeys, enc: str) -> dict[str, str]:
    """A list signed by the active key."""
    return wrapped(enc, keys.active.private.sign(signing_input(enc)), keys.active.kid)


def verified_list(document: Any, key_set: Mapping[str, Any], now: datetime) -> Mapping[str, str]:
    """The licences on a published list, each with its reason. Raises InvalidListError."""
    found = opened(document)
    if not _is_signed(found, key_set):
        message = "The revocation list is not signed by a key of the key set."
        raise InvalidListError(VerdictCode.REVOCATIONS_INVALID, message)
    return listed(found.enc, now)


def _is_signed(found: SignedList, key_set: Mapping[str, Any]) -> bool:
    key = trusted_key(key_set, found.key_id)
    if key is None:
        return False
    try:
        key.verify(found.signature, signing_input(found.enc))
    except InvalidSignature:
        return False
    return True


def judged(
    text: str,
    key_set: Mapping[str, Any],
    revocations: Any,
    *,
    now: datetime,
    environment: str = "production",
    instance: str | None = None,
) -> Verdict:
    """Judge a licence file by a key set and, where it is not None, by a published revocation list.

    A genuine file that has to be judged by a list that is too old or no good is not valid.
    """

    def by(withdrawn: Mapping[str, str]) -> Verdict:
        return verify(text, key_set, now=now, environment=environment, instance=instance, withdrawn=withdrawn)

    try:
        return by({} if revocations is None else verified_list(revocations, key_set, now))
    except InvalidListError as fault:
        without = by({})
        if without.payload is None:
            return without
        return replace(without, valid=False, code=fault.code, sentence=str(fault))


class Revocations:
    """The list that this process publishes, made again when it is a minute old."""

    def __init__(self, licenses: Licenses, keyring: LicenseKeyring) -> None:
        self._licenses = licenses
        self._keyring = keyring
        self._made: tuple[datetime, dict[str, str]] | None = None
        self._making = asyncio.Lock()

    async def published(self, now: datetime) -> dict[str, str]:
        """The list of now. Without a database the last one goes on to be served, until it expires.

        Raises SourceUnavailable where there is none yet.
        """
        async with self._making:
            if self._made is None or now - self._made[0] >= FRESH_FOR:
                try:
                    withdrawn = await self._licenses.withdrawn(now)
                except SourceUnavailable:
                    if self._made is None:
                        raise
                else:
                    self._made = now, signed_list(self._keyring.present, payload(withdrawn, now))
            return self._made[1]
