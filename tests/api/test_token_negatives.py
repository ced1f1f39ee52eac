"""Access tokens that the API must not accept, each beside one that it does; how many negatives there are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasources.identity.signing_keys import ALGORITHM, SigningKeys
from datasources.tokens import Tokens
from tests.api.identity import Client
from tests.api.test_sign_in_negatives import (
    ASSERTIONS,
    CREDENTIALS,
    FORMS,
    OTHER,
    assertion,
    seconds,
    signed,
    with_stray_bits,
)

VECTORS = Path(__file__).parent.parent / "datasources" / "identity" / "wycheproof_jws.json"


def access_claims(c: Client, **changes: Any) -> dict[str, Any]:
    tokens = Tokens.open(c.world.settings)
    claims = {
        "iss": tokens.issuer,
        "aud": tokens.audience,
        "sub": c.id,
        "client_id": c.id,
        "jti": "j",
        "iat": seconds(),
        "exp": seconds() + 900,
        "environment": "PRODUCTION",
        "partner": c.partner_id,
        "scope": "orders:read",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def ours(c: Client, *, typ: str | None = "at+jwt", header: Any = None, **changes: Any) -> str:
    """An access token by the right key, with claims changed: what only we could make, made wrongly."""
    settings = c.world.settings
    keys = SigningKeys.open(settings.keys, "token-signing", settings.token_secret, None)
    head = {"alg": ALGORITHM, "kid": keys._kid, **({"typ": typ} if typ else {}), **(header or {})}
    return signed(head, access_claims(c, **changes), keys._private)


TOKENS: dict[str, Callable[[Client], str]] = {
    "another key": lambda c: signed({"alg": ALGORITHM, "typ": "at+jwt"}, access_claims(c), OTHER),
    "alg none": lambda c: signed({"alg": "none", "typ": "at+jwt"}, access_claims(c), None),
    "its own key in the header": lambda c: signed(
        {"alg": ALGORITHM, "typ": "at+jwt", "jwk": OTHER.as_dict(private=False)}, access_claims(c), OTHER
    ),
    "no kid": lambda c: ours(c, header={"kid": None}),
    "another alg": lambda c: ours(c, header={"alg": "HS256"}),
    "the type of an ID token": lambda c: ours(c, typ="JWT"),
    "no type": lambda c: ours(c, typ=None),
    "another issuer": lambda c: ours(c, iss="https://elsewhere.example"),
    "no issuer": lambda c: ours(c, iss=None),
    "another audience": lambda c: ours(c, aud="https://elsewhere.example"),
    "no audience": lambda c: ours(c, aud=None),
    "expired": lambda c: ours(c, exp=seconds() - 1),
    "no end": lambda c: ours(c, exp=None),
    "an end that is text": lambda c: ours(c, exp="never"),
    "not yet": lambda c: ours(c, nbf=seconds() + 3_600),
    "from the future": lambda c: ours(c, iat=seconds() + 3_600),
    "no subject": lambda c: ours(c, sub=None),
    "no partner": lambda c: ours(c, partner=None),
    "no scope": lambda c: ours(c, scope=None),
    "an unknown scope": lambda c: ours(c, scope="admin"),
    "an unknown environment": lambda c: ours(c, environment="STAGING"),
    "no environment": lambda c: ours(c, environment=None),
    "staff by the key of partners": lambda c: ours(c, iss="urn:portico:local-staff-issuer", role="OPERATOR"),
    "a signature spelt otherwise": lambda c: with_stray_bits(ours(c)),
    "an assertion": assertion,
    "a secret": lambda c: c.secret,
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("name", TOKENS)
async def test_a_token_that_is_wrong_is_refused(name: str, client: Client) -> None:
    body = {"query": "{ viewer { subject } }"}

    async def asked(token: str) -> Any:
        return await client.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})

    answer, right = await asked(TOKENS[name](client)), await asked(ours(client))

    assert answer.status_code == 401
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["UNAUTHENTICATED"]
    assert "data" not in answer.json()
    assert right.json()["data"]["viewer"]["subject"] == client.id


async def test_no_wycheproof_vector_is_a_token(client: Client) -> None:
    groups = json.loads(VECTORS.read_text())["groups"]
    vectors = [test["jws"] for group in groups for test in group["tests"]]
    body = {"query": "{ viewer { subject } }"}

    answers = []
    for vector in vectors:
        printable = vector.encode("ascii", "replace").decode()
        headers = {"Authorization": f"Bearer {printable}"}
        answers.append((await client.http.post("/graphql", json=body, headers=headers)).status_code)

    assert len(vectors) == 401
    assert set(answers) == {401}


def test_there_are_sixty_and_more() -> None:
    assert len(FORMS) + len(CREDENTIALS) + len(ASSERTIONS) + len(TOKENS) == 121
