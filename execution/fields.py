"""Fields that reach for something, declared once for the plan and for the stock executor."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from inspect import Parameter, Signature, isawaitable, signature, unwrap
from typing import Annotated, Any, get_type_hints

import strawberry
from strawberry.types.arguments import StrawberryArgumentAnnotation

from execution.batches import BATCH, Batch, Scope
from execution.loading import Asked, loader_of
from execution.selection import selection_of

__all__ = ["Scope", "batched", "root", "stream"]


def batched(
    batch: Callable[..., Any],
    *,
    description: str,
    scope: Scope,
    graphql_type: Any = None,
    name: str | None = None,
    arguments: Mapping[str, str | StrawberryArgumentAnnotation] | None = None,
    deprecation_reason: str | None = None,
    directives: Sequence[object] = (),
    cost: int | None = None,
    access: Any = None,
) -> Any:
    """A field of a view that is answered for all its parents at once.

    `batch` is `(parents, context, *, …) -> one answer for each parent`, sync or async. Its keyword-only
    parameters are the field's GraphQL arguments, with their annotations and defaults; `arguments` describes
    each of them, by a sentence or by `strawberry.argument(…)` where the GraphQL type or name differs. A
    keyword-only `selection` is no argument: it receives the names that the query selects below the field
    (`execution.selection`). An answer that is an exception is that parent's error; an exception raised is
    every parent's. The field's type is the annotation in the class body, or `graphql_type`. `access` says who
    may have the field; without it, whoever may have the parent.

    Raises TypeError where the function does not have that shape or an argument has no description.
    """
    parameters = _parameters(batch)
    declared = Batch(batch, scope, takes_selection="selection" in parameters, cost=cost, access=access)
    described = _described(batch, parameters, arguments or {})
    return strawberry.field(
        resolver=_resolver(declared, described, unwrap(batch)),
        description=description,
        graphql_type=graphql_type,
        name=name,
        deprecation_reason=deprecation_reason,
        directives=directives,
        metadata={BATCH: declared},
    )


def root(answer: Callable[..., Any], **declaration: Any) -> Any:
    """A field of `Query` or `Mutation`, where there is one parent and nothing to read from it.

    `answer` is `(context, *, …) -> the answer`, sync or async; everything else is as in `batched`.
    """

    async def answers(parents: Sequence[object], context: Any, **arguments: Any) -> list[Any]:
        answered = answer(context, **arguments)
        return [await answered if isawaitable(answered) else answered] * len(parents)

    answers.__wrapped__ = answer  # type: ignore[attr-defined]
    answers.__qualname__ = getattr(answer, "__qualname__", answers.__qualname__)
    given = list(signature(answer).parameters.values())
    answers.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter("parents", Parameter.POSITIONAL_OR_KEYWORD), *given]
    )
    return batched(answers, **declaration)


def stream(
    source: Callable[..., AsyncIterator[Any]],
    *,
    description: str,
    scope: Scope,
    access: Any = None,
    arguments: Mapping[str, str | StrawberryArgumentAnnotation] | None = None,
    directives: Sequence[object] = (),
    cost: int | None = None,
) -> Any:
    """A field of `Subscription`: `source` is `(context, *, …) -> async iterator`, one answer for each item.

    Everything else is as in `root`.
    """

    async def items(found: Sequence[Any], _context: Any, **_arguments: Any) -> Sequence[Any]:
        return found

    parameters = {
        name: given
        for name, given in signature(source).parameters.items()
        if given.kind is Parameter.KEYWORD_ONLY
    }
    declared = Batch(items, scope, cost=cost, access=access)
    described = _described(source, parameters, arguments or {})

    async def subscribe(root: object, info: strawberry.Info, **values: Any) -> AsyncIterator[Any]:
        assert root is None  # noqa: S101  a stream hangs on nothing
        if access is None or info.context.admits(access):
            async with aclosing(source(info.context, **values)) as found:  # type: ignore[type-var]
                async for item in found:
                    yield item

    return strawberry.subscription(
        resolver=_signed(subscribe, described, source),
        description=description,
        directives=directives,
        metadata={BATCH: declared},
    )


def _parameters(batch: Callable[..., Any]) -> dict[str, Parameter]:
    """The keyword-only parameters of a batch function, checked for its shape."""
    given = signature(batch, follow_wrapped=False).parameters.values()
    positional = [parameter for parameter in given if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD]
    named = {parameter.name: parameter for parameter in given if parameter.kind is Parameter.KEYWORD_ONLY}
    if len(positional) != 2 or len(positional) + len(named) != len(given):  # noqa: PLR2004  parents, context
        raise TypeError(f"{_name(batch)} must be (parents, context, *, …), not {signature(batch)}")
    return named


def _described(
    batch: Callable[..., Any],
    parameters: Mapping[str, Parameter],
    descriptions: Mapping[str, str | StrawberryArgumentAnnotation],
) -> list[Parameter]:
    """The parameters that become GraphQL arguments, each annotated with its description."""
    exposed = {name: parameter for name, parameter in parameters.items() if name != "selection"}
    if exposed.keys() != descriptions.keys():
        odd = ", ".join(sorted(exposed.keys() ^ descriptions.keys()))
        raise TypeError(f"{_name(batch)}: arguments and descriptions differ in {odd}")
    hints = _hints(batch, exposed)
    described = []
    for name, parameter in exposed.items():
        given = descriptions[name]
        note = strawberry.argument(description=given) if isinstance(given, str) else given
        # None says "not given": printed as a default, it would promise that null means something
        default = strawberry.UNSET if parameter.default is None else parameter.default
        described.append(parameter.replace(annotation=Annotated[hints[name], note], default=default))
    return described


def _hints(batch: Callable[..., Any], exposed: Mapping[str, Parameter]) -> dict[str, Any]:
    """The annotations of the arguments alone: the others may name what is imported for type checks only."""

    def bearer() -> None: ...

    bearer.__annotations__ = {name: parameter.annotation for name, parameter in exposed.items()}
    return get_type_hints(bearer, globalns=getattr(unwrap(batch), "__globals__", None), include_extras=True)


def _resolver(batch: Batch, arguments: Sequence[Parameter], source: Callable[..., Any]) -> Callable[..., Any]:
    """What the stock executor calls for each parent; Strawberry reads the GraphQL arguments off it."""

    def resolve(root: object, info: strawberry.Info, **values: Any) -> Any:
        if batch.takes_selection:
            values["selection"] = selection_of(info)
        return Asked(loader_of(batch, info.context, values), root)

    return _signed(resolve, arguments, source)


def _signed(
    resolve: Callable[..., Any], arguments: Sequence[Parameter], source: Callable[..., Any]
) -> Callable[..., Any]:
    """A resolver with the name of its source and the signature that Strawberry is to see."""
    resolve.__name__ = getattr(source, "__name__", resolve.__name__)
    resolve.__module__ = source.__module__
    own = [
        Parameter("root", Parameter.POSITIONAL_OR_KEYWORD),
        Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
    ]
    resolve.__signature__ = Signature([*own, *arguments])  # type: ignore[attr-defined]
    return resolve


def _name(batch: Callable[..., Any]) -> str:
    named = unwrap(batch)
    return f"{named.__module__}.{getattr(named, '__qualname__', repr(named))}"
