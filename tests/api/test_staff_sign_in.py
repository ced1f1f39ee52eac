"""Staff sign in by tokens of the company's issuer, which rotates its keys, goes away and comes back."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey
from starlette.applications import Starlette
from starlette.routing import Route

from commerce.access import Environment, Role, Viewer
from datasources.identity import issuer_keys
from datasources.identity.staff import CompanyIssuer
from datasources.settings import Settings
from datasources.tokens import Tokens, mint
from edge.graphql import GraphQLEdge
from edge.operations import Operations
from schema.sdl import printed, schema
from tests.issuer import Issuer, issuing

WHO = {"query": "{ viewer { subject environment role partner { id } } }"}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as answering:
        yield answering


@pytest.fixture
def company(settings: Settings, issuer: Issuer) -> Settings:
    """Settings that name the company's issuer."""
    return settings.model_copy(update={"staff_issuer": issuer.url})


@pytest.fixture
def tokens(company: Settings) -> Tokens:
    return Tokens.open(company)


@pytest.fixture
async def http(app: Starlette, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    """An edge that takes the issuer's tokens."""
    edge = GraphQLEdge(schema(), Operations(schema(), printed()), tokens)
    served = Starlette(routes=[Route("/graphql", edge)])
    served.state.sources = app.state.sources
    transport = httpx.ASGITransport(app=served)
    async with httpx.AsyncClient(transport=transport, base_url="http://portico.test") as client:
        yield client


async def asked(http: httpx.AsyncClient, token: str) -> Any:
    return await http.post("/graphql", json=WHO, headers={"Authorization": f"Bearer {token}"})


def expect_soon(tokens: Tokens) -> None:
    """Let the issuer be asked again at once."""
    assert isinstance(tokens.staff, CompanyIssuer)
    tokens.staff.keys._tried_at -= issuer_keys.RETRY_SECONDS


async def test_a_member_of_staff_is_who_the_issuer_says_in_the_role_of_the_claim(
    http: httpx.AsyncClient, issuer: Issuer
) -> None:
    viewer = (await asked(http, issuer.token())).json()["data"]["viewer"]

    assert viewer == {
        "subject": "staff 00u1-mira",
        "environment": "PRODUCTION",
        "role": "REP",
        "partner": None,
    }


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({"roles": "portico-operator"}, "OPERATOR"),
        ({"roles": ["portico-partner-ops"]}, "PARTNER_OPS"),
        ({"roles": ["portico-dashboard", "portico-compliance"]}, "COMPLIANCE"),
    ],
)
async def test_the_first_role_that_fits_counts(
    http: httpx.AsyncClient, issuer: Issuer, changes: dict[str, Any], role: str
) -> None:
    assert (await asked(http, issuer.token(**changes))).json()["data"]["viewer"]["role"] == role


async def test_the_audience_decides_the_environment(http: httpx.AsyncClient, issuer: Issuer) -> None:
    viewer = (await asked(http, issuer.token(aud=["portico-sandbox", "intranet"]))).json()["data"]["viewer"]

    assert viewer["environment"] == "SANDBOX"


async def test_roles_are_found_where_the_settings_say(company: Settings, issuer: Issuer) -> None:
    named = {"staff_roles_claim": "realm.roles", "staff_roles": {"crew": Role.COMPLIANCE}}
    tokens = Tokens.open(company.model_copy(update=named))
    await tokens.look_again()

    viewer = tokens.viewer(issuer.token(realm={"roles": ["crew"]}), datetime.now(UTC))

    assert viewer == Viewer("staff 00u1-mira", Environment.PRODUCTION, role=Role.COMPLIANCE)


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "intranet"},
    "no audience": {"aud": None},
    "both environments": {"aud": ["portico", "portico-sandbox"]},
    "expired": {"exp": 1},
    "no end": {"exp": None},
    "not yet": {"nbf": 4_000_000_000},
    "from the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "no role": {"roles": None},
    "an unknown role": {"roles": ["everybody"]},
    "our name of a role": {"roles": ["REP"]},
    "another type": {"header": {"typ": "logout+jwt"}},
    "another key under this kid": {"key": ECKey.generate_key("P-256")},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_token_that_is_wrong_is_refused(http: httpx.AsyncClient, issuer: Issuer, name: str) -> None:
    answer, right = await asked(http, issuer.token(**WRONG[name])), await asked(http, issuer.token())

    assert (answer.status_code, right.status_code) == (401, 200)


async def test_tokens_of_the_local_issuer_are_refused_where_the_company_has_one(
    http: httpx.AsyncClient, settings: Settings, company: Settings
) -> None:
    local = mint(settings, role="OPERATOR")

    assert (await asked(http, local)).status_code == 401
    with pytest.raises(LookupError, match="tokens of staff are made by"):
        mint(company, role="OPERATOR")


async def test_a_new_key_is_asked_for_when_it_is_first_seen_and_strangers_cannot_make_us_ask(
    http: httpx.AsyncClient, issuer: Issuer, tokens: Tokens
) -> None:
    await asked(http, issuer.token())
    issuer.keys["k2"] = ECKey.generate_key("P-256")
    issuer.keys.pop("k1")
    expect_soon(tokens)

    rotated = await asked(http, issuer.token(kid="k2"))
    before = issuer.asked
    made_up = [await asked(http, issuer.token(kid="k2", header={"kid": f"made-up-{n}"})) for n in range(20)]

    assert rotated.status_code == 200
    assert {answer.status_code for answer in made_up} == {401}
    assert issuer.asked == before


async def test_known_keys_serve_on_while_the_issuer_is_away_but_not_for_ever(
    http: httpx.AsyncClient, issuer: Issuer, tokens: Tokens
) -> None:
    await asked(http, issuer.token())
    issuer.status = 503
    expect_soon(tokens)
    await tokens.look_again()

    away = await asked(http, issuer.token(jti="2"))
    assert isinstance(tokens.staff, CompanyIssuer)
    tokens.staff.keys._fetched_at -= issuer_keys.LONGEST_USE_SECONDS
    a_day_later = await asked(http, issuer.token(jti="3"))

    assert (away.status_code, a_day_later.status_code) == (200, 401)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 302},
        {"body": b"not JSON"},
        {"body": b"[]"},
        {"body": b'{"keys": {}}'},
        {"body": b'{"keys": []}'},
        {"body": b'{"keys": ["x", 1, null]}'},
        {"body": b"{" + b" " * 300_000 + b"}"},
        {"changes": {"issuer": "https://elsewhere.example"}},
        {"changes": {"jwks_uri": "http://elsewhere.example/keys"}},
        {"changes": {"jwks_uri": "file:///etc/passwd"}},
        {"changes": {"jwks_uri": None}},
    ],
    ids=lambda fault: str(fault)[:50],
)
def test_an_issuer_that_answers_wrongly_is_not_believed(issuer: Issuer, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(issuer, name, value)

    with pytest.raises(issuer_keys.IssuerUnreachable):
        issuer_keys.fetch_keys(issuer.url)


def test_an_issuer_that_does_not_answer_is_given_up(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer.pause = 1.0
    monkeypatch.setattr(issuer_keys, "READ_TIMEOUT", 0.1)

    with pytest.raises(issuer_keys.IssuerUnreachable, match="ReadTimeout"):
        issuer_keys.fetch_keys(issuer.url)


def test_keys_that_we_do_not_take_are_passed_over(issuer: Issuer) -> None:
    issuer.keys |= {"shared": OctKey.generate_key(256), "large": ECKey.generate_key("P-384")}

    assert set(issuer_keys.fetch_keys(issuer.url)) == {"k1"}
