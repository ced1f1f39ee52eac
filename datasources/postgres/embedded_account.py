"""The unprivileged user that runs PostgreSQL when root starts it: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

CHOICES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def running_account(preferred: str | None = None) -> Account | None:
    """Whom to run PostgreSQL as; None when this process is an ordinary user already.

    Raises LookupError when no candidate has a passwd entry, which initdb asks for.
    """
    if os.getuid() != 0:
        return None
    for name in (preferred,) if preferred else CHOICES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    wanted = preferred or " nor ".join(CHOICES)
    raise LookupError(f"root cannot run PostgreSQL and there is no user {wanted}: set PORTICO_PG_USER")


def may_search(account: Account, path: Path) -> bool:
    """Whether the account may pass through every directory of the path, by their mode bits."""
    resolved = path.resolve()
    return all(_searchable(account, directory) for directory in (resolved, *resolved.parents))


def _searchable(account: Account, directory: Path) -> bool:
    try:
        status = directory.stat()
    except FileNotFoundError:
        return True  # it is ours to make
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
