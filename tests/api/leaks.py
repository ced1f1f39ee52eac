"""Every field and argument of the schema as a question about one partner's records, whoever asks it."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

ROOTS = ("Query", "Mutation")


@dataclass(frozen=True, slots=True)
class Question:
    """A document, its variables, the field and arguments it asks for, and where in the answer that stands."""

    coordinates: tuple[str, ...]
    document: str
    variables: Mapping[str, Any]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A field on the way to a type, with the arguments it takes, and the type that its answer is read as."""

    name: str
    arguments: tuple[tuple[str, str, Any], ...] = ()
    fragment: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What questions are asked with: the victim's ids by kind (`order`), and its texts by what they are."""

    ids: Mapping[str, str]
    texts: Mapping[str, str]

    def value(self, wanted: Any, name: str, within: str = "") -> Any:
        """A value of an input type, out of the victim's records wherever it can be."""
        nullable = get_nullable_type(wanted)
        if is_list_type(nullable):
            return [self.value(nullable.of_type, name.removesuffix("s"), within)]
        named = get_named_type(nullable)
        if isinstance(named, GraphQLEnumType):
            return next(iter(named.values))
        if isinstance(named, GraphQLInputObjectType):
            return self._object(named, name)
        if named.name == "ID":
            return self._id(f"{name} {within}".lower())
        if named.name == "String":
            return next((text for key, text in self.texts.items() if key in name.lower()), "made up")
        made_up = {"Int": 1, "Sequence": 0, "Float": 1.0, "Boolean": True, "Date": "2026-01-31"}
        made_up |= {"Decimal": "1.00", "DateTime": "2020-01-31T00:00:00Z"}
        return made_up.get(named.name, "made up")

    def _object(self, named: GraphQLInputObjectType, name: str) -> dict[str, Any]:
        fields = {key: one for key, one in named.fields.items() if is_required_input_field(one)}
        if not fields:  # one of its fields, exactly
            fields = dict(list(named.fields.items())[:1])
        return {key: self.value(one.type, key, f"{name} {named.name}") for key, one in fields.items()}

    def _id(self, hint: str) -> str:
        found = [(hint.find(kind), one) for kind, one in self.ids.items() if kind in hint]
        return min(found)[1] if found else self.ids["order"]


@dataclass(slots=True)
class Atlas:
    """The shortest way to every type."""

    schema: GraphQLSchema
    given: Given
    ways: dict[str, list[Step]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        waiting: deque[str] = deque()
        for root in ROOTS:
            self.ways[root] = []
            waiting.append(root)
        while waiting:
            name = waiting.popleft()
            for step, found in self._steps(name):
                if found not in self.ways:
                    self.ways[found] = [*self.ways[name], step]
                    waiting.append(found)

    def _steps(self, name: str) -> Iterator[tuple[Step, str]]:
        named = self.schema.type_map[name]
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        for key, each in named.fields.items():
            found = get_named_type(each.type)
            arguments = self.arguments(key, each)
            if isinstance(found, GraphQLObjectType):
                yield Step(key, arguments), found.name
            elif is_abstract_type(found):
                for possible in self.schema.get_possible_types(found):
                    yield Step(key, self._of(arguments, possible.name), possible.name), possible.name

    def _of(self, arguments: Any, name: str) -> Any:
        """The same arguments, with the id of a record of this type."""
        one = next((value for kind, value in self.given.ids.items() if kind in name.lower()), None)
        return tuple((key, kind, one if one and kind == "ID!" else value) for key, kind, value in arguments)

    def arguments(self, name: str, each: GraphQLField, also: str | None = None) -> tuple[Any, ...]:
        """The required arguments of a field, and one more."""
        return tuple(
            (key, str(argument.type), self.given.value(argument.type, key, name))
            for key, argument in each.args.items()
            if is_required_argument(argument) or key == also
        )

    def questions(self) -> Iterator[Question]:
        """One for each field, and one for each optional argument besides."""
        for name in self.ways:
            named = self.schema.type_map[name]
            assert isinstance(named, GraphQLObjectType)
            for key, each in named.fields.items():
                needed = self.arguments(key, each)
                known = (f"{name}.{key}", *(f"{name}.{key}({argument}:)" for argument, *_ in needed))
                yield self._question(known, name, Step(key, needed), each)
                for argument, declared in each.args.items():
                    if not is_required_argument(declared):
                        given = self.arguments(key, each, argument)
                        asked = (f"{name}.{key}({argument}:)",)
                        yield self._question(asked, name, Step(key, given), each)

    def _question(self, known: tuple[str, ...], name: str, last: Step, asked: GraphQLField) -> Question:
        way = [*self.ways[name], last]
        inner = self._leaves(get_named_type(asked.type))
        variables: dict[str, tuple[str, Any]] = {}
        for step in reversed(way):
            shown = []
            for key, kind, value in step.arguments:
                variable = f"{key}{len(variables)}"
                variables[variable] = kind, value
                shown.append(f"{key}: ${variable}")
            called = f"{step.name}({', '.join(shown)})" if shown else step.name
            inner = f"... on {step.fragment} {{ {inner} }}" if step.fragment else inner
            inner = f"{called} {{ {inner} }}" if inner else called
        root = "Mutation" if self._root(way, name) == "Mutation" else "Query"
        head = ", ".join(f"${key}: {kind}" for key, (kind, _) in variables.items())
        operation = f"{root.lower()}({head})" if head else root.lower()
        values = {key: value for key, (_, value) in variables.items()}
        return Question(known, f"{operation} {{ {inner} }}", values, tuple(step.name for step in way))

    def _root(self, way: list[Step], name: str) -> str:
        if name in ROOTS:
            return name
        query = self.schema.query_type
        assert query is not None
        return "Query" if way[0].name in query.fields else "Mutation"

    def _leaves(self, named: Any) -> str:
        """What is read of an object: everything that takes no arguments and has nothing below."""
        if not is_composite_type(named):
            return ""
        if isinstance(named, GraphQLUnionType):
            return "__typename"
        leaves = [
            key
            for key, each in named.fields.items()
            if is_leaf_type(get_named_type(each.type))
            and not any(map(is_required_argument, each.args.values()))
        ]
        return " ".join(["__typename", *leaves])


def coordinates(schema: GraphQLSchema) -> set[str]:
    """Every field and argument of every object type."""
    found = set()
    for name, named in schema.type_map.items():
        if isinstance(named, GraphQLObjectType) and not name.startswith("__") and name != "Subscription":
            for key, each in named.fields.items():
                found.add(f"{name}.{key}")
                found |= {f"{name}.{key}({argument}:)" for argument in each.args}
    return found


def is_reached(answer: Any, path: tuple[str, ...]) -> bool:
    """Whether an answer has the field: something above it was there, and it was answered."""
    if not path:
        return True
    if isinstance(answer, list):
        return any(is_reached(one, path) for one in answer)
    return isinstance(answer, dict) and path[0] in answer and is_reached(answer[path[0]], path[1:])
