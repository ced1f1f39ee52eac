"""The bytes of list files in a directory, plain or gzip-compressed."""

import gzip
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from datasources.watchlists.sources import MalformedList, Source

LARGEST = 256 * 1024 * 1024
"""Bytes after decompression; the largest official file is below a quarter of it."""


def read(directory: Path, source: Source) -> dict[str, bytes] | None:
    """Every file of the source by name; None if it has none here. Raises MalformedList on half a set."""
    paths = {file.name: _found(directory, file.name) for file in source.files}
    present = {name: path for name, path in paths.items() if path}
    if not present:
        return None
    if missing := sorted(paths.keys() - present.keys()):
        raise MalformedList(f"{source.code}: {', '.join(missing)} not found in {directory}")
    return {name: content(path) for name, path in present.items()}


def content(path: Path) -> bytes:
    """Raises MalformedList on a broken or oversized file."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise MalformedList(f"{path.name}: {fault}") from fault
    if not data or len(data) > LARGEST:
        raise MalformedList(f"{path.name}: {len(data)} bytes")
    return data


def digest(files: Mapping[str, bytes]) -> str:
    """64 hex digits over the names and contents of a list's files."""
    whole = sha256()
    for name in sorted(files):
        whole.update(f"{name} {sha256(files[name]).hexdigest()}\n".encode())
    return whole.hexdigest()


def _found(directory: Path, name: str) -> Path | None:
    """Below its list's folder or straight in the directory, plain before compressed."""
    candidates = (directory / form for base in (name, Path(name).name) for form in (base, f"{base}.gz"))
    return next((path for path in candidates if path.is_file()), None)
