"""Random schemas with data and faults: what the two executors are compared on.

A world is the text of a module of views over records, executed. Each type has a few records that refer to
one another in cycles; faults are odd values among their attributes and odd behaviour of batch functions.
"""

import asyncio
import sys
from dataclasses import dataclass, field, make_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import Annotated, Any, Union

import strawberry
from graphql import Undefined

RECORDS = 3
PLAIN = 1_000
"""From this seed on, worlds have attributes only: nothing waits below the root, so order is comparable."""
LEAVES = ("str", "int", "float", "bool", "strawberry.ID", "Color", "Decimal", "datetime")


@strawberry.enum
class Color(StrEnum):
    RED = "r"
    GREEN = "g"


@strawberry.input
class Filter:
    text: str = "any"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A type expression: a name, and from inside out whether it may be null and whether it is in a list."""

    name: str
    nullable: tuple[bool, ...]

    @property
    def annotation(self) -> str:
        text = f"{self.name} | None" if self.nullable[0] else self.name
        for nullable in self.nullable[1:]:
            text = f"list[{text}] | None" if nullable else f"list[{text}]"
        return text


@dataclass(frozen=True, slots=True)
class FieldOf:
    owner: str
    name: str
    type: Wrapped
    kind: str
    """plain, batched, batched_sync, method or method_sync."""
    arguments: bool = False


@dataclass(slots=True)
class Shape:
    """The declarations of a world before they are executed."""

    fields: list[FieldOf] = field(default_factory=list)
    types: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    things: tuple[str, ...] = ()

    def of(self, owner: str) -> list[FieldOf]:
        return [declared for declared in self.fields if declared.owner == owner]


@dataclass(slots=True)
class World:
    shape: Shape
    module: ModuleType
    schema: strawberry.Schema
    plain: bool


@dataclass(slots=True)
class Modes:
    """The context of one execution: how each function behaves, and which questions were asked."""

    modes: dict[str, str] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    loaders: dict[Any, Any] = field(default_factory=dict)


class Later:
    """An awaitable that can be awaited by two executions."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Stream:
    """An async iterable that can be iterated by two executions."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    async def __aiter__(self) -> Any:
        for value in self.values:
            await asyncio.sleep(0)
            if isinstance(value, Exception):
                raise value
            yield value


@strawberry.interface
class Named:
    id: strawberry.ID


@strawberry.type
class Real(Named):
    """A type that is instantiated, beside the views."""

    real: str | None = "real"


def _reply(parent: Any, name: str, a: int) -> Any:
    if a == 0:
        return ValueError(f"{name} does not like 0")
    return getattr(parent, f"x_{name}")


def batch(name: str, *, sync: bool) -> Any:
    """The batch function of a field, which behaves as the context says."""

    def answers(parents: Any, context: Modes, arguments: dict[str, Any]) -> Any:
        mode = context.modes.get(name)
        context.asked.add((name, repr(arguments)))
        if mode == "raise":
            raise ValueError(f"{name} is down")
        if mode == "short":
            return []
        return [_reply(parent, name, arguments.get("a", 1)) for parent in parents]

    async def later(
        parents: Any, context: Modes, *, a: int = 3, c: Color | None = None, f: Filter | None = None
    ) -> Any:
        for _ in range(2 if context.modes.get(name) == "slow" else 0):
            await asyncio.sleep(0)
        return answers(parents, context, {"a": a, "c": c, "f": f})

    def at_once(
        parents: Any, context: Modes, *, a: int = 3, c: Color | None = None, f: Filter | None = None
    ) -> Any:
        return answers(parents, context, {"a": a, "c": c, "f": f})

    async def later_without(parents: Any, context: Modes) -> Any:
        return await later(parents, context)

    def at_once_without(parents: Any, context: Modes) -> Any:
        return answers(parents, context, {})

    name, _, arguments = name.partition("!")
    if arguments:
        return at_once if sync else later
    return at_once_without if sync else later_without


def _wrapped(rng: Random, name: str) -> Wrapped:
    depth = rng.choice((0, 0, 0, 1, 1, 2))
    return Wrapped(name, tuple(rng.random() < 0.6 for _ in range(depth + 1)))


def _shape(rng: Random, *, plain: bool) -> Shape:
    types = tuple(f"T{number}" for number in range(rng.randint(2, 4)))
    shape = Shape(types=types)
    shape.named = tuple(name for name in types if rng.random() < 0.6) or types[:1]
    shape.things = tuple(name for name in types if rng.random() < 0.6) or types[:1]
    for owner in types:
        targets = ('"Named"', '"Thing"', *(f'"{name}"' for name in types))
        for number in range(rng.randint(2, 4)):
            kind, type_ = "plain", _wrapped(rng, rng.choice(LEAVES))
            shape.fields.append(FieldOf(owner, f"{owner.lower()}_l{number}", type_, kind))
        for number in range(rng.randint(1, 4)):
            kinds = ("plain", "batched", "batched", "batched_sync", "method", "method_sync")
            kind = "plain" if plain else rng.choice(kinds)
            leaf = kind != "plain" and rng.random() < 0.2
            type_ = _wrapped(rng, rng.choice(LEAVES if leaf else targets).strip('"'))
            name = f"{owner.lower()}_o{number}"
            shape.fields.append(FieldOf(owner, name, type_, kind, kind != "plain" and rng.random() < 0.5))
    return shape


def _declared(declared: FieldOf) -> str:
    annotation = f'"{declared.type.annotation}"'
    if declared.kind == "plain":
        return f"    {declared.name}: {annotation}"
    if declared.kind.startswith("batched"):
        described = "dict(a='a', c='c', f='f')" if declared.arguments else "None"
        key = f"{declared.name}!{'arguments' if declared.arguments else ''}"
        function = f"batch({key!r}, sync={declared.kind == 'batched_sync'})"
        declaration = f"scope=Scope.PUBLIC, description='d', arguments={described}"
        return f"    {declared.name}: {annotation} = batched({function}, {declaration})"
    asynchronous = "" if declared.kind == "method_sync" else "async "
    arguments = ", a: int = 3" if declared.arguments else ""
    given = "a" if declared.arguments else "1"
    return (
        f"    @strawberry.field\n"
        f"    {asynchronous}def {declared.name}(self{arguments}) -> {annotation}:\n"
        f"        return answer(self, {declared.name!r}, {given})"
    )


def answer(parent: Any, name: str, a: int) -> Any:
    value = _reply(parent, name, a)
    if isinstance(value, Exception):
        raise value
    return value


def _text(shape: Shape) -> str:
    lines = []
    for owner in shape.types:
        base = "(Named)" if owner in shape.named else ""
        lines += [f"@view(of=R_{owner}, description='d')", f"class {owner}{base}:", "    own: str"]
        lines += [_declared(declared) for declared in shape.of(owner)]
    members = ", ".join((*shape.things, "Real"))
    lines.append(f"Thing = Annotated[Union[{members}], strawberry.union('Thing')]")
    for kind in ("Query", "Mutation"):
        lines += ["@strawberry.type", f"class {kind}:"]
        for name in (*shape.types, "Named", "Thing"):
            for number, type_ in enumerate(
                (f"{name} | None", f"list[{name} | None]", f"list[{name}] | None")
            ):
                key = f"{kind.lower()}_{name.lower()}_{number}"
                resolver = f"def {key}(self) -> '{type_}': return answer(ROOT, {key!r}, 1)"
                method = f"    @strawberry.field\n    {resolver}"
                reached = f"root(rooted({key!r}, ROOT), scope=Scope.PUBLIC, description='d')"
                lines.append(f"    {key}: '{type_}' = {reached}" if number else method)
    return "\n".join(lines)


def rooted(name: str, holder: Any) -> Any:
    async def find(context: Modes) -> Any:
        if context.modes.get(name) == "raise":
            raise ValueError(f"{name} is down")
        return answer(holder, name, 1)

    return find


class Root:
    """Holds the values of the root fields."""


@lru_cache(maxsize=64)
def world(seed: int) -> World:
    """The world of a seed, always the same."""
    from execution.fields import Scope, batched, root
    from execution.views import view

    shape = _shape(Random(seed), plain=seed >= PLAIN)
    module = sys.modules[f"random_world_{seed}"] = ModuleType(f"random_world_{seed}")
    scope = vars(module)
    names = {"Scope": Scope, "batched": batched, "root": root, "view": view, "batch": batch, "answer": answer}
    scope |= names | {"Named": Named, "Real": Real, "Color": Color, "rooted": rooted, "ROOT": Root()}
    scope |= {"strawberry": strawberry, "Annotated": Annotated, "Union": Union}
    scope |= {"Decimal": Decimal, "datetime": datetime}
    for owner in shape.types:
        attributes = ["id", "own", *(_attribute(declared) for declared in shape.of(owner))]
        scope[f"R_{owner}"] = make_dataclass(f"R_{owner}", attributes, frozen=True, slots=True, eq=False)
    exec(compile(_text(shape), f"<world {seed}>", "exec"), scope)  # noqa: S102  the worlds are written here
    types = [scope[name] for name in shape.types]
    schema = strawberry.Schema(scope["Query"], scope["Mutation"], types=[*types, Real])
    return World(shape, module, schema, plain=seed >= PLAIN)


def _attribute(declared: FieldOf) -> str:
    return declared.name if declared.kind == "plain" else f"x_{declared.name}"


def fill(world: World, rng: Random, faults: float) -> None:
    """Give the world new data, with this share of values odd."""
    scope = vars(world.module)
    pool = {
        owner: [_blank(scope[f"R_{owner}"], rng, faults) for _ in range(RECORDS)]
        for owner in world.shape.types
    }
    for owner, records in pool.items():
        for number, record in enumerate(records):
            _set(record, "id", f"{owner}-{number}")
            _set(record, "own", f"{owner}-{number}")
            for declared in world.shape.of(owner):
                awaitable = declared.kind == "plain"
                _set(record, _attribute(declared), _value(world, pool, rng, declared.type, faults, awaitable))
    holder = scope["ROOT"]
    for kind in ("query", "mutation"):
        for name in (*world.shape.types, "Named", "Thing"):
            for number, nullable in enumerate(((True,), (True, False), (False, True))):
                key = f"x_{kind}_{name.lower()}_{number}"
                setattr(holder, key, _value(world, pool, rng, Wrapped(name, nullable), faults, False))


def _blank(record: type, rng: Random, faults: float) -> Any:
    """An unfilled record, or one of a subclass, whose reading of `own` may raise."""
    cls = record
    if rng.random() < faults:

        class Odd(record):  # type: ignore[misc, valid-type]
            pass

        if rng.random() < 0.5:
            Odd.own = property(lambda _self: 1 / 0)
        cls = Odd
    return cls.__new__(cls)


def _set(record: Any, name: str, value: Any) -> None:
    if not isinstance(getattr(type(record), name, None), property):
        object.__setattr__(record, name, value)


def _value(  # noqa: PLR0917  one recursion, always with the same six
    world: World, pool: Any, rng: Random, type_: Wrapped, faults: float, awaitable: bool
) -> Any:
    if rng.random() < faults:
        odd = _odd(world, pool, rng, type_, awaitable)
        if odd is not Ellipsis:
            return odd
    if type_.nullable[-1] and rng.random() < 0.15:
        return None
    if len(type_.nullable) > 1:
        inner = Wrapped(type_.name, type_.nullable[:-1])
        values = [_value(world, pool, rng, inner, faults, awaitable) for _ in range(rng.choice((0, 1, 2, 2)))]
        return tuple(values) if rng.random() < 0.1 else values
    return _single(world, pool, rng, type_.name)


def _single(world: World, pool: Any, rng: Random, name: str) -> Any:
    if name == "Named":
        name = rng.choice((*world.shape.named, "Real"))
    if name == "Thing":
        name = rng.choice((*world.shape.things, "Real"))
    if name == "Real":
        return Real(id=strawberry.ID("real"), real=rng.choice(("real", None)))
    if name in pool:
        return rng.choice(pool[name])
    return {
        "str": "text",
        "int": 7,
        "float": 1.5,
        "bool": True,
        "strawberry.ID": "id-1",
        "Color": rng.choice((Color.RED, Color.GREEN)),
        "Decimal": Decimal("1.50"),
        "datetime": datetime(2026, 11, 1, tzinfo=UTC),
    }[name]


def _odd(world: World, pool: Any, rng: Random, type_: Wrapped, awaitable: bool) -> Any:
    """A value that is not as it should be, or is so in an odd way; Ellipsis where a usual one must do."""
    usual = _value(world, pool, rng, type_, 0, False)
    choices = [
        None,
        ValueError("odd"),
        object,
        3,
        "odd",
        2.5,
        float("nan"),
        True,
        2**40,
        Undefined,
        Ellipsis,
        "r",
    ]
    choices += [rng.choice(rng.choice(list(pool.values()))), {}]
    if awaitable and not world.plain:
        choices += [Later(usual), Later(ValueError("later")), Later(None)]
    if isinstance(usual, list):
        choices += [set(), iter_of(usual), "text"]
        choices += [] if world.plain else [Stream(usual), Stream([*usual, ValueError("stream")])]
    return rng.choice(choices)


class iter_of:  # noqa: N801
    """An iterable that is neither list nor tuple."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __iter__(self) -> Any:
        return iter(self.values)
