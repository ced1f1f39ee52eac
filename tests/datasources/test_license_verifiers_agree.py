"""All three verifiers on revocation lists, bound files, mutated files and hostile signatures: one answer.

`PORTICO_LICENSE_MUTATIONS` says how many mutated files; the default run has some hundreds.
"""

import json
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commerce.license_files import Bound, armour, encoded, parse, payload
from commerce.license_revocations import LIFETIME, Revocation, wrapped
from commerce.license_revocations import payload as list_of
from commerce.licenses import Withdrawal
from datasources.license_keys import LicenseKeys
from datasources.license_revocations import signed_list
from tests.datasources.license_sample import LICENSE, NOW, SEAL
from tests.datasources.test_license_keys_verifiers import (
    PARTNERS,
    VERIFIERS,
    node,
    node_s,
    ours,
    python_module,
    python_s,
)

MUTATIONS = int(os.environ.get("PORTICO_LICENSE_MUTATIONS", "400"))
VECTORS = Path(__file__).parent / "wycheproof_ed25519.json"
GOOD = {"VALID", "IN_GRACE"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return LicenseKeys.open(tmp_path_factory.mktemp("keys"), SEAL)


@pytest.fixture(scope="module")
def file(keys):
    return keys.issue(LICENSE).file.encode()


def revoking(*license_ids):
    return [Revocation(one, Withdrawal.ROTATED, NOW) for one in license_ids]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_licence_on_the_list_is_revoked_and_no_other(verifier, keys, file):
    listed = signed_list(keys, list_of(revoking(LICENSE.id), NOW))
    unlisted = signed_list(keys, list_of(revoking("lic_other"), NOW))
    empty = signed_list(keys, list_of([], NOW))

    codes = [verifier([file], keys.public_key_set(), revocations=one) for one in (listed, unlisted, empty)]

    assert codes == [["REVOKED"], ["VALID"], ["VALID"]]


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (NOW - timedelta(minutes=5, seconds=1), "REVOCATIONS_INVALID"),
        (NOW - timedelta(minutes=5), "VALID"),
        (NOW + LIFETIME - timedelta(seconds=1), "VALID"),
        (NOW + LIFETIME, "REVOCATIONS_EXPIRED"),
        (NOW + LIFETIME + timedelta(seconds=1), "REVOCATIONS_EXPIRED"),
    ],
)
def test_a_list_counts_for_seven_days_to_the_second(verifier, keys, instant, code):
    earlier = replace(LICENSE, issued_at=NOW - timedelta(hours=1))
    issued = keys.issue(earlier).file.encode()
    listed = signed_list(keys, list_of([], NOW))

    assert verifier([issued], keys.public_key_set(), instant, revocations=listed) == [code]


def odd_lists(keys):
    """Lists that nobody may go by: altered, unsigned, signed for another purpose, by another, or no lists."""
    good = signed_list(keys, list_of([], NOW))
    stranger = LicenseKeys((replace(keys.active, private=Ed25519PrivateKey.generate()),))
    as_license = keys.active.private.sign(b"license/" + good["enc"].encode())
    raw = bytearray(b64decode(good["enc"]))
    raw[30] ^= 1
    words = b64encode(b'{"format":1}').decode()
    later = json.loads(b64decode(good["enc"])) | {"format": 2}
    return [
        {},
        {"keys": []},
        [],
        "x",
        7,
        good | {"alg": "none"},
        good | {"kid": "plk_other"},
        good | {"sig": b64encode(bytes(64)).decode()},
        good | {"sig": None},
        good | {"enc": b64encode(raw).decode()},
        good | {"enc": 7},
        {name: value for name, value in good.items() if name != "sig"},
        signed_list(stranger, list_of([], NOW)),
        wrapped(good["enc"], as_license, keys.active.kid),
        signed_list(keys, words),
        signed_list(keys, b64encode(json.dumps(later).encode()).decode()),
    ]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_list_that_is_no_good_lets_nothing_pass(verifier, keys, file):
    lists = odd_lists(keys)

    codes = [verifier([file], keys.public_key_set(), revocations=one)[0] for one in lists]

    assert codes == ["REVOCATIONS_INVALID"] * 16


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_list_signed_by_a_revoked_key_lets_nothing_pass(verifier, keys):
    second = replace(keys.active, kid="plk_second", private=Ed25519PrivateKey.generate())
    both = LicenseKeys((keys.active, replace(second, state="retired")))
    entries = both.public_key_set()["keys"]
    listed = signed_list(LicenseKeys((second,)), list_of([], NOW))
    issued = keys.issue(LICENSE).file.encode()
    compromised = {"keys": [entries[0], entries[1] | {"state": "revoked"}]}

    assert verifier([issued], {"keys": entries}, revocations=listed) == ["VALID"]
    assert verifier([issued], compromised, revocations=listed) == ["REVOCATIONS_INVALID"]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_bound_file_counts_for_the_installation_that_it_names(verifier, keys, file):
    bound = keys.bind(LICENSE, Bound("build-7.lindeboom.example", 4, NOW)).encode()
    told = keys.public_key_set()

    right = verifier([bound, file], told, instance="build-7.lindeboom.example")
    wrong = verifier([bound, file], told, instance="build-8.lindeboom.example")
    unnamed = verifier([bound, file], told)
    revoked = verifier([bound], told, revocations=signed_list(keys, list_of(revoking(LICENSE.id), NOW)))

    assert right == ["VALID", "VALID"]
    assert wrong == ["WRONG_INSTANCE", "VALID"]
    assert unnamed == ["WRONG_INSTANCE", "VALID"]
    assert revoked == ["REVOKED"]


EDGES = [
    (LICENSE.issued_at - timedelta(minutes=5), "VALID", "ISSUED_IN_FUTURE"),
    (datetime(2027, 11, 22, tzinfo=UTC), "IN_GRACE", "VALID"),
    (datetime(2027, 12, 6, tzinfo=UTC), "EXPIRED", "IN_GRACE"),
]


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("turn", EDGES)
def test_each_edge_falls_between_one_second_and_the_next(verifier, keys, file, turn):
    edge, at, before = turn
    moments = [edge + timedelta(seconds=shift) for shift in (-1, 0, 1)]

    codes = [verifier([file], keys.public_key_set(), moment)[0] for moment in moments]

    assert codes == [before, at, at]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_licence_begins_with_the_first_second_of_its_day(verifier, keys):
    later = keys.issue(replace(LICENSE, starts_on=date(2027, 1, 1))).file.encode()
    edge = datetime(2027, 1, 1, tzinfo=UTC)

    codes = [
        verifier([later], keys.public_key_set(), edge + timedelta(seconds=shift))[0] for shift in (-1, 0, 1)
    ]

    assert codes == ["NOT_STARTED", "VALID", "VALID"]


def mutated(file, other, random):
    """The file with one to three random changes, of a random kind each; never the file itself."""
    data = file
    while data in {file, other}:
        for _ in range(random.randint(1, 3)):
            data = random.choice(CHANGES)(data, other, random)
    return data


def _place(data, random):
    return random.randrange(max(len(data), 1))


def flip(data, _other, random):
    place = _place(data, random)
    return (
        data[:place] + bytes([data[place] ^ (1 << random.randrange(8))]) + data[place + 1 :] if data else b"x"
    )


def replace_byte(data, _other, random):
    place = _place(data, random)
    return data[:place] + bytes([random.choice(ALPHABET)]) + data[place + 1 :]


def insert(data, _other, random):
    place = _place(data, random)
    return data[:place] + bytes([random.choice(ALPHABET)]) + data[place:]


def remove(data, _other, random):
    place = _place(data, random)
    return data[:place] + data[place + random.randint(1, 4) :]


def truncate(data, _other, random):
    return data[: _place(data, random)]


def swap_lines(data, _other, random):
    lines = data.split(b"\n")
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def repeat_line(data, _other, random):
    lines = data.split(b"\n")
    place = random.randrange(len(lines))
    return b"\n".join([*lines[:place], lines[place], *lines[place:]])


def splice(data, other, random):
    place = _place(data, random)
    return data[:place] + other[place:]


def line_ends(data, _other, random):
    return data.replace(b"\n", random.choice([b"\r\n", b"\r", b"\n\n", b" \n"]))


def rewrapped(data, other, random):
    """In the one spelling, so that only the signature can tell: another payload, signature or key."""
    try:
        mine, theirs = parse(data.decode("ascii")), parse(other.decode("ascii"))
    except ValueError:
        return flip(data, other, random)
    raw = bytearray(b64decode(mine.enc))
    raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    signature = bytearray(mine.signature)
    signature[random.randrange(64)] ^= 1 << random.randrange(8)
    forged = random.choice(
        [
            (encoded(bytes(raw)), mine.signature),
            (mine.enc, bytes(signature)),
            (mine.enc, theirs.signature),
            (theirs.enc, mine.signature),
        ]
    )
    return armour(*forged, mine.key_id).encode()


ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=- \n\r\0\xff"
CHANGES = [
    *(flip, replace_byte, insert, remove, truncate, swap_lines, repeat_line, splice, line_ends),
    *(rewrapped, rewrapped, rewrapped),
]


@pytest.mark.node
@pytest.mark.timeout(900)
def test_no_mutated_file_is_accepted_and_all_refuse_it_for_the_same_reason(keys, file):
    random = Random(25519)
    other = keys.issue(replace(LICENSE, id="lic_02", seats=9000)).file.encode()
    files = [mutated(file, other, random) for _ in range(MUTATIONS)]
    told = keys.public_key_set()

    answers = list(zip(ours(files, told), python_s(files, told), node_s(files, told), strict=True))

    assert ours([file, other], told) == ["VALID", "VALID"]
    assert [answer for answer in answers if GOOD & set(answer)] == []
    assert [answer for answer in answers if len(set(answer)) > 1] == []
    assert {"MALFORMED", "BAD_SIGNATURE"} <= {answer[0] for answer in answers}


NODE_SIGNED = """
import { readFileSync } from "node:fs";
const { module, vectors } = JSON.parse(readFileSync(0, "utf8"));
const { signed } = await import(module);
const hex = (text) => Buffer.from(text, "hex");
const answers = vectors.map(([, key, message, signature]) =>
  signed(hex(key).toString("base64url"), hex(signature), hex(message)));
console.log(JSON.stringify(answers));
"""


def signed_for_ours(vector):
    _, key, message, signature, _ = vector
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), bytes.fromhex(message)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_for_python(vector):
    _, key, message, signature, _ = vector
    try:
        return python_module().signed(*(bytes.fromhex(part) for part in (key, signature, message)))
    except ValueError:
        return False


@pytest.mark.node
def test_all_three_answer_wycheproof_s_ed25519_vectors_rightly():
    vectors = json.loads(VECTORS.read_text())
    right = [vector[4] for vector in vectors]

    assert (len(vectors), sum(right)) == (151, 88)
    assert [signed_for_ours(vector) for vector in vectors] == right
    assert [signed_for_python(vector) for vector in vectors] == right
    assert node(NODE_SIGNED, {"module": str(PARTNERS / "verify-license.mjs"), "vectors": vectors}) == right


@pytest.mark.node
def test_no_hostile_signature_of_wycheproof_s_makes_a_licence(keys):
    """Each signature of 64 bytes in a licence file, under the key that it is said to be of."""
    files, entries = [], []
    for number, key, _, signature, _ in json.loads(VECTORS.read_text()):
        if len(signature) == 128:
            kid = f"plk_{number}"
            x = urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("=")
            entries.append({"kid": kid, "x": x, "state": "active"})
            enc = encoded(payload(LICENSE, kid))
            files.append(armour(enc, bytes.fromhex(signature), kid).encode())
    told = {"keys": entries}

    answers = [set(verifier(files, told)) for verifier in (ours, python_s, node_s)]

    assert len(files) > 100
    assert answers == [{"BAD_SIGNATURE"}] * 3
