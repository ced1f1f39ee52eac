"""SOQL text to a tree of frozen records."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path as File
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

from datasources.salesforce.sandbox_org.calls import malformed

_LONGEST_QUERY = 100_000  # characters, the org's own limit


@dataclass(frozen=True, slots=True)
class Path:
    """A field, reached from the queried object through its parents: `Account.Owner.Name`."""

    steps: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY`, or with a count `LAST_N_DAYS:7`."""

    name: str
    count: int | None


Operand = Path | Function
Value = str | Decimal | date | datetime | bool | DateLiteral | None


@dataclass(frozen=True, slots=True)
class Comparison:
    operand: Operand
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    operand: Operand
    negated: bool
    among: "tuple[Value, ...] | Query"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    word: str
    terms: "tuple[Condition, ...]"


Condition = Comparison | Membership | Not | Junction


@dataclass(frozen=True, slots=True)
class Item:
    operand: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Ordering:
    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    items: tuple[Item, ...]
    children: "tuple[Query, ...]"
    source: str
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Operand, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None


def parse(text: str) -> Query:
    """Return the tree of a SOQL query; raise `MALFORMED_QUERY` with the place where it goes wrong."""
    if len(text) > _LONGEST_QUERY:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    try:
        return cast("Query", _LARK.parse(text))
    except UnexpectedInput as unexpected:
        raise malformed(_complaint(text, unexpected)) from unexpected
    except VisitError as visit:
        raise malformed(str(visit.orig_exc)) from visit


def _complaint(text: str, unexpected: UnexpectedInput) -> str:
    place: int | None = getattr(unexpected, "pos_in_stream", None)
    token = getattr(unexpected, "token", None)
    if place is None or (token is not None and token.type == "$END"):
        return f"unexpected end of query\n{text[-40:]}"
    around = text[max(0, place - 20) : place + 20]
    return f"{around}\nERROR at Row:1:Column:{place + 1}\nunexpected token: '{token or text[place]}'"


@dataclass(slots=True)
class _Clause:
    name: str
    content: Any = field(default=None)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def unescape(text: str, *, pattern: bool = False) -> str:
    r"""Undo SOQL's backslashes; in a LIKE `pattern`, `\%` and `\_` keep theirs and stay literal."""
    letters: list[str] = []
    rest = iter(text)
    for letter in rest:
        if letter != "\\":
            letters.append(letter)
            continue
        escaped = next(rest)
        keeps = pattern and escaped in "%_\\"
        letters.append("\\" + escaped if keeps else _ESCAPES.get(escaped, escaped))
    return "".join(letters)


class _Tree(Transformer[Token, Query]):
    """Turns each rule of the grammar into its record; strings stay escaped until their use is known."""

    def start(self, parts: list[Any]) -> Any:
        return parts[0]

    def query(self, parts: list[Any]) -> Query:
        (items, (source, alias), *clauses) = parts
        named = {clause.name: clause.content for clause in clauses}
        return Query(
            items=tuple(each for each in items if isinstance(each, Item)),
            children=tuple(each for each in items if isinstance(each, Query)),
            source=source,
            alias=alias,
            **named,
        )

    def items(self, parts: list[Any]) -> list[Any]:
        return parts

    def item(self, parts: list[Any]) -> Item:
        return Item(parts[0], parts[1] and str(parts[1]))

    def child(self, parts: list[Any]) -> Any:
        return parts[0]

    def source(self, parts: list[Any]) -> tuple[str, str | None]:
        return str(parts[0]), parts[1] and str(parts[1])

    def path(self, parts: list[Token]) -> Path:
        return Path(tuple(map(str, parts)))

    def function(self, parts: list[Any]) -> Function:
        return Function(str(parts[0]).upper(), parts[1])

    def where(self, parts: list[Any]) -> _Clause:
        return _Clause("where", parts[0])

    def having(self, parts: list[Any]) -> _Clause:
        return _Clause("having", parts[0])

    def group(self, parts: list[Any]) -> _Clause:
        return _Clause("group", tuple(parts))

    def order(self, parts: list[Any]) -> _Clause:
        return _Clause("order", tuple(parts))

    def ordering(self, parts: list[Any]) -> Ordering:
        operand, direction, place = parts
        return Ordering(operand, str(direction).upper() == "DESC", str(place).upper() == "LAST")

    def limit(self, parts: list[Token]) -> _Clause:
        return _Clause("limit", int(parts[0]))

    def offset(self, parts: list[Token]) -> _Clause:
        return _Clause("offset", int(parts[0]))

    def conjunction(self, parts: list[Any]) -> Junction:
        return Junction("AND", tuple(parts))

    def disjunction(self, parts: list[Any]) -> Junction:
        return Junction("OR", tuple(parts))

    def negation(self, parts: list[Any]) -> Not:
        return Not(parts[-1])

    def comparison(self, parts: list[Any]) -> Comparison:
        operand, operator, value = parts
        return Comparison(operand, str(operator).upper().replace("<>", "!="), value)

    def membership(self, parts: list[Any]) -> Membership:
        operand, negated, among = parts
        return Membership(operand, negated is not None, among)

    def values(self, parts: list[Any]) -> tuple[Value, ...]:
        return tuple(parts)

    def string(self, parts: list[Token]) -> str:
        return str(parts[0])[1:-1]

    def number(self, parts: list[Token]) -> Decimal:
        return Decimal(str(parts[0]))

    def date(self, parts: list[Token]) -> date:
        return date.fromisoformat(str(parts[0]))

    def datetime(self, parts: list[Token]) -> datetime:
        return datetime.fromisoformat(str(parts[0]).upper())

    def true(self, _parts: list[Token]) -> bool:
        return True

    def false(self, _parts: list[Token]) -> bool:
        return False

    def null(self, _parts: list[Token]) -> None:
        return None

    def date_literal(self, parts: list[Any]) -> DateLiteral:
        return DateLiteral(str(parts[0]).upper(), None if parts[1] is None else int(parts[1]))


_LARK = Lark(
    File(__file__).with_name("grammar.lark").read_text("utf-8"),
    parser="lalr",
    maybe_placeholders=True,
    transformer=_Tree(),
)
