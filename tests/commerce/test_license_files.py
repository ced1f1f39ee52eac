"""The one spelling of a licence file, and what a verified payload is worth on a given second."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, date, datetime, timedelta

import pytest

from commerce.access import Environment
from commerce.license_files import (
    MalformedFileError,
    VerdictCode,
    armour,
    encoded,
    parse,
    payload,
    read_payload,
    signing_input,
    verdict,
)
from commerce.licenses import License, LicenseState

SIGNATURE = bytes(range(64))
LICENSE = License(
    id="lic_01",
    subscription_id="sub_01",
    order_id="ord_01",
    partner_id="par_01",
    customer_id="cus_01",
    environment=Environment.PRODUCTION,
    state=LicenseState.ACTIVE,
    sku_code="ULT-12",
    product="Portico Suite",
    plan="Ultimate",
    seats=25,
    features=("audit_events", "sso"),
    licensee_name="Zoë Ånström",
    licensee_company="Ångström 株式会社",
    licensee_email="zoe@angstrom.example",
    issued_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    starts_on=date(2026, 11, 22),
    expires_on=date(2027, 11, 22),
    grace_days=14,
)


def test_the_payload_has_exactly_the_fields_of_the_contract_in_order():
    document = json.loads(payload(LICENSE, "plk_1"))

    assert list(document) == [
        *("jti", "kid", "format", "issuedAt", "startsOn", "expiresOn", "graceDays", "licensee"),
        *("partnerId", "orderId", "subscriptionId", "product", "plan", "seats", "features", "environment"),
    ]
    assert list(document["licensee"]) == ["name", "company", "email"]
    assert document["environment"] == "production"
    assert document["issuedAt"] == "2026-11-22T09:30:00Z"


def test_a_file_opens_to_what_was_put_in():
    enc = encoded(payload(LICENSE, "plk_1"))

    parts = parse(armour(enc, SIGNATURE, "plk_1"))

    assert (parts.enc, parts.signature, parts.key_id) == (enc, SIGNATURE, "plk_1")
    assert read_payload(parts.enc).licensee == LICENSE.licensee
    assert signing_input(parts.enc) == b"license/" + enc.encode()


def wrapped(text):
    body = b64encode(text.encode()).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN LICENSE FILE-----", *lines, "-----END LICENSE FILE-----", ""])


ENC = "e30="
SIG = b64encode(SIGNATURE).decode()
GOOD = f'{{"enc":"{ENC}","sig":"{SIG}","alg":"base64+ed25519","kid":"plk_1"}}'


def test_the_hand_made_wrapper_of_these_tests_is_itself_accepted():
    assert parse(wrapped(GOOD)).enc == ENC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "first line"),
        ("x" * 70_000, "longer than"),
        (wrapped(GOOD).replace("\n", "\r\n"), "CRLF"),
        (wrapped(GOOD)[:-1], "last line"),
        (wrapped(GOOD) + "\n", "last line"),
        (" " + wrapped(GOOD), "first line"),
        (wrapped(GOOD).replace("LICENSE", "LICENCE"), "first line"),
        (wrapped("[" * 5_000), "cannot be read"),
        (wrapped("[]"), "exactly enc, sig, alg and kid"),
        (wrapped(GOOD.replace('"kid"', '"KID"')), "exactly enc, sig, alg and kid"),
        (wrapped(GOOD.replace('"plk_1"', "1")), "not a string"),
        (wrapped(GOOD.replace("base64+ed25519", "none")), "algorithm"),
        (wrapped(GOOD.replace("plk_1", "../plk")), "key id"),
        (wrapped(GOOD.replace("plk_1", "\\u0070lk_1")), "not spelled as it was issued"),
        (wrapped(GOOD.replace('":"', '": "')), "not spelled as it was issued"),
        (wrapped(GOOD.replace(SIG, SIG[:-4])), "64 bytes"),
        (wrapped(GOOD.replace(ENC, "e31=")), "not canonical base64"),
        (wrapped(GOOD.replace(ENC, "e3-0")), "not base64"),
        (wrapped(GOOD.replace(ENC, "é30=")), "not base64"),
    ],
)
def test_any_other_spelling_is_refused_and_the_reason_named(text, reason):
    with pytest.raises(MalformedFileError, match=reason):
        parse(text)


@pytest.mark.parametrize("change", [{"format": 2}, {"startsOn": "soon"}, {"licensee": {"name": "x"}}])
def test_a_payload_of_another_format_is_refused_even_when_signed(change):
    document = json.loads(payload(LICENSE, "plk_1")) | change

    with pytest.raises(MalformedFileError):
        read_payload(b64encode(json.dumps(document).encode()).decode())


def test_a_field_given_twice_is_refused_even_when_signed():
    twice = payload(LICENSE, "plk_1").replace(b'{"jti"', b'{"seats":9000,"jti"', 1)

    with pytest.raises(MalformedFileError, match="twice"):
        read_payload(encoded(twice))


@pytest.mark.parametrize(
    ("instant", "code", "valid"),
    [
        ("2026-11-22T09:24:59Z", VerdictCode.ISSUED_IN_FUTURE, False),
        ("2026-11-22T09:25:00Z", VerdictCode.VALID, True),
        ("2027-11-21T23:59:59Z", VerdictCode.VALID, True),
        ("2027-11-22T00:00:00Z", VerdictCode.IN_GRACE, True),
        ("2027-12-05T23:59:59Z", VerdictCode.IN_GRACE, True),
        ("2027-12-06T00:00:00Z", VerdictCode.EXPIRED, False),
    ],
)
def test_the_verdict_turns_on_the_exact_second(instant, code, valid):
    read = read_payload(encoded(payload(LICENSE, "plk_1")))

    answer = verdict(read, now=datetime.fromisoformat(instant))

    assert (answer.code, answer.valid) == (code, valid)


def test_the_verdict_counts_days_in_utc_whatever_zone_the_clock_is_in():
    read = read_payload(encoded(payload(LICENSE, "plk_1")))
    in_tokyo = datetime.fromisoformat("2027-11-22T08:59:59+09:00")

    assert verdict(read, now=in_tokyo).code is VerdictCode.VALID
    assert verdict(read, now=in_tokyo + timedelta(seconds=1)).code is VerdictCode.IN_GRACE


def test_a_licence_counts_only_in_its_own_environment():
    read = read_payload(encoded(payload(LICENSE, "plk_1")))
    now = LICENSE.issued_at

    assert verdict(read, now=now, environment="production").valid
    assert verdict(read, now=now, environment="sandbox").code is VerdictCode.WRONG_ENVIRONMENT
    assert b64decode(encoded(payload(LICENSE, "plk_1"))) == payload(LICENSE, "plk_1")
