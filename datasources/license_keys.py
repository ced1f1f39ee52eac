"""The keys that sign licences, and verification against the public ones.

In the keys directory `license-keyring.json` (0600) holds the private keys, each sealed, and
`license-keys.json` (0644) the public set that `/.well-known/license-keys.json` publishes; verifying reads
only the latter. A key is `next` (published, not yet signing), `active` (signing; exactly one), `retired` (its
licences still verify) or `revoked` (nothing it signed verifies any more). `datasources.license_keyring` moves
keys from state to state.
"""

import json
import os
import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commerce.license_files import (
    ALGORITHM,
    Bound,
    MalformedFileError,
    Payload,
    Verdict,
    VerdictCode,
    armour,
    encoded,
    parse,
    payload,
    read_payload,
    signing_input,
    verdict,
)
from commerce.licenses import License
from datasources.sealing import Seal

KEYRING = "license-keyring.json"
PUBLIC_SET = "license-keys.json"
PUBLIC_SET_FORMAT = 1
KEYRING_FORMAT = 2
PURPOSE = "license signing key"


class KeyState(StrEnum):
    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, repr=False)
class LicenseKey:
    """One key pair. It has no repr, so that no log can carry it."""

    kid: str
    state: KeyState
    created_at: datetime
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, state: KeyState, now: datetime) -> Self:
        private = Ed25519PrivateKey.generate()
        return cls(key_id(private.public_key()), state, now.replace(microsecond=0), private)

    @property
    def public_entry(self) -> dict[str, str]:
        """This key in the published set, a JWK (RFC 8037) with its state."""
        return {
            "kid": self.kid,
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": ALGORITHM,
            "use": "sig",
            "x": _base64url(self.private.public_key().public_bytes_raw()),
            "state": self.state,
            "createdAt": self.created_at.isoformat(),
        }

    def stored_entry(self, seal: Seal) -> dict[str, str]:
        """This key as the keyring keeps it: its private part sealed."""
        return self.public_entry | {
            "sealed": _base64url(seal.close(PURPOSE, self.private.private_bytes_raw()))
        }

    @classmethod
    def from_stored(cls, entry: Mapping[str, str], seal: Seal) -> Self:
        """Raises WrongSeal. A keyring of before keys were sealed has the bare private part in `d`."""
        bare = entry.get("d")
        raw = _from_base64url(bare) if bare else seal.open(PURPOSE, _from_base64url(entry["sealed"]))
        private = Ed25519PrivateKey.from_private_bytes(raw)
        return cls(
            entry["kid"], KeyState(entry["state"]), datetime.fromisoformat(entry["createdAt"]), private
        )


@dataclass(frozen=True, slots=True, repr=False)
class LicenseKeys:
    """The keys of one installation; immutable, so that a signing worker and a rotation cannot race."""

    keys: tuple[LicenseKey, ...]

    @classmethod
    def open(cls, directory: Path, seal: Seal) -> Self:
        """The keys kept in a directory; the first one is made when there is none. Raises WrongSeal.

        Any number of processes may open a fresh directory at once: the first to link its keyring into place
        wins and the others read it.
        """
        directory.mkdir(parents=True, exist_ok=True)
        keyring = directory / KEYRING
        if not keyring.exists():
            first = LicenseKey.generate(KeyState.ACTIVE, datetime.now(UTC))
            _link_into_place(keyring, cls((first,)).stored(seal))
        document = json.loads(keyring.read_text("utf-8"))
        opened = cls(tuple(LicenseKey.from_stored(entry, seal) for entry in document["keys"]))
        if any("d" in entry for entry in document["keys"]):
            opened.save(directory, seal)
        if not (directory / PUBLIC_SET).exists():
            opened.publish(directory)
        return opened

    def stored(self, seal: Seal) -> dict[str, Any]:
        """The document of the keyring."""
        return {"format": KEYRING_FORMAT, "keys": [key.stored_entry(seal) for key in self.keys]}

    def save(self, directory: Path, seal: Seal) -> None:
        """Publish the public set, then write the keyring: no key signs that is not published."""
        self.publish(directory)
        keyring = directory / KEYRING
        _written_beside(keyring, _printed(self.stored(seal)), mode=0o600).replace(keyring)

    @property
    def active(self) -> LicenseKey:
        (key,) = (key for key in self.keys if key.state is KeyState.ACTIVE)
        return key

    def public_key_set(self) -> dict[str, Any]:
        """The document of `/.well-known/license-keys.json`."""
        return {"format": PUBLIC_SET_FORMAT, "keys": [key.public_entry for key in self.keys]}

    def sign(self, payload_: bytes) -> str:
        """The licence file of a payload that names the active key."""
        enc = encoded(payload_)
        return armour(enc, self.active.private.sign(signing_input(enc)), self.active.kid)

    def bind(self, license_: License, bound: Bound) -> str:
        """The file of a licence for one installation."""
        return self.sign(payload(license_, self.active.kid, bound))

    def issue(self, license_: License) -> License:
        """The same licence with its signed file and the id of the key that signed it."""
        key_id_ = self.active.kid
        return replace(license_, key_id=key_id_, file=self.sign(payload(license_, key_id_)))

    def publish(self, directory: Path) -> None:
        """Bring the public set up to date."""
        path = directory / PUBLIC_SET
        text = _printed(self.public_key_set())
        if not path.exists() or path.read_text("utf-8") != text:
            temporary = _written_beside(path, text, mode=0o644)
            temporary.replace(path)


def key_id(public: Ed25519PublicKey) -> str:
    """A key's id: `plk_` and the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return "plk_" + sha256(public.public_bytes_raw()).hexdigest()[:16]


def read_key_set(directory: Path) -> dict[str, Any]:
    """The public key set kept in a directory. Raises FileNotFoundError where none was ever made."""
    document: dict[str, Any] = json.loads((directory / PUBLIC_SET).read_text("utf-8"))
    return document


def verify(
    text: str,
    key_set: Mapping[str, Any],
    *,
    now: datetime,
    environment: str = "production",
    instance: str | None = None,
    withdrawn: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """Judge a licence file: its spelling, its key, its signature, and only then what it says.

    `withdrawn` are the licences on a verified revocation list.
    """
    read = _genuine(text, key_set)
    if isinstance(read, Verdict):
        return read
    if read.jti in withdrawn:
        sentence = f"It is on the revocation list: {withdrawn[read.jti].lower()}."
        return Verdict(valid=False, code=VerdictCode.REVOKED, sentence=sentence, payload=read)
    return verdict(read, now=now, environment=environment, instance=instance)


def _genuine(text: str, key_set: Mapping[str, Any]) -> Payload | Verdict:
    """What a file says that a trusted key has signed, or why it is none."""
    try:
        parts = parse(text)
    except MalformedFileError as fault:
        return _refused(VerdictCode.MALFORMED, str(fault))
    key = trusted_key(key_set, parts.key_id)
    if key is None:
        return _untrusted(key_set, parts.key_id)
    try:
        key.verify(parts.signature, signing_input(parts.enc))
        read = read_payload(parts.enc)
    except InvalidSignature:
        return _refused(VerdictCode.BAD_SIGNATURE, "The signature does not fit: the licence was altered.")
    except MalformedFileError as fault:
        return _refused(VerdictCode.MALFORMED, str(fault))
    if read.kid != parts.key_id:
        return _refused(VerdictCode.MALFORMED, "The payload names another key than the file.")
    return read


def _untrusted(key_set: Mapping[str, Any], kid: str) -> Verdict:
    if any(key["kid"] == kid for key in key_set["keys"]):
        return _refused(VerdictCode.KEY_REVOKED, f"The key {kid} was revoked; ask for a new licence.")
    return _refused(VerdictCode.UNKNOWN_KEY, f"No key {kid} is in the key set.")


def trusted_key(key_set: Mapping[str, Any], kid: str) -> Ed25519PublicKey | None:
    """The key of a key set that signs or has signed; None for one that is not there or was revoked."""
    key = next((key for key in key_set["keys"] if key["kid"] == kid), None)
    return None if key is None or key["state"] == KeyState.REVOKED else _public_key(key)


def _refused(code: VerdictCode, sentence: str) -> Verdict:
    return Verdict(valid=False, code=code, sentence=sentence)


def _public_key(entry: Mapping[str, str]) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_from_base64url(entry["x"]))


def _link_into_place(path: Path, document: Mapping[str, Any]) -> None:
    """Create a private file whole or not at all, and never over one that another process made meanwhile."""
    temporary = _written_beside(path, _printed(document), mode=0o600)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _written_beside(path: Path, text: str, *, mode: int) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    return Path(name)


def _printed(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
