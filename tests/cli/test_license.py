"""`portico license verify` at the command line: what it prints and how it ends."""

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cli.license import app
from cli.terminal import Refusal
from commerce.access import Environment
from commerce.license_revocations import Revocation
from commerce.license_revocations import payload as list_of
from commerce.licenses import License, LicenseState, Withdrawal
from datasources.license_keyring import LicenseKeyring
from datasources.license_keys import LicenseKeys
from datasources.license_revocations import signed_list
from tests.datasources.license_sample import SEAL

LICENSE = License(
    id="lic_0193f2d0c0de7000800000000000000a",
    subscription_id="sub_0193f2d0c0de7000800000000000000b",
    order_id="ord_0193f2d0c0de7000800000000000000c",
    partner_id="par_0193f2d0c0de7000800000000000000d",
    customer_id="cus_0193f2d0c0de7000800000000000000e",
    environment=Environment.PRODUCTION,
    state=LicenseState.ACTIVE,
    sku_code="ULT-12",
    product="Portico Suite",
    plan="Ultimate",
    seats=25,
    features=("audit_events", "sso"),
    licensee_name="Zoë [Ånström]",
    licensee_company="Ångström 株式会社",
    licensee_email="zoe@angstrom.example",
    issued_at=datetime(2020, 1, 1, tzinfo=UTC),
    starts_on=date(2020, 1, 1),
    expires_on=date(9000, 1, 1),
    grace_days=14,
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTICO_HOME", str(tmp_path))
    monkeypatch.delenv("PORTICO_KEYS_DIR", raising=False)
    monkeypatch.delenv("PORTICO_SEALING_SECRET", raising=False)
    (tmp_path / "sealing.secret").write_bytes(bytes(32))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(home):
    path = home / "license.lic"
    path.write_text(LicenseKeys.open(home / "keys", SEAL).issue(LICENSE).file)
    return path


def verify(*arguments):
    return app(["verify", *map(str, arguments)], result_action="return_value", exit_on_error=False)


def test_a_good_licence_is_accepted_offline_with_the_keys_of_this_home(file, capsys):
    ended = verify(file)

    printed = capsys.readouterr().out
    assert ended == 0
    assert "VALID (VALID): Ångström 株式会社 holds 25 seats of Portico Suite Ultimate" in printed
    assert "Zoë [Ånström] <zoe@angstrom.example>" in printed


def test_one_changed_byte_is_refused(file, capsys):
    data = bytearray(file.read_bytes())
    data[400] ^= 1
    file.write_bytes(data)

    ended = verify(file)

    assert ended == 1
    assert capsys.readouterr().out.startswith("NOT VALID (")


def test_line_ends_changed_by_an_editor_are_named_as_the_reason(file, capsys):
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    ended = verify(file)

    assert ended == 1
    assert "CRLF" in capsys.readouterr().out


def test_json_prints_one_object_and_nothing_else(file, home, capsys):
    sandbox = replace(LICENSE, environment=Environment.SANDBOX)
    file.write_text(LicenseKeys.open(home / "keys", SEAL).issue(sandbox).file)

    assert verify(file, "--json") == 1
    assert json.loads(capsys.readouterr().out)["code"] == "WRONG_ENVIRONMENT"
    assert verify(file, "--json", "--environment", "sandbox") == 0
    assert json.loads(capsys.readouterr().out)["code"] == "VALID"


def test_a_key_set_can_be_a_file_or_the_address_it_is_published_at(file, home, capsys):
    published = home / "keys/license-keys.json"

    with serving(published.read_bytes()) as address:
        by_file, by_address = verify(file, "--keys", published), verify(file, "--keys", address)

    assert (by_file, by_address) == (0, 0)
    assert "VALID" in capsys.readouterr().out


class serving:  # noqa: N801  reads as a statement
    """A web server on loopback that answers every path with one body."""

    def __init__(self, body):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}/.well-known/license-keys.json"

    def __exit__(self, *fault):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["absent.lic"], "absent.lic"),
        (["license.lic", "--keys", "http://keys.example/k.json"], "https only"),
        (["license.lic", "--keys", "license.lic"], "Could not tell"),
    ],
)
def test_what_cannot_be_found_out_ends_with_2_and_says_why(arguments, told, file, capsys):
    assert verify(*arguments) == 2
    assert told in capsys.readouterr().err


def test_a_home_without_keys_says_how_to_get_some(home, capsys):
    (home / "license.lic").write_text("")

    assert verify(home / "license.lic") == 2
    assert "--keys" in capsys.readouterr().err


def keys(*arguments):
    return app(["keys", *arguments], result_action="return_value", exit_on_error=False)


def test_keys_are_made_rotated_and_revoked_at_the_command_line(file, home, capsys):
    before = LicenseKeyring(home / "keys", SEAL).present.active.kid

    keys("generate")
    with pytest.raises(Refusal, match="at-once"):
        keys("rotate")
    keys("rotate", "--at-once")
    retired = verify(file, "--json")
    keys("revoke", before)
    revoked = verify(file, "--json")
    keys("list")

    printed = capsys.readouterr().out
    assert (retired, revoked) == (0, 1)
    assert "KEY_REVOKED" in printed
    assert [line.split()[1] for line in printed.splitlines()[-2:]] == ["revoked", "active"]


def test_keys_under_another_secret_are_refused_with_a_way_out(file, monkeypatch):
    monkeypatch.setenv("PORTICO_SEALING_SECRET", "another secret of more than 32 characters")

    with pytest.raises(Refusal, match="PORTICO_SEALING_SECRET"):
        keys("list")


def test_a_revoked_licence_is_refused_by_the_list_and_a_stale_list_is_too(file, home, capsys):
    opened = LicenseKeyring(home / "keys", SEAL).present
    lists = {
        "fresh": list_of([], datetime.now(UTC)),
        "revoking": list_of(
            [Revocation(LICENSE.id, Withdrawal.REVOKED, LICENSE.issued_at)], datetime.now(UTC)
        ),
        "stale": list_of([], datetime.now(UTC) - timedelta(days=7)),
    }

    codes = []
    for name, enc in lists.items():
        (home / name).write_text(json.dumps(signed_list(opened, enc)))
        verify(file, "--json", "--revocations", home / name)
        codes.append(json.loads(capsys.readouterr().out)["code"])

    assert codes == ["VALID", "REVOKED", "REVOCATIONS_EXPIRED"]
