"""Keys that sign licences: made once, kept private, and never more trusted than they deserve."""

import multiprocessing
import stat
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from commerce.access import Environment
from commerce.license_files import VerdictCode
from datasources.license_keys import LicenseKeys, read_key_set, verify
from tests.datasources.license_sample import LICENSE, NOW, SEAL


@pytest.fixture
def keys(tmp_path):
    return LicenseKeys.open(tmp_path, SEAL)


def test_an_issued_licence_verifies_and_says_who_holds_what(keys):
    issued = keys.issue(LICENSE)

    answer = verify(issued.file, keys.public_key_set(), now=NOW)

    assert (answer.valid, answer.code) == (True, VerdictCode.VALID)
    assert answer.sentence == "Ångström 株式会社 holds 25 seats of Portico Suite Ultimate until 2027-11-22."
    assert issued.key_id == keys.active.kid


def test_the_first_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = LicenseKeys.open(tmp_path, SEAL)

    again = LicenseKeys.open(tmp_path, SEAL)

    assert again.active.kid == first.active.kid
    assert stat.S_IMODE((tmp_path / "license-keyring.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["license-keyring.json", "license-keys.json"]


def test_processes_that_open_a_fresh_home_at_once_agree_on_one_key(tmp_path):
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        kids = pool.map(_kid_of, [tmp_path] * 16, chunksize=1)

    assert len(set(kids)) == 1
    assert len(list(tmp_path.iterdir())) == 2


def _kid_of(directory: Path) -> str:
    return LicenseKeys.open(directory, SEAL).active.kid


def test_the_published_set_holds_no_private_part(keys, tmp_path):
    private = {urlsafe_b64encode(key.private.private_bytes_raw()).decode().rstrip("=") for key in keys.keys}

    published = (tmp_path / "license-keys.json").read_text()

    assert len(private) == 1
    assert not any(secret in published for secret in private)
    assert '"d"' not in published
    assert not any(secret in (tmp_path / "license-keyring.json").read_text() for secret in private)
    assert read_key_set(tmp_path) == keys.public_key_set()
    assert all(secret not in f"{keys!r} {keys.active!r}" for secret in private)


def test_a_sandbox_licence_never_verifies_as_production(keys):
    issued = keys.issue(replace(LICENSE, environment=Environment.SANDBOX))

    assert verify(issued.file, keys.public_key_set(), now=NOW).code is VerdictCode.WRONG_ENVIRONMENT
    assert verify(issued.file, keys.public_key_set(), now=NOW, environment="sandbox").valid


def test_a_licence_of_another_installation_is_refused(keys, tmp_path):
    elsewhere = LicenseKeys.open(tmp_path / "elsewhere", SEAL)

    answer = verify(elsewhere.issue(LICENSE).file, keys.public_key_set(), now=NOW)

    assert answer.code is VerdictCode.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("retired", VerdictCode.VALID),
        ("next", VerdictCode.VALID),
        ("revoked", VerdictCode.KEY_REVOKED),
    ],
)
def test_a_key_s_state_decides_whether_its_licences_stand(keys, state, code):
    key_set = {"keys": [entry | {"state": state} for entry in keys.public_key_set()["keys"]]}

    assert verify(keys.issue(LICENSE).file, key_set, now=NOW).code is code


def test_a_file_that_names_another_key_than_its_payload_is_refused(keys):
    (entry,) = keys.public_key_set()["keys"]
    renamed = {"keys": [entry | {"kid": "plk_other"}]}
    other = LicenseKeys((replace(keys.active, kid="plk_other"),))

    mixed = other.sign(_payload_naming(keys))

    assert verify(mixed, renamed, now=NOW).code is VerdictCode.MALFORMED


def _payload_naming(keys):
    from commerce.license_files import payload

    return payload(LICENSE, keys.active.kid)
