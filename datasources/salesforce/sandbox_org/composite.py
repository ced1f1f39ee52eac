"""`composite`: up to 25 calls in one, later ones referring to the answers of earlier ones."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from datasources.salesforce.sandbox_org.calls import Answer, Call, Refusal
from datasources.salesforce.sandbox_org.org import Desk

MOST_CALLS = 25
MOST_QUERIES = 5  # queries and collections together
_REFERENCE = re.compile(r"@\{([^}]+)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_FIRST_ERROR = 400

Route = Callable[[Desk, Call], Awaitable[Answer]]


class _RolledBack(Exception):
    pass


def composite(route: Route) -> Route:
    """Return the endpoint; `route` answers each call of the batch as if it had come alone."""

    async def answer(desk: Desk, call: Call) -> Answer:
        parts = _parts(call)
        together = bool(call.body.get("allOrNone", False))
        answers: dict[str, Answer] = {}
        try:
            async with desk.connection.transaction():
                for part in parts:
                    answers[part["referenceId"]] = await _answer(desk, part, answers, route)
                if together and any(each.status >= _FIRST_ERROR for each in answers.values()):
                    raise _RolledBack  # noqa: TRY301  leaving by exception is what rolls back
        except _RolledBack:
            answers = {name: _halted(each) for name, each in answers.items()}
        return Answer(200, {"compositeResponse": [_shown(name, each) for name, each in answers.items()]})

    return answer


async def _answer(desk: Desk, part: dict[str, Any], answers: dict[str, Answer], route: Route) -> Answer:
    try:
        async with desk.connection.transaction():
            return await route(desk, _call(part, answers))
    except Refusal as refusal:
        return refusal.as_answer()


def address(url: str) -> tuple[str, tuple[str, ...]]:
    """Split `/services/data/v68.0/a/b` into the version and its decoded segments."""
    raw = [each for each in url.split("/") if each]
    if raw[:2] != ["services", "data"] or len(raw) < 3 or not re.fullmatch(r"v\d+\.\d", raw[2]):  # noqa: PLR2004  services, data, version
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return raw[2][1:], tuple(unquote(each) for each in raw[3:])


def _parts(call: Call) -> list[dict[str, Any]]:
    parts = call.body.get("compositeRequest") if isinstance(call.body, dict) else None
    if not isinstance(parts, list) or not parts:
        raise Refusal(400, "JSON_PARSER_ERROR", "compositeRequest must list the calls")
    heavy = [
        part for part in parts if re.search(r"/(query(All)?|composite/sobjects)\b", str(part.get("url")))
    ]
    if len(parts) > MOST_CALLS or len(heavy) > MOST_QUERIES:
        raise Refusal(400, "LIMIT_EXCEEDED", f"at most {MOST_CALLS} calls, {MOST_QUERIES} of them queries")
    names = [part.get("referenceId") for part in parts]
    if None in names or len(set(names)) != len(names):
        raise Refusal(400, "INVALID_INPUT", "each call needs a referenceId of its own")
    return parts


def _call(part: dict[str, Any], answers: dict[str, Answer]) -> Call:
    url = urlsplit(str(_resolved(part["url"], answers)))
    version, path = address(url.path)
    return Call(
        method=str(part["method"]).upper(),
        path=path,
        version=version,
        query=dict(parse_qsl(url.query)),
        headers={name.lower(): value for name, value in part.get("httpHeaders", {}).items()},
        body=_resolved(part.get("body"), answers),
    )


def _resolved(value: Any, answers: dict[str, Answer]) -> Any:
    match value:
        case str():
            whole = _REFERENCE.fullmatch(value)
            if whole:
                return _referred(whole[1], answers)
            return _REFERENCE.sub(lambda found: str(_referred(found[1], answers)), value)
        case dict():
            return {name: _resolved(each, answers) for name, each in value.items()}
        case list():
            return [_resolved(each, answers) for each in value]
    return value


def _referred(reference: str, answers: dict[str, Answer]) -> Any:
    name, _, path = reference.partition(".")
    earlier = answers.get(name)
    if earlier is None:
        raise Refusal(400, "INVALID_INPUT", f"Invalid reference specified. No value for {reference} found")
    if earlier.status >= _FIRST_ERROR:
        raise _halt()
    found = earlier.body
    for key, index in _STEP.findall(path):
        try:
            found = found[int(index)] if index else found[key]
        except (KeyError, IndexError, TypeError):
            message = f"Invalid reference specified. No value for {reference} found in {name}"
            raise Refusal(400, "INVALID_INPUT", message) from None
    return found


def _halt() -> Refusal:
    return Refusal(
        400, "PROCESSING_HALTED", "The transaction was rolled back since another operation failed."
    )


def _halted(answer: Answer) -> Answer:
    return answer if answer.status >= _FIRST_ERROR else _halt().as_answer()


def _shown(name: str, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": name,
    }
