"""Persisted documents: texts that clients name by their hash, read from files when the server starts.

A directory holds `*.graphql` files, one document each, and `*.json` manifests as graphql-codegen and
relay-compiler write them: an object from id to text.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from edge.errors import Code, RequestRefused
from execution.documents import hash_of

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class PersistedDocuments:
    """The texts by id. An id is `sha256:` and 64 hexadecimal digits, those digits alone, or a name."""

    def __init__(self, texts: Iterable[str] = (), named: Mapping[str, str] | None = None) -> None:
        named = named or {}
        self._by_hash = {hash_of(text): text for text in (*texts, *named.values())}
        self._names = {name: hash_of(text) for name, text in named.items()}

    @classmethod
    def load(cls, directory: Path) -> "PersistedDocuments":
        """Every document below a directory. Raises ValueError where a manifest is not one."""
        texts = [path.read_text() for path in sorted(directory.rglob("*.graphql"))]
        named: dict[str, str] = {}
        for path in sorted(directory.rglob("*.json")):
            manifest = orjson.loads(path.read_bytes())
            if not isinstance(manifest, dict) or not all(isinstance(text, str) for text in manifest.values()):
                raise ValueError(f"{path.name} is not an object from ids to documents")
            named |= manifest
        return cls(texts, named)

    def __len__(self) -> int:
        return len(self._by_hash)

    def __contains__(self, digest: object) -> bool:
        return digest in self._by_hash

    @property
    def texts(self) -> Iterable[str]:
        return self._by_hash.values()

    def text(self, document_id: str) -> str | None:
        """The text with an id, if it is known."""
        match = _SHA256.fullmatch(document_id)
        digest = self._names.get(document_id) or (match and match[1])
        return self._by_hash.get(digest) if digest else None


def check_hash(document_id: str, text: str) -> None:
    """Raise RequestRefused where a text comes with the hash of another."""
    match = _SHA256.fullmatch(document_id)
    if match and match[1] != hash_of(text):
        raise RequestRefused(Code.BAD_REQUEST, "The hash is not that of the document beside it.")


def not_found() -> RequestRefused:
    """The refusal that Apollo Client and others answer by sending the text: they know it by its message."""
    return RequestRefused(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
