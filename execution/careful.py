"""Completing values one by one, with errors: what the reference executor does, over a plan.

A region comes here on its first use, when code for it would cost more than it saves, and whenever its
generated code met something unusual. Errors are located, recorded and
propagated exactly as the reference does, because its own functions for errors, types and leaves are used.
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, Undefined, located_error
from graphql.execution import Executor
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Path, is_iterable

from execution.asking import outcome
from execution.plan import Abstract, Chosen, Leaf, ListOf, Region, Selection, Shape, Sinks


@dataclass(slots=True)
class Careful:
    """One careful completion of a region, on behalf of a running executor."""

    executor: Executor[Any]
    region: Region
    sinks: Sinks

    async def answer(self, chosen: Chosen, answer: Any, path: Path) -> Any:
        """The response value for a step's answer. Raises a located error where null is not allowed."""
        return await self._guarded(chosen.shape, answer, chosen, path, path)

    async def root(self, selection: Selection, value: Any) -> dict[str, Any]:
        """The response for the root value. Raises a located error where null is not allowed."""
        return await self._fields(selection, value, None)

    async def _guarded(self, shape: Shape, value: Any, chosen: Chosen, field_path: Path, path: Path) -> Any:
        """Complete a value; an error ends here where null is allowed, and takes its steps with it."""
        marks = [len(sources) for sources, _ in self.sinks]
        try:
            return await self._value(shape, value, chosen, field_path, path)
        except Exception as fault:  # noqa: BLE001 - whatever a record or a scalar raises is a field error
            for mark, (sources, targets) in zip(marks, self.sinks, strict=True):
                del sources[mark:], targets[mark:]
            error = located_error(fault, chosen.nodes, path.as_list())
            if not shape.nullable:
                raise error from None
            self.executor.collected_errors.add(error, path)
            return None

    async def _value(self, shape: Shape, value: Any, chosen: Chosen, field_path: Path, path: Path) -> Any:
        if isinstance(value, Exception):
            raise value
        completed = None
        if value is not None and value is not Undefined:
            completed = await self._present(shape, value, chosen, field_path, path)
        if completed is None and not shape.nullable:
            raise TypeError(
                f"Cannot return null for non-nullable field {chosen.owner}.{chosen.nodes[0].name.value}."
            )
        return completed

    async def _present(self, shape: Shape, value: Any, chosen: Chosen, field_path: Path, path: Path) -> Any:
        if isinstance(shape, Leaf):
            return self.executor.complete_leaf_value(shape.type, value)
        if isinstance(shape, ListOf):
            return await self._list(shape, value, chosen, field_path, path)
        info = self._info(chosen, field_path)
        if isinstance(shape, Abstract):
            selection = shape.selections[(await self._type(shape, value, chosen, info)).name]
        else:
            selection = shape.selection
        if selection.type.is_type_of:
            told = selection.type.is_type_of(value, info)
            if not (await told if self.executor.is_awaitable(told) else told):
                raise invalid_return_type_error(selection.type, value, chosen.details)
        return await self._fields(selection, value, path)

    async def _list(
        self, shape: ListOf, value: Any, chosen: Chosen, field_path: Path, path: Path
    ) -> list[Any]:
        if self.executor.is_async_iterable(value):
            value = await self._collected(value, chosen, path)
        if not is_iterable(value):
            name = chosen.nodes[0].name.value
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{chosen.owner}.{name}'.")
        completed = []
        for index, given in enumerate(value):
            here = path.add_key(index, None)
            item = await self._settled(given)
            completed.append(await self._guarded(shape.item, item, chosen, field_path, here))
        return completed

    async def _collected(self, values: AsyncIterable[Any], chosen: Chosen, path: Path) -> list[Any]:
        try:
            return [value async for value in values]
        except Exception as fault:
            raise located_error(fault, chosen.nodes, path.as_list()) from fault

    async def _type(
        self, shape: Abstract, value: Any, chosen: Chosen, info: GraphQLResolveInfo[Any]
    ) -> GraphQLObjectType:
        executor = self.executor
        told = (shape.type.resolve_type or executor.type_resolver)(value, info, shape.type)
        name = await told if executor.is_awaitable(told) else told
        return executor.ensure_valid_runtime_type(name, shape.type, chosen.details, info, value)

    async def _fields(self, selection: Selection, source: Any, path: Path | None) -> dict[str, Any]:
        part: dict[str, Any] = {}
        for chosen in selection.fields:
            part[chosen.key] = None
            if chosen.typename:
                part[chosen.key] = selection.type.name
            elif chosen.attribute is not None:
                here = Path(path, chosen.key, selection.type.name)
                value = await self._settled(_read(source, chosen.attribute))
                part[chosen.key] = await self._guarded(chosen.shape, value, chosen, here, here)
        if selection.steps:
            sources, targets = self.sinks[self.region.waiting.index(selection)]
            sources.append(source)
            targets.append(part)
        return part

    async def _settled(self, value: Any) -> Any:
        """The value itself, or what it promises; an error on the way is the value."""
        return await outcome(value) if self.executor.is_awaitable(value) else value

    def _info(self, chosen: Chosen, path: Path) -> GraphQLResolveInfo[Any]:
        return self.executor.build_resolve_info(chosen.definition, chosen.nodes, chosen.owner, path)


def _read(source: Any, attribute: str) -> Any:
    try:
        return getattr(source, attribute)
    except Exception as fault:  # noqa: BLE001 - a property may raise anything: a field error
        return fault
