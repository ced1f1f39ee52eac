"""Three verifiers, the same vectors: ours, and the two that customers may take home.

They share no code: ours verifies with `cryptography`, the Python one with its own arithmetic, the Node one
with Node's `crypto`. Whatever one refuses, all refuse, and for the same reason.
"""

import ast
import importlib.util
import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from commerce.access import Environment
from commerce.license_files import armour, encoded, parse, payload, signing_input
from datasources.license_keys import LicenseKeys
from datasources.license_revocations import judged
from tests.datasources.license_sample import LICENSE, NOW, SEAL

PARTNERS = Path(__file__).parents[2] / "docs/partners"
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
NODE_RUN = """
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const { verify } = await import(given.module);
const told = [given.keySet, new Date(given.now), given.environment, given.instance, given.revocations];
console.log(JSON.stringify(given.files.map((file) => verify(Buffer.from(file, "base64"), ...told))));
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return LicenseKeys.open(tmp_path_factory.mktemp("keys"), SEAL)


@pytest.fixture(scope="module")
def file(keys):
    return keys.issue(LICENSE).file.encode()


def ours(files, key_set, now=NOW, *, environment="production", instance=None, revocations=None):
    told = {"now": now, "environment": environment, "instance": instance}
    texts = [file.decode("ascii", errors="replace") for file in files]
    return [str(judged(text, key_set, revocations, **told).code) for text in texts]


def python_module():
    spec = importlib.util.spec_from_file_location("verify_license", PARTNERS / "verify_license.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python_s(files, key_set, now=NOW, *, environment="production", instance=None, revocations=None):
    module = python_module()
    return [module.verify(file, key_set, now, environment, instance, revocations) for file in files]


def node_s(files, key_set, now=NOW, *, environment="production", instance=None, revocations=None):
    vectors = {
        "module": str(PARTNERS / "verify-license.mjs"),
        "files": [b64encode(file).decode() for file in files],
        "keySet": key_set,
        "now": now.isoformat(),
        "environment": environment,
        "instance": instance,
        "revocations": revocations,
    }
    return node(NODE_RUN, vectors)


def node(program, given):
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    return json.loads(ran(["node", "--input-type=module", "-e", program], json.dumps(given)).stdout)


def ran(command, standard_input=None):
    return subprocess.run(command, input=standard_input, capture_output=True, text=True, check=False)


VERIFIERS = [ours, python_s, pytest.param(node_s, marks=pytest.mark.node)]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_every_single_bit_of_the_file_matters(verifier, keys, file):
    bits = [0, 5] if verifier is python_s else range(8)  # its own arithmetic takes 5 ms a signature
    flipped = [
        file[:place] + bytes([byte ^ (1 << bit)]) + file[place + 1 :]
        for place, byte in enumerate(file)
        for bit in bits
    ]

    codes = verifier([file, *flipped], keys.public_key_set())

    assert codes[0] == "VALID"
    assert len(codes) == 1 + len(bits) * len(file)
    assert not {"VALID", "IN_GRACE"} & set(codes[1:])


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_every_byte_replaced_by_another_of_its_alphabet_is_refused(verifier, keys, file):
    other = {byte: alphabet[place - 1] for alphabet in ALPHABETS for place, byte in enumerate(alphabet)}
    changed = [file[:i] + bytes([other.get(byte, 65)]) + file[i + 1 :] for i, byte in enumerate(file)]
    removed = [file[:i] + file[i + 1 :] for i in range(len(file))]
    added = [file[:i] + b"\n" + file[i:] for i in range(len(file) + 1)]

    codes = verifier([*changed, *removed, *added], keys.public_key_set())

    assert len(codes) == 3 * len(file) + 1
    assert not {"VALID", "IN_GRACE"} & set(codes)


ALPHABETS = [b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", b"-=\n "]


def re_wrapped_forgeries(keys, file):
    """Files in the one spelling whose payload, signature or key is not what was issued."""
    parts = parse(file.decode())
    scalar = int.from_bytes(parts.signature[32:], "little") + GROUP_ORDER
    second_spelling = parts.signature[:32] + scalar.to_bytes(32, "little")
    raw = b64decode(parts.enc)
    payloads = [raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :] for i in range(0, len(raw), 29)]
    signatures = [
        parts.signature[:i] + bytes([parts.signature[i] ^ 1]) + parts.signature[i + 1 :]
        for i in range(0, 64, 7)
    ]
    bare = keys.active.private.sign(parts.enc.encode())
    return [
        *(armour(encoded(forged), parts.signature, parts.key_id).encode() for forged in payloads),
        *(armour(parts.enc, forged, parts.key_id).encode() for forged in signatures),
        armour(parts.enc, second_spelling, parts.key_id).encode(),
        armour(parts.enc, bytes(64), parts.key_id).encode(),
        armour(parts.enc, bare, parts.key_id).encode(),
    ]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_forgery_in_the_right_spelling_fails_on_its_signature(verifier, keys, file):
    forgeries = re_wrapped_forgeries(keys, file)

    codes = verifier(forgeries, keys.public_key_set())

    assert len(codes) > 30
    assert set(codes) == {"BAD_SIGNATURE"}


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize(
    ("instant", "code"),
    [
        ("2026-11-22T09:24:59+00:00", "ISSUED_IN_FUTURE"),
        ("2026-11-22T09:25:00+00:00", "VALID"),
        ("2027-11-21T23:59:59+00:00", "VALID"),
        ("2027-11-22T00:00:00+00:00", "IN_GRACE"),
        ("2027-12-05T23:59:59+00:00", "IN_GRACE"),
        ("2027-12-06T00:00:00+00:00", "EXPIRED"),
    ],
)
def test_all_turn_on_the_same_second(verifier, instant, code, keys, file):
    assert verifier([file], keys.public_key_set(), datetime.fromisoformat(instant)) == [code]


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_all_give_the_same_reason_for_what_is_signed_and_yet_refused(verifier, keys):
    later = keys.issue(replace(LICENSE, starts_on=date(2027, 1, 1)))
    sandbox = keys.issue(replace(LICENSE, environment=Environment.SANDBOX))
    wrong_kid = keys.sign(payload(LICENSE, "plk_other"))
    revoked = {"keys": [entry | {"state": "revoked"} for entry in keys.public_key_set()["keys"]]}
    files = [later.file.encode(), sandbox.file.encode(), wrong_kid.encode()]

    assert verifier(files, keys.public_key_set()) == ["NOT_STARTED", "WRONG_ENVIRONMENT", "MALFORMED"]
    assert set(verifier(files, revoked)) == {"KEY_REVOKED"}
    assert set(verifier(files, {"keys": []})) == {"UNKNOWN_KEY"}


def odd_wrappers(file):
    """What a wrapper could hold instead, each in the armour that fits it."""
    parts = parse(file.decode())
    sig = b64encode(parts.signature).decode()
    good = {"enc": parts.enc, "sig": sig, "alg": "base64+ed25519", "kid": parts.key_id}
    bodies = [
        *(json.dumps(value) for value in (None, True, 7, 1.5, "x", [], {}, [good])),
        *(_joined(good | {name: value}) for name in good for value in (None, 7, "é", [], {})),
        *(_joined({key: value for key, value in good.items() if key != name}) for name in good),
        _joined(good | {"more": "x"}),
        _joined(dict(reversed(good.items()))),
        _joined(good | {"alg": "none"}),
        _joined(good | {"alg": "BASE64+ED25519"}),
        _joined(good | {"kid": parts.key_id + "\n"}),
        _joined(good | {"kid": "../" + parts.key_id}),
        _joined(good | {"sig": sig[:-2]}),
        _joined(good | {"sig": sig[:-3] + chr(ord(sig[-3]) + 1) + "=="}),
        _joined(good | {"enc": parts.enc + "\n"}),
        _joined(good).replace("{", '{"enc":"x",', 1),
        _joined(good).replace("kid", "\\u006bid"),
        _joined(good).replace('":"', '": "'),
        _joined(good) + " ",
        "[" * 20_000,
        "NaN",
    ]
    return [_armoured(body.encode()) for body in bodies]


def _joined(wrapper):
    return json.dumps(wrapper, ensure_ascii=False, separators=(",", ":"))


def _armoured(body):
    text = b64encode(body).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN LICENSE FILE-----", *lines, "-----END LICENSE FILE-----", ""]).encode()


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_wrapper_that_holds_anything_else_is_malformed_to_all(verifier, keys, file):
    wrappers = odd_wrappers(file)

    codes = verifier([file, *wrappers], keys.public_key_set())

    assert len(wrappers) == 47
    assert codes == ["VALID", *["MALFORMED"] * len(wrappers)]


RFC_8032 = [
    # RFC 8032 section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_python_verifier_s_own_arithmetic_agrees_with_the_rfc(public, message, signature):
    module = python_module()
    key, text, sig = (bytes.fromhex(part) for part in (public, message, signature))

    assert module.signed(key, sig, text)
    assert not module.signed(key, sig, text + b"\0")
    assert not module.signed(key, sig[:32] + bytes(32), text)


def lines_of_code(source):
    """How many lines hold code: not blank, not a comment, not a docstring."""
    tree = ast.parse(source)
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef)]
    first = [node.body[0] for node in documented if ast.get_docstring(node)]
    prose = {line for text in first for line in range(text.lineno, text.end_lineno + 1)}
    lines = ((number, text.strip()) for number, text in enumerate(source.splitlines(), start=1))
    return sum(bool(text) and not text.startswith("#") and number not in prose for number, text in lines)


def test_the_verifiers_are_short_enough_to_read_before_trusting_them():
    python, node = ((PARTNERS / name).read_text() for name in ("verify_license.py", "verify-license.mjs"))

    assert lines_of_code(python) <= 80
    assert len(node.splitlines()) <= 110


@pytest.mark.parametrize(
    "command",
    [["python3", "verify_license.py"], pytest.param(["node", "verify-license.mjs"], marks=pytest.mark.node)],
)
def test_each_runs_from_the_command_line_with_nothing_installed(command, tmp_path):
    keys = LicenseKeys.open(tmp_path, SEAL)
    in_term = replace(LICENSE, issued_at=datetime(2020, 1, 1, tzinfo=UTC), starts_on=date(2020, 1, 1))
    good = keys.issue(replace(in_term, expires_on=date(9000, 1, 1))).file
    past = keys.issue(replace(in_term, expires_on=date(2021, 1, 1))).file
    (tmp_path / "good.lic").write_text(good)
    (tmp_path / "past.lic").write_text(past)

    ends = [
        ran([command[0], PARTNERS / command[1], tmp_path / name, tmp_path / "license-keys.json"])
        for name in ("good.lic", "past.lic")
    ]

    assert [json.loads(end.stdout)["code"] for end in ends] == ["VALID", "EXPIRED"]
    assert [end.returncode for end in ends] == [0, 1]
    assert signing_input("e30=") == b"license/e30="
