"""What happens to a licence after it was issued. What it says never changes; its state does."""

from dataclasses import replace
from datetime import datetime

from commerce.licenses import License, LicenseState, Withdrawal, withdrawal_of


def superseded(older: License, newer: License, *, rotated: bool = False) -> License:
    """The older licence once the newer stands in its place.

    Its file goes on the revocation list where it was rotated, or proves more than the newer does.
    """
    reason = Withdrawal.ROTATED if rotated else withdrawal_of(older, newer)
    return replace(
        older,
        state=LicenseState.SUPERSEDED,
        superseded_by=newer.id,
        withdrawn_at=newer.issued_at if reason else None,
        withdrawal=reason,
    )


def in_place_of(newer: License, older: License) -> License:
    """The newer licence as it succeeds the older: what was suspended stays so until it is reinstated."""
    if older.state is not LicenseState.SUSPENDED:
        return newer
    return replace(
        newer, state=LicenseState.SUSPENDED, withdrawn_at=newer.issued_at, withdrawal=Withdrawal.SUSPENDED
    )


def revoked(license_: License, at: datetime) -> License:
    """Ended for good; its file goes on the revocation list."""
    return replace(
        license_,
        state=LicenseState.REVOKED,
        revoked_at=at,
        withdrawn_at=at,
        withdrawal=Withdrawal.REVOKED,
    )


def suspended(license_: License, at: datetime) -> License:
    """Stopped until somebody reinstates it; its file is on the revocation list meanwhile."""
    return replace(license_, state=LicenseState.SUSPENDED, withdrawn_at=at, withdrawal=Withdrawal.SUSPENDED)


def reinstated(license_: License) -> License:
    """A suspended licence that counts again."""
    return replace(license_, state=LicenseState.ACTIVE, withdrawn_at=None, withdrawal=None)


def begun(license_: License) -> License:
    """A scheduled licence whose day has come."""
    return replace(license_, state=LicenseState.ACTIVE)


def expired(license_: License) -> License:
    """A licence whose term and grace days are over."""
    return replace(license_, state=LicenseState.EXPIRED)
