"""Official files from where they are published, asked for only if they have changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from datasources.watchlists.files import LARGEST
from datasources.watchlists.sources import MalformedList, Source

CONNECT_SECONDS = 5
READ_SECONDS = 60
_CHUNK = 1024 * 1024


class Unreachable(OSError):
    """The publisher did not answer, or not with the file."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """`files` is empty if none has changed; `tags` are the validators to ask with next time."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def download(source: Source, tags: Mapping[str, str], session: requests.Session) -> Downloaded:
    """All files of a list if any has changed, since a list is only ever taken whole.

    Raises Unreachable, or MalformedList on a file beyond all sizes.
    """
    first = {file.name: _ask(session, file.url, tags.get(file.name, "")) for file in source.files}
    if all(content is None for content, _ in first.values()):
        return Downloaded(tags=tags)
    files, fresh = {}, {}
    for file in source.files:
        content, tag = first[file.name]
        if content is None:
            content, tag = _ask(session, file.url, "")
        if content is None:
            raise Unreachable(f"{file.url}: unchanged since nothing")
        files[file.name], fresh[file.name] = content, tag
    return Downloaded(files, fresh)


def _ask(session: requests.Session, url: str, tag: str) -> tuple[bytes | None, str]:
    """The file and its validator; None for the file if it is still the one of that tag."""
    headers = (
        {"If-None-Match": tag} if tag.startswith(('"', "W/")) else {"If-Modified-Since": tag} if tag else {}
    )
    try:
        with session.get(
            url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)
        ) as response:
            if response.status_code == requests.codes.not_modified:
                return None, tag
            response.raise_for_status()
            content = b"".join(_capped(url, response))
            expected = response.headers.get("Content-Length")
            if expected and "Content-Encoding" not in response.headers and len(content) != int(expected):
                raise Unreachable(f"{url}: {len(content)} of {expected} bytes")
            return content, response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
    except requests.RequestException as fault:
        raise Unreachable(f"{url}: {fault}") from fault


def _capped(url: str, response: requests.Response) -> list[bytes]:
    chunks, size = [], 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > LARGEST:
            raise MalformedList(f"{url}: more than {LARGEST} bytes")
        chunks.append(chunk)
    return chunks
