"""What the token endpoint and the API must not accept: each attempt is refused in the way its RFC asks for.

Beside each stands the attempt that is right, which is accepted: a refusal of everything proves nothing.
"""

import asyncio
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from commerce import credentials
from commerce.oauth import ASSERTION_TYPE
from tests.api.identity import GRANT, Client, assertion_of, claims_of, form_of

KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
P256, RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to the token endpoint that must be refused, with the status and error that it must get."""

    body: Mapping[str, str] | str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 400
    error: str = "invalid_request"


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def by_secret(client: Client, **changes: str | None) -> dict[str, str]:
    form = GRANT | {"client_id": client.id, "client_secret": client.secret} | changes
    return {name: value for name, value in form.items() if value is not None}


def encoded(form: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in form.items())


def misspelt(secret: str) -> str:
    """The secret with one character of its body changed: its checksum no longer fits."""
    return secret[:10] + ("a" if secret[10] != "a" else "b") + secret[11:]


FORMS: dict[str, Callable[[Client], Attempt]] = {
    "no grant type": lambda c: Attempt(by_secret(c, grant_type=None)),
    "empty grant type": lambda c: Attempt(by_secret(c, grant_type="")),
    "password grant": lambda c: Attempt(by_secret(c, grant_type="password"), error="unsupported_grant_type"),
    "code grant": lambda c: Attempt(
        by_secret(c, grant_type="authorization_code", code="x"), error="unsupported_grant_type"
    ),
    "refresh grant": lambda c: Attempt(
        by_secret(c, grant_type="refresh_token"), error="unsupported_grant_type"
    ),
    "grant type in capitals": lambda c: Attempt(
        by_secret(c, grant_type="CLIENT_CREDENTIALS"), error="unsupported_grant_type"
    ),
    "grant type twice": lambda c: Attempt(encoded(by_secret(c)) + "&grant_type=client_credentials"),
    "secret twice": lambda c: Attempt(encoded(by_secret(c)) + "&client_secret=x"),
    "scope twice": lambda c: Attempt(encoded(by_secret(c)) + "&scope=orders:read&scope=orders:write"),
    "JSON": lambda c: Attempt(json.dumps(by_secret(c)), {"Content-Type": "application/json"}),
    "no media type": lambda c: Attempt(encoded(by_secret(c)), {"Content-Type": ""}),
    "a form that is none": lambda _: Attempt("client_id"),
    "bytes that are no UTF-8": lambda c: Attempt(encoded(by_secret(c)) + "&state=%ff"),
    "a NUL": lambda c: Attempt(encoded(by_secret(c)) + "&state=%00"),
    "an endless body": lambda c: Attempt(encoded(by_secret(c)) + "&state=" + "a" * 20_000),
    "many parameters": lambda c: Attempt(encoded(by_secret(c)) + "".join(f"&p{n}=1" for n in range(40))),
    "two methods, Basic and body": lambda c: Attempt(by_secret(c), basic(f"{c.id}:{c.secret}")),
    "two methods, secret and assertion": lambda c: Attempt(
        by_secret(c, client_assertion="x", client_assertion_type=ASSERTION_TYPE)
    ),
    "an assertion without its type": lambda c: Attempt(
        by_secret(c, client_secret=None, client_assertion="x")
    ),
    "a type without its assertion": lambda c: Attempt(
        by_secret(c, client_secret=None, client_assertion_type=ASSERTION_TYPE)
    ),
    "another client in the body than in Basic": lambda c: Attempt(
        GRANT | {"client_id": "cli_" + "0" * 32}, basic(f"{c.id}:{c.secret}")
    ),
    "unknown scope": lambda c: Attempt(by_secret(c, scope="orders:delete"), error="invalid_scope"),
    "a scope among others": lambda c: Attempt(by_secret(c, scope="orders:read admin"), error="invalid_scope"),
    "a scope in capitals": lambda c: Attempt(by_secret(c, scope="ORDERS:READ"), error="invalid_scope"),
    "scopes with commas": lambda c: Attempt(
        by_secret(c, scope="orders:read,orders:write"), error="invalid_scope"
    ),
    "scopes with two spaces": lambda c: Attempt(
        by_secret(c, scope="orders:read  orders:write"), error="invalid_scope"
    ),
    "openid": lambda c: Attempt(by_secret(c, scope="openid"), error="invalid_scope"),
    "another resource": lambda c: Attempt(
        by_secret(c, resource="https://elsewhere.example/graphql"), error="invalid_target"
    ),
}


def wrong_client(body: Mapping[str, str] | str, headers: Mapping[str, str] | None = None) -> Attempt:
    return Attempt(body, headers or {}, 401, "invalid_client")


CREDENTIALS: dict[str, Callable[[Client], Attempt]] = {
    "nothing": lambda _: wrong_client(GRANT),
    "an id alone": lambda c: wrong_client(by_secret(c, client_secret=None)),
    "a secret alone": lambda c: wrong_client(by_secret(c, client_id=None)),
    "an empty secret": lambda c: wrong_client(by_secret(c, client_secret="")),
    "another secret": lambda c: wrong_client(by_secret(c, client_secret=credentials.secret_of(bytes(32)))),
    "a misspelt secret": lambda c: wrong_client(by_secret(c, client_secret=misspelt(c.secret))),
    "half a secret": lambda c: wrong_client(by_secret(c, client_secret=c.secret[:30])),
    "a secret and more": lambda c: wrong_client(by_secret(c, client_secret=c.secret + "0")),
    "a secret in capitals": lambda c: wrong_client(by_secret(c, client_secret=c.secret.upper())),
    "the digest of the secret": lambda c: wrong_client(
        by_secret(c, client_secret=credentials.digest(c.secret).hex())
    ),
    "the hint of the secret": lambda c: wrong_client(by_secret(c, client_secret=credentials.hint(c.secret))),
    "an unknown client": lambda c: wrong_client(by_secret(c, client_id="cli_" + "0" * 32)),
    "no client's id": lambda c: wrong_client(by_secret(c, client_id="' OR 1=1 --")),
    "a partner's id": lambda c: wrong_client(by_secret(c, client_id=c.partner_id)),
    "an id in capitals": lambda c: wrong_client(by_secret(c, client_id=c.id.upper())),
    "Basic that is no base64": lambda _: wrong_client(GRANT, {"Authorization": "Basic !!!"}),
    "Basic without a colon": lambda c: wrong_client(GRANT, basic(c.id)),
    "Basic with another secret": lambda c: wrong_client(GRANT, basic(f"{c.id}:{misspelt(c.secret)}")),
    "Basic with a NUL": lambda c: wrong_client(GRANT, basic(f"{c.id}:%00{c.secret}")),
    "a bearer token": lambda c: wrong_client(GRANT, {"Authorization": f"Bearer {c.seller.token}"}),
    "Digest": lambda _: wrong_client(GRANT, {"Authorization": "Digest username=x"}),
}


def signed(header: Mapping[str, Any], claims: object, key: Any = KEY) -> str:
    """A JWT by any means: other libraries refuse to make some of these."""
    parts = [_part(json.dumps(header).encode()), _part(json.dumps(claims).encode())]
    signature = key.private_key.sign(".".join(parts).encode()) if key else b""
    return ".".join([*parts, _part(signature)])


def _part(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def assertion(c: Client, **changes: Any) -> str:
    return assertion_of(c, KEY, "Ed25519", kid="k1", **changes)


def seconds() -> int:
    return int(time.time())


ASSERTIONS: dict[str, Callable[[Client], str]] = {
    "alg none": lambda c: signed({"alg": "none", "kid": "k1"}, claims_of(c), None),
    "alg None": lambda c: signed({"alg": "None", "kid": "k1"}, claims_of(c), None),
    "alg missing": lambda c: signed({"kid": "k1"}, claims_of(c)),
    "alg HS256 by the public key": lambda c: jwt.encode(
        {"alg": "HS256", "kid": "k1"},
        claims_of(c),
        OctKey.import_key(KEY.public_key.public_bytes_raw() + bytes(8)),
        algorithms=["HS256"],
    ),
    "alg of another kind of key": lambda c: assertion_of(c, P256, "ES256", kid="k1"),
    "alg RS256": lambda c: assertion_of(c, RSA, "RS256", kid="k1"),
    "another key": lambda c: assertion_of(c, OTHER, "Ed25519", kid="k1"),
    "another kid": lambda c: assertion_of(c, KEY, "Ed25519", kid="k2"),
    "a kid that is a path": lambda c: assertion_of(c, KEY, "Ed25519", kid="../../dev/null"),
    "a kid that is no text": lambda c: signed({"alg": "Ed25519", "kid": 1}, claims_of(c)),
    "its own key in the header": lambda c: signed(
        {"alg": "Ed25519", "kid": "k1", "jwk": OTHER.as_dict(private=False)}, claims_of(c), OTHER
    ),
    "the right key in the header": lambda c: signed(
        {"alg": "Ed25519", "kid": "k1", "jwk": KEY.as_dict(private=False)}, claims_of(c)
    ),
    "an address of keys": lambda c: signed(
        {"alg": "Ed25519", "kid": "k1", "jku": "https://elsewhere.example/jwks"}, claims_of(c)
    ),
    "a certificate": lambda c: signed({"alg": "Ed25519", "kid": "k1", "x5c": ["AA=="]}, claims_of(c)),
    "an unknown critical header": lambda c: signed(
        {"alg": "Ed25519", "kid": "k1", "crit": ["exp"], "exp": 1}, claims_of(c)
    ),
    "an unencoded payload": lambda c: signed(
        {"alg": "Ed25519", "kid": "k1", "b64": False, "crit": ["b64"]}, claims_of(c)
    ),
    "the type of an access token": lambda c: assertion(c, header={"typ": "at+jwt"}),
    "no signature": lambda c: assertion(c).rpartition(".")[0] + ".",
    "a signature cut short": lambda c: assertion(c)[:-4],
    "a signature with padding": lambda c: assertion(c) + "==",
    "a signature spelt otherwise": lambda c: with_stray_bits(assertion(c)),
    "a fourth part": lambda c: assertion(c) + ".e30",
    "a line feed": lambda c: assertion(c) + "\n",
    "claims changed afterwards": lambda c: _with_claims(assertion(c), claims_of(c, jti="changed")),
    "claims that are a list": lambda _: signed({"alg": "Ed25519", "kid": "k1"}, [1]),
    "no iss": lambda c: assertion(c, iss=None),
    "another iss": lambda c: assertion(c, iss="cli_" + "0" * 32),
    "no sub": lambda c: assertion(c, sub=None),
    "another sub": lambda c: assertion(c, sub=c.partner_id),
    "no aud": lambda c: assertion(c, aud=None),
    "another aud": lambda c: assertion(c, aud="https://elsewhere.example/oauth/token"),
    "a second aud": lambda c: assertion(
        c, aud=[f"{c.world.settings.base_url}/oauth/token", "https://elsewhere.example"]
    ),
    "the API as aud": lambda c: assertion(c, aud=f"{c.world.settings.base_url}/graphql"),
    "no exp": lambda c: assertion(c, exp=None),
    "expired": lambda c: assertion(c, exp=seconds() - 60),
    "exp in a week": lambda c: assertion(c, exp=seconds() + 7 * 86_400),
    "exp as text": lambda c: assertion(c, exp=str(seconds() + 60)),
    "exp as true": lambda c: assertion(c, exp=True),
    "iat in the future": lambda c: assertion(c, iat=seconds() + 3_600),
    "nbf in the future": lambda c: assertion(c, nbf=seconds() + 3_600),
    "no jti": lambda c: assertion(c, jti=None),
    "a jti that is a number": lambda c: assertion(c, jti=7),
    "an endless jti": lambda c: assertion(c, jti="a" * 300),
    "garbage": lambda _: "garbage",
    "an endless text": lambda _: "a" * 9_000,
}


def with_stray_bits(text: str) -> str:
    """The same signature with an unused bit of its last character set: lenient decoders do not see it."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


def _with_claims(text: str, claims: Mapping[str, Any]) -> str:
    header, _, signature = text.split(".")
    return ".".join([header, _part(json.dumps(claims).encode()), signature])


async def refused(client: Client, attempt: Attempt) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **attempt.headers}
    body = attempt.body if isinstance(attempt.body, str) else None
    data = None if body is not None else dict(attempt.body)  # type: ignore[arg-type]
    answer = await client.http.post("/oauth/token", content=body, data=data, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (attempt.status, attempt.error)
    assert "access_token" not in answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get("www-authenticate", "").startswith("Basic") is (attempt.status == 401)
    assert client.secret not in answer.text


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_is_wrong_is_refused(name: str, stranger: Client) -> None:
    await refused(stranger, FORMS[name](stranger))
    assert (await stranger.ask()).status_code == 200


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_credentials_that_are_wrong_are_refused(name: str, stranger: Client) -> None:
    await refused(stranger, CREDENTIALS[name](stranger))
    assert (await stranger.ask()).status_code == 200


@pytest.mark.parametrize("name", ASSERTIONS)
async def test_an_assertion_that_is_wrong_is_refused(name: str, stranger: Client) -> None:
    await stranger.add_key(KEY, "k1")

    await refused(stranger, wrong_client(form_of(ASSERTIONS[name](stranger))))

    assert (await stranger.post(form_of(assertion(stranger)))).status_code == 200


async def test_an_assertion_is_good_once(stranger: Client) -> None:
    await stranger.add_key(KEY, "k1")
    once = form_of(assertion(stranger))

    first, second = await stranger.post(once), await stranger.post(once)

    assert (first.status_code, second.status_code) == (200, 401)


async def test_the_address_must_not_hold_credentials(stranger: Client) -> None:
    query = f"?client_id={stranger.id}&client_secret={stranger.secret}&grant_type=client_credentials"

    by_query = await stranger.http.post(f"/oauth/token{query}", data=by_secret(stranger))
    by_get = await stranger.http.get(f"/oauth/token{query}")

    assert (by_query.status_code, by_query.json()["error"]) == (400, "invalid_request")
    assert (by_get.status_code, by_get.headers["allow"]) == (405, "POST")


async def test_an_assertion_of_another_client_does_not_sign_this_one_in(
    stranger: Client, client: Client
) -> None:
    rival = await Client.register(client.world, await client.world.partner())
    await rival.add_key(OTHER, "k1")
    await stranger.add_key(KEY, "k1")

    form = form_of(assertion_of(rival, OTHER, "Ed25519", kid="k1")) | {"client_id": stranger.id}

    await refused(stranger, wrong_client(form))


async def test_who_fails_again_and_again_has_to_wait_and_nobody_else_has(
    stranger: Client, client: Client
) -> None:
    wrong = by_secret(stranger, client_secret=misspelt(stranger.secret))
    answers = [await stranger.post(wrong) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
    assert answers[-1].json()["error"] == "slow_down"
    assert (await stranger.ask()).status_code == 429, "the right secret has to wait as well"
    assert (await client.ask()).status_code == 200, "from another address it does not"


async def test_many_attempts_at_once_are_no_way_around_the_wait(stranger: Client) -> None:
    wrong = by_secret(stranger, client_secret=misspelt(stranger.secret))

    answers = await asyncio.gather(*(stranger.post(wrong) for _ in range(40)))

    assert sum(answer.status_code == 401 for answer in answers) == 10
