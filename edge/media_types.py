"""Which form an answer takes: what the Accept header asks for, and what we can give."""

from enum import Enum
from functools import lru_cache

from edge.errors import Code, RequestRefused

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"


class Form(Enum):
    """A form of an answer, by its Content-Type."""

    RESPONSE_JSON = f"{RESPONSE_JSON}; charset=utf-8"
    JSON = f"{JSON}; charset=utf-8"
    EVENT_STREAM = EVENT_STREAM

    def __init__(self, content_type: str) -> None:
        self.content_type = content_type.encode()


@lru_cache(maxsize=512)
def negotiated(accept: str) -> tuple[Form, bool]:
    """The form an Accept header asks for, and whether parts may follow in multipart/mixed.

    JSON is preferred to an event stream wherever both are accepted: clients such as urql name every type
    they can read and mean JSON. Raises RequestRefused with NOT_ACCEPTABLE.
    """
    if not accept.strip():
        return Form.JSON, False
    weights = _weights(accept)
    in_parts = weights.get(MULTIPART, 0.0) > 0
    exact, plain = weights.get(RESPONSE_JSON, 0.0), weights.get(JSON, 0.0)
    if exact > 0 and exact >= plain:
        return Form.RESPONSE_JSON, in_parts
    wild = max(weights.get("application/*", 0.0), weights.get("*/*", 0.0))
    if plain > 0 or (wild > 0 and weights.get(JSON) != 0.0):
        return Form.JSON, in_parts
    if weights.get(EVENT_STREAM, weights.get("text/*", 0.0)) > 0:
        return Form.EVENT_STREAM, False
    if in_parts:
        return Form.JSON, True
    offered = f"{RESPONSE_JSON}, {JSON}, {EVENT_STREAM} and {MULTIPART}"
    raise RequestRefused(Code.NOT_ACCEPTABLE, f"This endpoint answers in {offered}.")


def _weights(accept: str) -> dict[str, float]:
    """The weight of each media type named, 0 to 1; what cannot be read counts as 1."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = min(max(float(parameter[2:]), 0.0), 1.0)
                except ValueError:
                    weight = 1.0
        weights[name] = max(weight, weights.get(name, 0.0))
    return weights
