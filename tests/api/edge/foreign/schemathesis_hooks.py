"""What schemathesis holds us to, and what keeps most of its documents from being refused at the door."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import schemathesis
from graphql import DocumentNode, FieldNode, Node, NullValueNode, ObjectValueNode, Visitor, print_ast, visit
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar

PAGING = ({"first"}, {"last"}, set(), {"first", "last", "after", "before"})
"""The paging arguments that a list keeps: all four at once, as they are drawn, are refused in every case."""

ONE_OF = {"by", "customer", "details"}
"""Arguments and fields whose inputs are `@oneOf`, which the generator knows nothing of."""

scalar("Sequence", st.integers(-2, 2**53 + 1).map(nodes.Int) | st.text(max_size=8).map(nodes.String))
scalar("Decimal", st.decimals(places=2).map(str).map(nodes.String) | st.text(max_size=8).map(nodes.String))


@schemathesis.check
def no_fault_of_the_server(ctx: object, response: Any, case: object) -> None:
    """No 5xx, no masked error, and an answer in JSON whatever was asked.

    schemathesis' own check takes a refused argument for a fault of the server.
    """
    assert response.status_code < 500, f"status {response.status_code}: {response.text[:500]}"
    for error in response.json().get("errors", ()):
        code = error["extensions"]["code"]
        assert code not in {"INTERNAL_SERVER_ERROR", "DEADLINE_EXCEEDED"}, f"{code}: {error}"


@schemathesis.hook
def map_body(context: object, body: DocumentNode) -> DocumentNode:
    """The document, asked the way a client asks: one page of a list, one way to name a thing."""
    return visit(body, _Sensible())


class _Sensible(Visitor):
    """Chooses by what is written, so that a seed gives the same documents again."""

    def leave_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        paging = [given for given in node.arguments if given.name.value in PAGING[-1]]
        if not paging:
            return None
        kept = _chosen(paging, PAGING)
        dropped = [given for given in paging if given.name.value not in kept]
        return _with(node, arguments=tuple(given for given in node.arguments if given not in dropped))

    def leave_argument(self, node: Any, *_: object) -> Any:
        return _with_one(node)

    def leave_object_field(self, node: Any, *_: object) -> Any:
        return _with_one(node)


def _with_one(node: Any) -> Any:
    if node.name.value not in ONE_OF or not isinstance(node.value, ObjectValueNode):
        return None
    said = [field for field in node.value.fields if not isinstance(field.value, NullValueNode)]
    if not said:
        return None
    return _with(node, value=_with(node.value, fields=(_chosen(said, said),)))


def _chosen(written: Sequence[Node], choices: Sequence[Any]) -> Any:
    text = "".join(map(print_ast, written))
    return choices[crc32(text.encode(errors="replace")) % len(choices)]


def _with(node: Any, **changes: Any) -> Any:
    return type(node)(**{key: getattr(node, key, None) for key in node.keys} | changes)
