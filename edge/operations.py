"""Running an operation, whatever it came by: find it, price it, execute it, and say what it cost."""

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    subscribe,
    visit,
)
from graphql.execution import ExperimentalIncrementalExecutionResults
from graphql.language import REMOVE, VisitorAction
from strawberry.execution.is_awaitable import optimized_is_awaitable

from commerce.access import Viewer
from commerce.rate_limits import Bucket
from edge import persisted
from edge.cost import requested_points
from edge.documents import EdgeDocuments, Operation
from edge.errors import MOST_ERRORS, Code, RequestRefused, formatted
from edge.persisted import PersistedDocuments
from edge.prices import Prices
from edge.requests import GraphQLRequest
from edge.throttle import Throttle
from resolvers.context import Context

Answer = dict[str, Any]
"""A response as GraphQL defines it: errors, data, extensions."""

_NO_INTROSPECTION = "Sign in to introspect; the schema is also served at /schema.graphql."


@dataclass(frozen=True, slots=True)
class Charge:
    """Points taken from a client for one operation."""

    client: str
    points: int
    bucket: Bucket
    handed_in: float = 0.0
    """How many of them are for what was handed in, whatever is answered."""


class Operations:
    """The operations of one schema. `persisted_only` names the viewers who may run nothing else."""

    def __init__(
        self,
        schema: strawberry.Schema,
        sdl: str,
        *,
        documents: PersistedDocuments | None = None,
        throttle: Throttle | None = None,
        persisted_only: Callable[[Viewer | None], bool] = lambda _viewer: False,
    ) -> None:
        self._core = schema._schema  # noqa: SLF001  Strawberry has no public name for it
        self._executor = schema.execution_context_class
        self._persisted = documents or PersistedDocuments()
        self._throttle = throttle or Throttle()
        self._persisted_only = persisted_only
        self.documents = EdgeDocuments(self._core, Prices(sdl))
        for text in self._persisted.texts:
            self.documents.keep(text)

    def find(self, request: GraphQLRequest, viewer: Viewer | None) -> Operation:
        """The operation that a request means. Raises RequestRefused, GraphQLSyntaxError."""
        document = self.documents.of(self._text(request))
        is_persisted = document.hash in self._persisted
        if request.by_get and not is_persisted:
            raise _post_only("GET runs persisted queries only.")
        if not is_persisted and self._persisted_only(viewer):
            raise RequestRefused(Code.PERSISTED_QUERY_ONLY, "This client may run persisted documents only.")
        operation = self.documents.operation(document, request.operation_name)
        if request.by_get and operation.kind is not OperationType.QUERY:
            raise _post_only("GET runs queries only.")
        if operation.introspects and viewer is None and not is_persisted:
            raise RequestRefused(Code.UNAUTHENTICATED, _NO_INTROSPECTION)
        return operation

    def _text(self, request: GraphQLRequest) -> str:
        if request.document_id is None:
            assert request.query is not None  # noqa: S101  a request has one of the two
            return request.query
        if request.query is not None:
            persisted.check_hash(request.document_id, request.query)
            return request.query
        text = self._persisted.text(request.document_id)
        if text is None:
            raise persisted.not_found()
        return text

    async def charge(
        self, operation: Operation, variables: dict[str, Any], context: Context, client: str
    ) -> tuple[Operation, Charge]:
        """Take what an operation may cost; a dry run takes nothing and runs `rateLimit` alone.

        Raises RequestRefused where it costs more than one operation may, or than the client has left.
        """
        if (dry := _dry_run(operation, variables)) is not None:
            points, bucket = math.ceil(operation.cost.requested(variables)), self._throttle.of(client)
            operation = dry
            charge = Charge(client, 0, bucket)
        else:
            points = self.price(operation, variables)
            bucket = await self._throttle.take(client, points)
            charge = Charge(client, points, bucket, operation.cost.handed_in(variables))
        context.allowance = bucket, points
        return operation, charge

    def turn_away(self, client: str) -> None:
        """Refuse a client that has nothing left to spend, at the least cost. Raises RequestRefused."""
        self._throttle.turn_away(client)

    def price(self, operation: Operation, variables: dict[str, Any]) -> int:
        """What an operation may cost. Raises RequestRefused above the limit."""
        return requested_points(operation.cost, variables)

    async def execute(
        self, operation: Operation, variables: dict[str, Any], context: Context
    ) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
        """Run a query or a mutation."""
        known: ExecutionResult | None = operation.notes.get("answer")
        if known is not None:
            return known
        name = operation.node.name
        executor = self._executor.build(
            self._core,
            operation.document,
            None,
            context,
            variables,
            name.value if name else None,
            max_coercion_errors=MOST_ERRORS,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            hide_suggestions=True,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        result = executor.execute_operation()
        if isawaitable(result):
            result = await result
        if operation.only_introspects and isinstance(result, ExecutionResult) and not result.errors:
            operation.notes["answer"] = result  # the schema is the same for everybody who may see it
        return result

    async def events(
        self, operation: Operation, variables: dict[str, Any], context: Context
    ) -> AsyncGenerator[ExecutionResult, None]:
        """What a subscription answers, one result for each event."""
        name = operation.node.name
        source = subscribe(
            self._core,
            operation.document,
            context_value=context,
            variable_values=variables,
            operation_name=name.value if name else None,
            max_coercion_errors=MOST_ERRORS,
            executor_class=self._executor,
            hide_suggestions=True,
        )
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            yield source
            return
        try:
            async with aclosing(cast("AsyncGenerator[ExecutionResult, None]", source)) as results:
                async for result in results:
                    yield result
        except Exception as fault:  # noqa: BLE001  whatever a source raises ends it, and is told as an error
            yield ExecutionResult(None, [GraphQLError("", original_error=fault)])

    def answer(
        self, result: ExecutionResult, operation: Operation, charge: Charge, context: Context
    ) -> Answer:
        """The response for a result: errors formatted, unused points given back."""
        answer: Answer = {}
        extensions: dict[str, Any] = {}
        if result.errors:
            errors = list(result.errors)
            default = Code.BAD_USER_INPUT
            answer["errors"] = [
                formatted(error, context.request_id, default) for error in errors[:MOST_ERRORS]
            ]
            if len(errors) > MOST_ERRORS:
                extensions["errorsOmitted"] = len(errors) - MOST_ERRORS
        if not is_request_error(result):
            answer["data"] = result.data
        extensions["cost"] = self.settle(operation, charge, result.data)
        if operation.deprecations:
            extensions["deprecations"] = [each.shown() for each in operation.deprecations]
        answer["extensions"] = extensions
        return answer

    def settle(self, operation: Operation, charge: Charge, data: Any) -> dict[str, Any]:
        """Give back what was not used; `extensions.cost` in the shape that Shopify gave it."""
        used = operation.cost.actual(data) + (charge.handed_in if data is not None else 0.0)
        actual = min(math.ceil(used), charge.points)
        bucket = charge.bucket
        if actual < charge.points:
            bucket = self._throttle.give_back(charge.client, charge.points - actual)
        return {
            "requestedQueryCost": charge.points,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": int(bucket.capacity),
                "currentlyAvailable": int(max(0.0, bucket.points)),
                "restoreRate": int(bucket.restore_rate),
            },
        }


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed: then a response has no `data` at all."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def at_once(operation: Operation) -> Operation:
    """The operation without `@defer` and `@stream`, for callers who cannot take an answer in parts."""
    plain: Operation | None = operation.notes.get("at once")
    if plain is None:
        document = visit(operation.document, _WithoutIncrements())
        plain = operation.notes["at once"] = _of(operation, document)
    return plain


def _dry_run(operation: Operation, variables: dict[str, Any]) -> Operation | None:
    """The operation with nothing but its root `rateLimit(dryRun: true)`, where it has one."""
    asked = [node for node in operation.node.selection_set.selections if _is_dry(node, variables)]
    if not asked:
        return None
    dry: Operation | None = operation.notes.get("dry run")
    if dry is None:
        selections = replace(operation.node.selection_set, selections=tuple(asked))
        node = replace(operation.node, selection_set=selections)
        definitions = tuple(
            node if each is operation.node else each for each in operation.document.definitions
        )
        dry = operation.notes["dry run"] = _of(
            operation, replace(operation.document, definitions=definitions)
        )
    return dry


def _is_dry(node: Any, variables: dict[str, Any]) -> bool:
    if not isinstance(node, FieldNode) or node.name.value != "rateLimit":
        return False
    for argument in node.arguments or ():
        value = argument.value
        if isinstance(value, VariableNode):
            return variables.get(value.name.value) is True
        return isinstance(value, BooleanValueNode) and value.value
    return False


class _WithoutIncrements(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> VisitorAction:
        return REMOVE if node.name.value in {"defer", "stream"} else None


def _of(operation: Operation, document: DocumentNode) -> Operation:
    """The same operation in a document that was made from its own."""
    name = operation.node.name and operation.node.name.value
    (node,) = (
        each
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode) and (each.name and each.name.value) == name
    )
    return replace(operation, document=document, node=node, is_incremental=False, notes={})


def _post_only(message: str) -> RequestRefused:
    return RequestRefused(Code.METHOD_NOT_ALLOWED, message, headers={"Allow": "POST"})


def errors_of(refused: RequestRefused | GraphQLError) -> list[GraphQLError]:
    """The errors of a request that was refused before execution."""
    return refused.errors if isinstance(refused, RequestRefused) else [refused]
