"""Partners' clients sign in as OAuth has it: what works. What must not is in `test_sign_in_negatives.py`."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette

from commerce.access import Permission
from datasources.postgres.api_clients import TooManySecrets
from tests.api.identity import Client, assertion_of, form_of
from tests.api.world import Portal, World

WHO = "{ viewer { subject environment permissions partner { id } } }"


async def test_a_client_signs_in_by_its_secret_in_the_body_or_by_basic(client: Client, world: World) -> None:
    by_body = await client.ask()
    pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
    basic = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    by_basic = await world.http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=basic)

    for answer in (by_body, by_basic):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        token = answer.json()
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] == 900
        assert token["scope"].split() == sorted(Permission)
        viewer = (await client.portal(token["access_token"]).ask(WHO))["viewer"]
        assert viewer == {
            "subject": client.id,
            "environment": "PRODUCTION",
            "permissions": sorted(Permission),
            "partner": {"id": client.partner_id},
        }


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
        (ECKey.generate_key("P-256"), "ES256"),
        (RSAKey.generate_key(2048), "RS256"),
        (RSAKey.generate_key(2048), "PS256"),
    ],
    ids=["Ed25519", "EdDSA", "ES256", "RS256", "PS256"],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_client_signs_in_by_a_key_of_its_own(client: Client, key: Any, algorithm: str) -> None:
    await client.add_key(key, "k1")
    assertion = assertion_of(client, key, algorithm, kid="k1")

    answer = await client.post(form_of(assertion))

    assert answer.status_code == 200
    assert (await client.portal(answer.json()["access_token"]).ask(WHO))["viewer"]["subject"] == client.id


async def test_an_access_token_is_what_rfc_9068_asks_for_and_verifies_by_the_published_keys(
    client: Client, world: World
) -> None:
    published = (await world.http.get("/.well-known/jwks.json")).json()
    server = (await world.http.get("/.well-known/oauth-authorization-server")).json()
    resource = (await world.http.get("/.well-known/oauth-protected-resource/graphql")).json()
    token = (await client.ask(scope="orders:read")).json()["access_token"]

    (jwk,) = published["keys"]
    assert "d" not in jwk
    read = jwt.decode(token, OKPKey.import_key(jwk), algorithms=["Ed25519"])
    claims = read.claims
    assert read.header == {"alg": "Ed25519", "typ": "at+jwt", "kid": jwk["kid"]}
    assert claims["iss"] == server["issuer"]
    assert claims["aud"] == resource["resource"]
    assert claims["sub"] == claims["client_id"] == client.id
    assert claims["exp"] - claims["iat"] == 900
    assert claims["scope"] == "orders:read"
    assert server["token_endpoint"] == f"{server['issuer']}/oauth/token"
    assert resource["authorization_servers"] == [server["issuer"]]


async def test_a_token_holds_the_scopes_that_were_asked_for_and_no_other(client: Client) -> None:
    answer = await client.ask(scope="customers:read orders:read")

    token = answer.json()
    assert token["scope"] == "customers:read orders:read"
    portal = client.portal(token["access_token"])
    assert (await portal.ask("{ orders { totalCount } }"))["orders"]["totalCount"] == 0
    (error,) = await portal.errors("{ licenses { totalCount } }")
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "licenses:read" in error["message"]


async def test_a_client_that_holds_less_gets_less(world: World, seller: Portal) -> None:
    client = await Client.register(world, seller, permissions=(Permission.ORDERS_READ,))

    everything, more = await client.ask(), await client.ask(scope="orders:write")

    assert everything.json()["scope"] == "orders:read"
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


async def test_two_secrets_live_at_once_and_a_third_has_to_wait(client: Client) -> None:
    second = await client.add_secret()
    with pytest.raises(TooManySecrets):
        await client.add_secret()
    assert [(await client.ask(secret=each)).status_code for each in (client.secret, second)] == [200, 200]

    await client.revoke(client.secret_id)
    third = await client.add_secret()

    answers = [(await client.ask(secret=each)).status_code for each in (client.secret, second, third)]
    assert answers == [401, 200, 200]


async def test_the_last_use_of_a_secret_is_remembered(client: Client) -> None:
    before = await client.last_used()

    await client.ask()

    assert before is None
    assert await client.last_used() is not None


async def test_what_is_stored_gives_no_secret_away(client: Client, world: World) -> None:
    row = await world.connection.fetchrow(
        "SELECT * FROM client_secrets WHERE client_id = $1", client.id[-32:]
    )

    assert client.secret[8:] not in str(dict(row))
    assert len(row["digest"]) == 32


@pytest.mark.parametrize("what", ["client", "secret", "partner"])
async def test_tokens_of_what_was_revoked_stop_within_seconds(
    what: str, client: Client, world: World, app: Starlette
) -> None:
    token = (await client.ask()).json()["access_token"]
    portal = client.portal(token)
    assert (await portal.post(WHO)).status_code == 200

    if what == "partner":
        await world.connection.execute(
            "UPDATE partners SET state = 'TERMINATED' WHERE id = $1", client.partner_id[-32:]
        )
    else:
        await client.revoke(client.id if what == "client" else client.secret_id)
    await client.until(lambda: _is_refused(portal), seconds=10)

    (error,) = await portal.errors(WHO)
    assert error["message"] == "This token was revoked."
    assert (await client.ask()).status_code == 401


async def _is_refused(portal: Portal) -> bool:
    return (await portal.post(WHO)).status_code == 401


async def test_a_suspended_partner_still_reads(client: Client, world: World) -> None:
    await world.connection.execute(
        "UPDATE partners SET state = 'SUSPENDED' WHERE id = $1", client.partner_id[-32:]
    )

    answer = await client.ask()

    assert (await client.portal(answer.json()["access_token"]).post(WHO)).status_code == 200
