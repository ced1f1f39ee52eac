"""Every root field by every kind of viewer, asked over HTTP: who may is written here a second time, by hand.

A root field without a row fails; so does a row without a field. Each question is the shortest that is valid,
with arguments made up from their types: what it answers does not matter, only whether it was let in.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from commerce.access import Access, Environment, Permission, Role, Viewer, reads, staff, writes
from datasources.tokens import Tokens
from resolvers import follow_events
from schema.access import access_of
from schema.sdl import printed, schema
from tests.api.world import Portal, World

ALL_STAFF = "REP COMPLIANCE PARTNER_OPS OPERATOR DASHBOARD"
ANY_CLIENT = f"no-scope {' '.join(Permission)} every-scope"

MATRIX = {
    "Query.viewer": f"anonymous {ANY_CLIENT} {ALL_STAFF}",
    "Query.rateLimit": f"anonymous {ANY_CLIENT} {ALL_STAFF}",
    "Query.node": f"{ANY_CLIENT} {ALL_STAFF}",
    "Query.nodes": f"{ANY_CLIENT} {ALL_STAFF}",
    "Query.catalog": f"{ANY_CLIENT} {ALL_STAFF}",
    "Query.partner": f"{ANY_CLIENT} {ALL_STAFF}",
    "Query.orders": f"orders:read every-scope {ALL_STAFF}",
    "Query.order": f"orders:read every-scope {ALL_STAFF}",
    "Query.previewOrder": "orders:write every-scope",
    "Query.customers": f"customers:read every-scope {ALL_STAFF}",
    "Query.customer": f"customers:read every-scope {ALL_STAFF}",
    "Query.licenses": f"licenses:read every-scope {ALL_STAFF}",
    "Query.events": f"events:read every-scope {ALL_STAFF}",
    "Query.eventTypes": f"anonymous {ANY_CLIENT} {ALL_STAFF}",
    "Query.screeningCases": "COMPLIANCE",
    "Query.screeningCase": "COMPLIANCE",
    "Query.screeningBatch": "COMPLIANCE",
    "Query.simulateThresholds": "COMPLIANCE",
    "Query.webhookEndpoints": "webhooks:manage every-scope OPERATOR",
    "Query.webhookEndpoint": "webhooks:manage every-scope OPERATOR",
    "Query.webhookDeliveries": "webhooks:manage every-scope OPERATOR",
    "Query.deadLetters": "OPERATOR",
    "Query.outboxQueues": "OPERATOR",
    "Mutation.retryDeadLetters": "OPERATOR",
    "Query.reconcile": "orders:read every-scope",
    "Query.auditLog": "reports:read every-scope OPERATOR",
    "Mutation.retrieveActivationCode": "licenses:read every-scope",
    "Mutation.resendLicense": "licenses:write every-scope REP PARTNER_OPS OPERATOR",
    "Mutation.rotateLicense": "licenses:write every-scope REP PARTNER_OPS OPERATOR",
    "Mutation.changeLicenseContact": "licenses:write every-scope REP PARTNER_OPS OPERATOR",
    "Mutation.revokeLicense": "licenses:write every-scope COMPLIANCE PARTNER_OPS OPERATOR",
    "Mutation.suspendLicense": "COMPLIANCE PARTNER_OPS OPERATOR",
    "Mutation.reinstateLicense": "COMPLIANCE PARTNER_OPS OPERATOR",
    "Stream.events": f"events:read every-scope {ALL_STAFF}",
    "Stream.orderChanged": f"events:read every-scope {ALL_STAFF}",
    "Mutation.issueBridgeLicense": "licenses:write every-scope REP PARTNER_OPS OPERATOR",
    "Mutation.activateLicense": f"anonymous {ANY_CLIENT} {ALL_STAFF}",
    "Mutation.deactivateLicense": "licenses:write every-scope REP PARTNER_OPS OPERATOR",
    "Mutation.placeOrder": "orders:write every-scope",
    "Mutation.placeOrders": "orders:write every-scope",
    "Mutation.cancelOrder": "orders:write every-scope",
    "Mutation.retryOrder": "orders:write every-scope",
    "Mutation.updateOrderReferences": "orders:write every-scope",
    "Mutation.setAutoRenew": "orders:write every-scope",
    "Mutation.answerQuestion": "orders:write every-scope",
    "Mutation.claimScreeningCase": "COMPLIANCE",
    "Mutation.unclaimScreeningCase": "COMPLIANCE",
    "Mutation.clearScreeningCases": "COMPLIANCE",
    "Mutation.denyScreeningCase": "COMPLIANCE",
    "Mutation.askPartner": "COMPLIANCE",
    "Mutation.resumeScreeningCase": "COMPLIANCE",
    "Mutation.confirmClearance": "COMPLIANCE",
    "Mutation.revokeClearance": "COMPLIANCE",
    "Mutation.screenParties": "COMPLIANCE",
    "Mutation.createPartner": "PARTNER_OPS",
    "Mutation.movePartner": "PARTNER_OPS",
    "Mutation.setPartnerPrices": "PARTNER_OPS",
    "Mutation.limitPartnerSales": "PARTNER_OPS",
    "Mutation.setRelationship": "PARTNER_OPS",
    "Mutation.createPartnerClient": "PARTNER_OPS",
    "Mutation.createWebhookEndpoint": "webhooks:manage every-scope",
    "Mutation.updateWebhookEndpoint": "webhooks:manage every-scope",
    "Mutation.deleteWebhookEndpoint": "webhooks:manage every-scope",
    "Mutation.rotateWebhookSecret": "webhooks:manage every-scope",
    "Mutation.sendTestWebhook": "webhooks:manage every-scope",
    "Mutation.redeliverWebhook": "webhooks:manage every-scope",
    "Mutation.replayWebhooks": "webhooks:manage every-scope",
}
"""Who may have each root field: kinds of viewer, separated by spaces."""

VIEWERS: Mapping[str, Viewer | None] = {
    "anonymous": None,
    "no-scope": Viewer("c", Environment.PRODUCTION, partner_id="own"),
    **{
        one.value: Viewer("c", Environment.PRODUCTION, partner_id="own", permissions=frozenset({one}))
        for one in Permission
    },
    "every-scope": Viewer("c", Environment.PRODUCTION, partner_id="own", permissions=frozenset(Permission)),
    **{role.value: Viewer("s", Environment.PRODUCTION, role=role) for role in Role},
}
"""Every kind of viewer; a partner's id is put in when one is made."""

OPERATIONS = {"Query": "query", "Mutation": "mutation", "Stream": "subscription"}
REFUSED = {"FORBIDDEN", "UNAUTHENTICATED"}
NOT_ASKED = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "INTERNAL_SERVER_ERROR"}


def core() -> GraphQLSchema:
    return schema()._schema


def root_fields(built: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    for named in (built.query_type, built.mutation_type, built.subscription_type):
        for name, field in (named.fields if named else {}).items():
            assert named is not None
            yield f"{named.name}.{name}", field


def without_row(built: GraphQLSchema) -> list[str]:
    """Root fields that declare no access or have no row, and rows that have no field."""
    declared = dict(root_fields(built))
    bare = [coordinate for coordinate, field in declared.items() if access_of(field) is None]
    return sorted({*bare, *(declared.keys() ^ MATRIX.keys())})


def question(coordinate: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """The shortest document that asks for a root field, and its variables."""
    kind, _, name = coordinate.partition(".")
    needed = {each: argument for each, argument in field.args.items() if is_required_argument(argument)}
    variables = {each: made_up(argument.type) for each, argument in needed.items()}
    head = ", ".join(f"${each}: {argument.type}" for each, argument in needed.items())
    given = ", ".join(f"{each}: ${each}" for each in needed)
    below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    operation = f"{OPERATIONS[kind]} ({head})" if head else OPERATIONS[kind]
    return (
        f"{operation} {{ {name}{f'({given})' if given else ''}{below} }}",
        variables,
    )


def made_up(wanted: Any) -> Any:
    """A value of an input type; of a list type, one such value in a list."""
    nullable = get_nullable_type(wanted)
    if is_list_type(nullable):
        return [made_up(nullable.of_type)]
    named: GraphQLNamedType = get_named_type(nullable)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    if isinstance(named, GraphQLInputObjectType):
        needed = {name: field for name, field in named.fields.items() if is_required_input_field(field)}
        if not needed:  # one of its fields, exactly
            needed = dict(list(named.fields.items())[:1])
        return {name: made_up(field.type) for name, field in needed.items()}
    return {
        "Int": 1,
        "Sequence": 1,
        "Float": 1.0,
        "Boolean": True,
        "Date": "2026-01-31",
        "Decimal": "1.00",
    }.get(named.name, "2026-01-31T00:00:00Z" if named.name == "DateTime" else "made-up-by-the-matrix")


async def answer_of(portal: Portal, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer to a document; the first one of a stream, if it has any."""
    accept = "text/event-stream" if document.startswith("subscription") else "application/json"
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {portal.token}"} if portal.token else {})
    body = {"query": document, "variables": variables}
    text = (await portal.http.post("/graphql", json=body, headers=headers)).text
    first = text.partition("data: {")[2].partition("\n")[0]
    answer: dict[str, Any] = (
        json.loads("{" + first) if first else {} if "event: " in text else json.loads(text)
    )
    return answer


@pytest.fixture
def portals(world: World, seller: Portal) -> dict[str, Portal]:
    """Somebody of every kind."""
    tokens = Tokens.open(world.settings)

    def portal(viewer: Viewer | None) -> Portal:
        if viewer is not None and viewer.partner_id:
            viewer = replace(viewer, partner_id=seller.id)
        return Portal(seller.id, "", tokens.mint(viewer) if viewer else "", world.http)

    return {kind: portal(viewer) for kind, viewer in VIEWERS.items()}


@pytest.mark.parametrize("coordinate", sorted(MATRIX))
async def test_those_who_may_are_let_in_and_nobody_else(
    coordinate: str, portals: dict[str, Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_events, "LONGEST_STREAM", 0.0)
    field = dict(root_fields(core()))[coordinate]
    document, variables = question(coordinate, field)

    async def is_let_in(portal: Portal) -> bool:
        answer = await answer_of(portal, document, variables)
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes.isdisjoint(NOT_ASKED), answer
        expected = "FORBIDDEN" if portal.token else "UNAUTHENTICATED"
        assert codes & REFUSED in (set(), {expected})
        return not codes & REFUSED

    let_in = {kind for kind, portal in portals.items() if await is_let_in(portal)}

    assert let_in == set(MATRIX[coordinate].split())


def test_the_sdl_says_who_may() -> None:
    text = printed()

    assert 'PlaceOrderPayload @access(scope: "orders:write", roles: [])' in text
    assert "crm: CustomerCrm @access(elseNull: true)" in text
    assert "viewer: Viewer @access(partners: true, anonymous: true)" in text


def test_a_root_field_that_declares_nothing_is_found() -> None:
    planted = build_schema("type Query { planted: Int }")

    assert "Query.planted" in without_row(planted)


async def test_a_field_below_is_refused_or_null_as_it_declares(world: World, seller: Portal) -> None:
    placed = (await seller.place())["order"]["id"]
    viewer = VIEWERS["orders:read"]
    assert viewer is not None
    token = Tokens.open(world.settings).mint(replace(viewer, partner_id=seller.id))
    reader = replace(seller, token=token)

    answer = (
        await reader.post(
            "query ($id: ID!) { order(by: {id: $id}) { id screening { matches { list } } customer { id } } }",
            id=placed,
        )
    ).json()

    assert answer["data"]["order"] == {"id": placed, "screening": {"matches": None}, "customer": None}
    assert [(each["path"], each["extensions"]["code"]) for each in answer["errors"]] == [
        (["order", "customer"], "FORBIDDEN")
    ]


async def test_access_is_judged_once_for_a_whole_list(
    seller: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await seller.place()
    judged: list[Access] = []
    allows = Access.allows

    def counting(self: Access, viewer: Viewer | None) -> bool:
        judged.append(self)
        return allows(self, viewer)

    monkeypatch.setattr(Access, "allows", counting)

    await seller.ask("{ orders { nodes { customer { id } screening { matches { list } } } } }")

    assert len(judged) == 3  # orders, customer, matches


def test_rules_of_access_hold_for_every_kind_of_viewer() -> None:
    def who(access: Access) -> set[str]:
        return {kind for kind, viewer in VIEWERS.items() if access.allows(viewer)}

    assert who(reads(Permission.EVENTS_READ)) == {"events:read", "every-scope", *Role}
    assert who(reads(Permission.REPORTS_READ, Role.OPERATOR)) == {"reports:read", "every-scope", "OPERATOR"}
    assert who(writes(Permission.LICENSES_WRITE, Role.REP)) == {"licenses:write", "every-scope", "REP"}
    assert who(staff(Role.OPERATOR)) == {"OPERATOR"}
    assert who(staff()) == set(Role)
    assert who(Access()) == set()
