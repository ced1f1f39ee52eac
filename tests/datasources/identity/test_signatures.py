"""Signed texts of others: the vectors of Project Wycheproof, and keys that are refused before they sign."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from datasources.identity.signatures import InvalidKey, InvalidSignature, PublicKey, unverified

GROUPS = json.loads((Path(__file__).parent / "wycheproof_jws.json").read_text())["groups"]
OURS = {("OKP", "Ed25519"), ("EC", "P-256"), ("RSA", None)}


def vectors() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in GROUPS:
        for test in group["tests"]:
            yield group, test


def is_accepted(jwk: dict[str, Any], text: str) -> bool:
    try:
        PublicKey.of(jwk).verified(text)
    except (InvalidKey, InvalidSignature):
        return False
    return True


def test_no_invalid_vector_is_accepted_by_the_key_it_was_made_for() -> None:
    invalid = [(group, test) for group, test in vectors() if test["result"] == "invalid"]

    accepted = [test["tcId"] for group, test in invalid if is_accepted(group["key"], test["jws"])]

    assert len(invalid) == 355
    assert accepted == []


def test_valid_vectors_of_algorithms_that_we_take_are_accepted() -> None:
    def is_ours(group: dict[str, Any], test: dict[str, Any]) -> bool:
        algorithm = unverified_algorithm(test["jws"])
        wanted = group["key"].get("alg", algorithm)
        return (
            test["result"] == "valid"
            and (group["key"]["kty"], group["key"].get("crv")) in OURS
            and algorithm == wanted
            and algorithm in {"ES256", "RS256", "PS256"}
            and ".." not in test["jws"]  # a payload of nothing says nothing
        )

    ours = [(group, test) for group, test in vectors() if is_ours(group, test)]

    assert len(ours) == 14
    assert all(is_accepted(group["key"], test["jws"]) for group, test in ours)


@pytest.mark.parametrize("number", [367, 370])
def test_two_spellings_of_one_text_are_not_both_read(number: int) -> None:
    (text,) = (test["jws"] for _, test in vectors() if test["tcId"] == number)

    with pytest.raises(InvalidSignature):
        unverified(text)


@pytest.mark.parametrize(
    "jwk",
    [
        OKPKey.generate_key("Ed25519").as_dict(private=True),
        OKPKey.generate_key("Ed25519").as_dict(private=False) | {"use": "enc"},
        OKPKey.generate_key("Ed25519").as_dict(private=False) | {"key_ops": ["sign"]},
        OKPKey.generate_key("Ed25519").as_dict(private=False) | {"alg": "ES256"},
        OKPKey.generate_key("X25519").as_dict(private=False),
        OKPKey.generate_key("Ed448").as_dict(private=False),
        ECKey.generate_key("P-384").as_dict(private=False),
        ECKey.generate_key("P-256").as_dict(private=False) | {"x": "AAAA"},
        {"kty": "RSA", "n": RSAKey.generate_key(2048).as_dict(private=False)["n"][:170], "e": "AQAB"},
        {"kty": "RSA", "e": "AQAB"},
        OctKey.generate_key(256).as_dict(private=True),
        {"kty": "OKP", "crv": "Ed25519"},
        {},
    ],
    ids=[
        "private",
        "for encryption",
        "for signing",
        "another alg",
        "X25519",
        "Ed448",
        "P-384",
        "off the curve",
        "short RSA",
        "half RSA",
        "shared secret",
        "no point",
        "empty",
    ],
)
def test_a_key_that_we_do_not_take_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(InvalidKey):
        PublicKey.of(jwk)


def unverified_algorithm(text: str) -> str | None:
    try:
        header, _ = unverified(text)
    except InvalidSignature:
        head = text.partition(".")[0]
        try:
            return json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("alg")
        except ValueError:
            return None
    return str(header.get("alg"))
