"""An index on disk, so that a restart does not read every list again.

One file a snapshot, arrays and packed entries only, nothing executable; a file that is damaged, of another
engine or of other lists is not used.
"""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commerce.entries import Entries
from commerce.matching import INDEX_VERSION, Index
from commerce.name_rows import Hashed, NameRows, Runs

Arrays = dict[str, NDArray[Any]]

_COLUMNS = ("weights", "entry", "name", "kind", "total", "initials", "lettered", "shares")
_RUNS = ("tokens", "postings")
_HASHED = ("near", "sounding", "joined")


def path_of(directory: Path, snapshot_id: str) -> Path:
    return directory / f"index-{INDEX_VERSION}-{snapshot_id[:32]}.npz"


def saved(index: Index, path: Path) -> None:
    """Whole or not at all; a directory that cannot be written only costs time at the next start."""
    arrays = _of_rows(index.rows) | {
        "entries": np.frombuffer(index.entries.packed, dtype=np.uint8),
        "starts": index.entries.starts,
        "owners.hashes": index.owners.hashes,
        "owners.values": index.owners.values,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    unfinished.replace(path)


def loaded(path: Path) -> Index | None:
    """The index as it was saved; None if there is none to be had."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _index(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _index(arrays: Arrays) -> Index:
    entries = Entries(arrays["entries"].tobytes(), arrays["starts"])
    return Index(entries, _rows(arrays), _hashed(arrays, "owners"))


def _of_rows(rows: NameRows) -> Arrays:
    arrays: Arrays = {name: getattr(rows, name) for name in _COLUMNS}
    arrays["words"] = np.frombuffer("\n".join(rows.words).encode(), dtype=np.uint8)
    for name in _RUNS:
        runs: Runs = getattr(rows, name)
        arrays |= {f"{name}.starts": runs.starts, f"{name}.values": runs.values}
    for name in _HASHED:
        hashed: Hashed = getattr(rows, name)
        arrays |= {f"{name}.hashes": hashed.hashes, f"{name}.values": hashed.values}
    return arrays


def _rows(arrays: Arrays) -> NameRows:
    parts: dict[str, Any] = {name: arrays[name] for name in _COLUMNS}
    parts |= {name: Runs(arrays[f"{name}.starts"], arrays[f"{name}.values"]) for name in _RUNS}
    parts |= {name: _hashed(arrays, name) for name in _HASHED}
    return NameRows(words=tuple(arrays["words"].tobytes().decode().split()), **parts)


def _hashed(arrays: Arrays, name: str) -> Hashed:
    return Hashed(arrays[f"{name}.hashes"], arrays[f"{name}.values"])
