"""The planned executor: Strawberry's execution context, which runs a plan where there is one."""

from asyncio import get_running_loop, timeout
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any, ClassVar

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationType
from graphql.execution import ExperimentalIncrementalExecutionResults
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.plan import Plan
from execution.planning import Planner
from execution.plans import plans_of
from execution.ready import ready
from execution.run import Run

Response = ExecutionResult | ExperimentalIncrementalExecutionResults


class DeadlineError(Exception):
    """The operation took longer than it may; what it was waiting for has been cancelled."""


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes breadth-first by plan, and by the reference executor what no plan covers.

    Subclass it, or use `planned`, to set the deadline in seconds and what to do when an operation is not
    planned (it is told the reason: a metric).
    """

    deadline: ClassVar[float | None] = 10.0
    unplanned: ClassVar[Callable[[str], None] | None] = None

    @classmethod
    def build(  # type: ignore[override]  # noqa: PLR0917  as graphql-core calls it
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *others: Any,
        **named: Any,
    ) -> "list[GraphQLError] | PlannedExecutor | Again":
        """The executor of a request; for an operation that was planned before, something much lighter."""
        asked = (schema, document, root_value, context_value, raw_variable_values, operation_name, *others)
        build: Any = partial(super().build, *asked, **named)
        if not _watched(others, named) and _in_a_loop():
            operation = ready(schema, document, operation_name)
            variables = operation.coerced(raw_variable_values or {}) if operation is not None else None
            if operation is not None and variables is not None and (plan := operation.plan(variables)):
                return Again(Run(plan, root_value, context_value, variables, build), cls.deadline)
        executor: list[GraphQLError] | PlannedExecutor = build()
        return executor

    def execute_operation(self, serially: bool | None = None) -> Response | Awaitable[Response]:
        plan = self._plan(serially)
        if isinstance(plan, Plan):
            variables = self.variable_values.coerced
            run = Run(plan, self.root_value, self.context_value, variables, lambda: self)
            return within(self.deadline, run.run())
        hook = type(self).unplanned
        if hook is not None:
            hook(plan)
        result = super().execute_operation(serially)
        return within(self.deadline, result) if isawaitable(result) else result

    def _plan(self, serially: bool | None) -> Plan | str:
        """The plan for this operation, kept on its node in the document, or the reason why there is none."""
        reason = self._refusal()
        if reason is not None:
            return reason
        serial = self.operation.operation is OperationType.MUTATION if serially is None else serially
        plans = plans_of(self.operation, self.fragment_definitions)
        values = [self.variable_values.coerced.get(name) for name in plans.deciding]
        if not all(isinstance(value, bool) for value in values):
            return "directive without a boolean"
        planner = Planner(self.schema, self.operation, self.fragments, self.variable_values, serial)
        return plans.of((self.schema, serial, *values), planner.plan_or_reason)

    def _refusal(self) -> str | None:
        """Why this execution, whatever its document, cannot be planned."""
        if self.middleware_manager is not None and self.middleware_manager.middlewares:
            return "middleware"
        if not self.error_propagation:
            return "error propagation is off"
        if self.abort_signal is not None:
            return "abort signal"
        return None if _in_a_loop() else "no event loop"


@dataclass(frozen=True, slots=True)
class Again:
    """One more execution of an operation that was planned before, in the place of an executor."""

    work: Run
    deadline: float | None

    def execute_operation(self, _serially: bool | None = None) -> Awaitable[Response]:
        return within(self.deadline, self.work.run())


async def within(deadline: float | None, result: Awaitable[Response]) -> Response:
    """The response, or the error that it took longer than so many seconds."""
    limit = timeout(deadline)
    try:
        async with limit:
            return await result
    except TimeoutError as fault:
        if not limit.expired():
            raise
        late = DeadlineError(f"The operation took longer than {deadline:g} s.")
        late.__cause__ = fault
        return ExecutionResult(None, [GraphQLError(str(late), original_error=late)])


def _watched(others: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether somebody stands between executor and fields, or wants to be told what happens."""
    middleware = others[_MIDDLEWARE] if len(others) > _MIDDLEWARE else named.get("middleware")
    return any(each is not None for each in (middleware, named.get("abort_signal"), named.get("hooks")))


_MIDDLEWARE = 5
"""Where `middleware` stands after `operation_name` among the arguments of `build`."""


def _in_a_loop() -> bool:
    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True


def planned(
    *, deadline: float | None = 10.0, unplanned: Callable[[str], None] | None = None
) -> type[PlannedExecutor]:
    """The executor class for `strawberry.Schema(execution_context_class=…)` with a deadline in seconds."""
    hook = None if unplanned is None else staticmethod(unplanned)
    return type("PlannedExecutor", (PlannedExecutor,), {"deadline": deadline, "unplanned": hook})
