"""GraphQL over HTTP: statuses, media types, and JSON bodies for everything that can be wrong."""

import httpx
import pytest

from edge.errors import WELL_FORMED

QUERY = {"query": "{ viewer { subject } }"}
BOTH_JSON = ["application/json", "application/graphql-response+json"]


def the_error(response: httpx.Response) -> dict[str, object]:
    """The only error of a response, checked for what every error has."""
    (error,) = response.json()["errors"]
    assert set(error["extensions"]) >= {"code", "requestId", "retryable"}
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert error["message"]
    return error["extensions"]


@pytest.mark.parametrize("accept", BOTH_JSON)
async def test_the_answer_is_in_the_media_type_that_was_asked_for(
    partner: httpx.AsyncClient, accept: str
) -> None:
    response = await partner.post("/graphql", json=QUERY, headers={"Accept": accept})

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.json()["data"]["viewer"]["subject"]


async def test_json_is_preferred_where_an_event_stream_is_accepted_as_well(
    partner: httpx.AsyncClient,
) -> None:
    accept = (
        "application/graphql-response+json, application/graphql+json, application/json, text/event-stream"
    )

    response = await partner.post("/graphql", json=QUERY, headers={"Accept": accept})

    assert response.headers["content-type"].startswith("application/graphql-response+json")


async def test_every_request_has_an_id_of_its_own(partner: httpx.AsyncClient) -> None:
    ids = {(await partner.post("/graphql", json=QUERY)).headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3
    assert all(each.startswith("req_") and len(each) == 36 for each in ids)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"null", 400, "BAD_REQUEST"),
        (b'"{ viewer { subject } }"', 400, "BAD_REQUEST"),
        (b"7", 400, "BAD_REQUEST"),
        (b"[]", 400, "BAD_REQUEST"),
        (b'[{"query": "{ __typename }"}]', 400, "BAD_REQUEST"),
        (b"", 400, "BAD_REQUEST"),
        (b"{", 400, "BAD_REQUEST"),
        (b"\xff\xfe", 400, "BAD_REQUEST"),
        (b'{"query": "\xff"}', 400, "BAD_REQUEST"),
        (b'{"query": "\\ud800"}', 400, "BAD_REQUEST"),
        (b"{}", 400, "BAD_REQUEST"),
        (b'{"query": ""}', 400, "BAD_REQUEST"),
        (b'{"query": 7}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "variables": []}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "variables": "x"}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "operationName": 7}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "extensions": 7}', 400, "BAD_REQUEST"),
        (b'{"query": "{"}', 400, "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "{ nothing }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "query A { __typename } query B { __typename }"}', 400, "OPERATION_RESOLUTION_FAILURE"),
        (b'{"query": "query A { __typename }", "operationName": "B"}', 400, "OPERATION_RESOLUTION_FAILURE"),
        (b'{"query": "query ($n: Int!) { orders(first: $n) { nodes { id } } }"}', 400, "BAD_USER_INPUT"),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("accept", BOTH_JSON)
async def test_what_is_wrong_with_a_request_is_told_in_json(
    partner: httpx.AsyncClient, body: bytes, status: int, code: str, accept: str
) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}

    response = await partner.post("/graphql", content=body, headers=headers)

    older = accept == "application/json" and code in WELL_FORMED
    assert response.status_code == (200 if older else status)
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert "data" not in response.json()
    assert the_error(response)["code"] == code


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_told_which_are_allowed(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql", json=QUERY)

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert the_error(response)["code"] == "METHOD_NOT_ALLOWED"


async def test_an_accept_header_that_cannot_be_met_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=QUERY, headers={"Accept": "text/html"})

    assert response.status_code == 406
    assert the_error(response)["code"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "text/plain,application/json",
        "application/json; charset=latin-1",
        "",
    ],
)
async def test_a_body_that_a_page_elsewhere_could_send_is_refused(
    http: httpx.AsyncClient, content_type: str
) -> None:
    body = b'{"query": "{ __typename }"}'

    response = await http.post("/graphql", content=body, headers={"Content-Type": content_type})

    assert response.status_code == 415
    assert the_error(response)["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("told", [True, False], ids=["with its length told", "in chunks"])
async def test_a_body_that_is_too_large_is_refused(http: httpx.AsyncClient, told: bool) -> None:
    body = b'{"query": "' + b" " * (256 * 1024) + b'"}'

    async def chunks():
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    content = body if told else chunks()
    response = await http.post("/graphql", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 413
    assert the_error(response)["code"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer", "Basic YTpi"])
async def test_a_token_that_is_not_valid_is_challenged(http: httpx.AsyncClient, token: str) -> None:
    response = await http.post("/graphql", json=QUERY, headers={"Authorization": token})

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer realm="portico"')
    assert the_error(response)["code"] == "UNAUTHENTICATED"


async def test_answers_vary_by_what_was_accepted_and_are_not_stored(partner: httpx.AsyncClient) -> None:
    response = await partner.post("/graphql", json=QUERY)

    assert response.headers["vary"] == "Accept, Authorization"
    assert response.headers["cache-control"] == "no-store"


async def test_no_more_than_five_errors_are_told(partner: httpx.AsyncClient) -> None:
    unknown = " ".join(f"nothing{number}" for number in range(40))

    response = await partner.post("/graphql", json={"query": f"{{ {unknown} }}"})

    assert len(response.json()["errors"]) == 5


async def test_a_misspelt_field_is_not_answered_with_suggestions(partner: httpx.AsyncClient) -> None:
    misspelt = [
        {"query": "{ viewerr { subject } }"},
        {"query": "{ orders(firsst: 1) { nodes { id } } }"},
        {"query": "{ orders(sort: PLACED_AT_DES) { nodes { id } } }"},
        {"query": "query ($f: OrderFilter) { orders(filter: $f) { nodes { id } } }",
         "variables": {"f": {"statuss": []}}},
        {"query": "query ($s: OrderSort!) { orders(sort: $s) { nodes { id } } }",
         "variables": {"s": "PLACED_AT_DES"}},
    ]  # fmt: skip

    answers = [await partner.post("/graphql", json=each) for each in misspelt]

    assert [len(answer.json()["errors"]) for answer in answers] == [1] * 5
    assert not [answer.text for answer in answers if "Did you mean" in answer.text]
