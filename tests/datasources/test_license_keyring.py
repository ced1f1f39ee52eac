"""Keys on their way from next to revoked: sealed at rest, seen by running processes, and never a gap."""

import json
import multiprocessing
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commerce.license_files import VerdictCode
from datasources.license_keyring import CannotChangeKeys, LicenseKeyring
from datasources.license_keys import LicenseKeys, read_key_set, verify
from datasources.sealing import Seal, WrongSeal
from tests.datasources.license_sample import LICENSE, NOW, SEAL

ROTATIONS = 8


@pytest.fixture
def keyring(tmp_path):
    LicenseKeys.open(tmp_path, SEAL)
    return LicenseKeyring(tmp_path, SEAL)


def states(keyring):
    return [key.state.value for key in keyring.present.keys]


def rotated(keyring):
    keyring.generate()
    return keyring.rotate(at_once=True)


def test_a_key_goes_from_next_through_active_and_retired_to_revoked(keyring):
    first = keyring.present.active.kid

    keyring.generate()
    published = states(keyring)
    second = keyring.rotate(at_once=True).kid
    turned = states(keyring)
    keyring.revoke(first)

    assert (published, turned) == (["active", "next"], ["retired", "active"])
    assert states(keyring) == ["revoked", "active"]
    assert keyring.present.active.kid == second


def test_what_a_retired_key_signed_verifies_and_what_a_revoked_one_did_does_not(keyring):
    first = keyring.issue(LICENSE)
    rotated(keyring)

    before = verify(first.file, keyring.public_key_set(), now=NOW).code
    keyring.revoke(first.key_id)
    after = verify(first.file, keyring.public_key_set(), now=NOW).code

    assert (before, after) == (VerdictCode.VALID, VerdictCode.KEY_REVOKED)


def test_a_key_signs_only_when_customers_have_had_a_day_to_fetch_it(keyring):
    made = keyring.generate(NOW)

    with pytest.raises(CannotChangeKeys, match="may sign from 2026-11-23"):
        keyring.rotate(NOW + timedelta(hours=23, minutes=59))

    assert keyring.rotate(NOW + timedelta(hours=24)).kid == made.kid


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda keyring: keyring.rotate(), "no next key"),
        (lambda keyring: (keyring.generate(), keyring.generate()), "next key already"),
        (lambda keyring: keyring.revoke(keyring.present.active.kid), "signs now"),
        (lambda keyring: keyring.revoke("plk_other"), "no key plk_other"),
    ],
)
def test_a_change_that_would_leave_a_gap_is_refused(keyring, change, says):
    with pytest.raises(CannotChangeKeys, match=says):
        change(keyring)

    assert states(keyring).count("active") == 1


def test_a_process_that_has_the_keys_open_signs_with_the_new_one_at_once(keyring, tmp_path):
    elsewhere = LicenseKeyring(tmp_path, SEAL)
    before = elsewhere.issue(LICENSE).key_id

    active = rotated(keyring).kid

    assert before != active
    assert elsewhere.issue(LICENSE).key_id == active
    assert elsewhere.public_key_set() == keyring.public_key_set() == read_key_set(tmp_path)


def test_private_keys_are_sealed_and_open_under_their_secret_alone(keyring, tmp_path):
    rotated(keyring)
    stored = (tmp_path / "license-keyring.json").read_text()

    with pytest.raises(WrongSeal):
        LicenseKeys.open(tmp_path, Seal(b"x" * 32))

    assert stat.S_IMODE((tmp_path / "license-keyring.json").stat().st_mode) == 0o600
    assert not any(key.private.private_bytes_raw().hex() in stored for key in keyring.present.keys)
    assert '"d"' not in stored
    assert all("d" not in entry and entry["sealed"] for entry in json.loads(stored)["keys"])


def test_keys_can_be_sealed_under_another_secret(keyring, tmp_path):
    kid = keyring.present.active.kid

    keyring.reseal(Seal(b"x" * 32))

    assert LicenseKeys.open(tmp_path, Seal(b"x" * 32)).active.kid == kid
    with pytest.raises(WrongSeal):
        LicenseKeys.open(tmp_path, SEAL)


def test_a_keyring_of_before_keys_were_sealed_is_sealed_when_it_is_opened(keyring, tmp_path):
    path = tmp_path / "license-keyring.json"
    document = json.loads(path.read_text())
    key = keyring.present.active
    for entry in document["keys"]:
        del entry["sealed"]
        entry["d"] = _base64url(key.private.private_bytes_raw())
    path.write_text(json.dumps(document))

    opened = LicenseKeys.open(tmp_path, SEAL)

    assert opened.active.kid == key.kid
    assert '"d"' not in path.read_text()


def _base64url(raw):
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(raw).decode().rstrip("=")


def _sign(directory, stop, files):
    """Sign without a pause, as a worker does; every file is put down with the key that signed it."""
    keyring, number = LicenseKeyring(directory, SEAL), 0
    while not stop.is_set():
        number += 1
        issued = keyring.issue(replace(LICENSE, id=f"lic_{number}"))
        files.put((issued.key_id, issued.file))
    files.put(None)


def test_rotation_under_load_breaks_no_verification(tmp_path):
    """Two processes sign while keys rotate. Each file verifies by the set published before its key signed."""
    LicenseKeys.open(tmp_path, SEAL)
    keyring = LicenseKeyring(tmp_path, SEAL)
    fetched = {keyring.present.active.kid: keyring.public_key_set()}
    context = multiprocessing.get_context("spawn")
    stop, files = context.Event(), context.Queue()
    signers = [context.Process(target=_sign, args=(tmp_path, stop, files)) for _ in range(2)]
    found, reader = _collected(files, len(signers))
    for signer in signers:
        signer.start()
    _wait_until(lambda: len(found) > 20)

    for _ in range(ROTATIONS):
        made = keyring.generate()
        fetched[made.kid] = read_key_set(tmp_path)
        keyring.rotate(at_once=True)
        _wait_until(lambda kid=made.kid: any(one == kid for one, _ in list(found)))
    stop.set()
    reader.join(30)
    for signer in signers:
        signer.join(30)

    refused = [kid for kid, file in found if not verify(file, fetched[kid], now=NOW).valid]
    late = [kid for kid, file in found if not verify(file, keyring.public_key_set(), now=NOW).valid]
    assert len({kid for kid, _ in found}) == ROTATIONS + 1
    assert (refused, late) == ([], [])
    assert not any(signer.exitcode for signer in signers)


def _collected(files, signers):
    """What the signers put down, read by a thread until each has ended."""
    found = []

    def read():
        ended = 0
        while ended < signers:
            one = files.get()
            if one is None:
                ended += 1
            else:
                found.append(one)

    reader = threading.Thread(target=read)
    reader.start()
    return found, reader


def _wait_until(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_age_of_a_key_is_when_it_was_made(keyring):
    made = keyring.generate()

    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=1)
