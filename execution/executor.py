"""The planned executor: Strawberry's execution context, which runs a plan where there is one."""

from asyncio import get_running_loop, timeout
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import ClassVar

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import ExperimentalIncrementalExecutionResults
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.plan import Plan
from execution.planning import Planner
from execution.plans import plans_of
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

    def execute_operation(self, serially: bool | None = None) -> Response | Awaitable[Response]:
        plan = self._plan(serially)
        if isinstance(plan, Plan):
            return self._within_deadline(self._run(plan))
        hook = type(self).unplanned
        if hook is not None:
            hook(plan)
        result = super().execute_operation(serially)
        return self._within_deadline(result) if isawaitable(result) else result

    async def _run(self, plan: Plan) -> Response:
        return self.build_response(await Run(self, plan).run())

    async def _within_deadline(self, result: Awaitable[Response]) -> Response:
        limit = timeout(self.deadline)
        try:
            async with limit:
                return await result
        except TimeoutError as fault:
            if not limit.expired():
                raise
            late = DeadlineError(f"The operation took longer than {self.deadline:g} s.")
            late.__cause__ = fault
            return ExecutionResult(None, [GraphQLError(str(late), original_error=late)])

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
        try:
            get_running_loop()
        except RuntimeError:
            return "no event loop"
        return None


def planned(
    *, deadline: float | None = 10.0, unplanned: Callable[[str], None] | None = None
) -> type[PlannedExecutor]:
    """The executor class for `strawberry.Schema(execution_context_class=…)` with a deadline in seconds."""
    hook = None if unplanned is None else staticmethod(unplanned)
    return type("PlannedExecutor", (PlannedExecutor,), {"deadline": deadline, "unplanned": hook})
