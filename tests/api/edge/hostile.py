"""Documents that mean harm, by family: each is small to send and dear to somebody careless."""

from collections.abc import Iterator

LEAVES = "id environment kind status statusSince placedAt updatedAt currency startsOn fulfilledAt"


def documents() -> Iterator[tuple[str, str]]:
    """A name and a text, each to be refused."""
    for family in (
        _doubled_fragments,
        _aliases,
        _directives,
        _deep,
        _wide,
        _repeated,
        _spreads,
        _cycles,
        _values,
        _introspection,
        _dear,
        _broken,
        _reads,
        _mutations,
    ):
        for number, text in enumerate(family()):
            yield f"{family.__name__.strip('_')} {number}", text


def _doubled_fragments() -> Iterator[str]:
    """Each fragment spreads the next one twice: two to the power of their number, for who follows them."""
    for levels in range(31, 61):
        for body in ("... on Query { ...F{n} } ...F{n}", "a{m}: node(id: 1) { id } ...F{n} ...F{n}"):
            parts = [
                f"fragment F{level} on Query {{ "
                + body.replace("{n}", str(level + 1)).replace("{m}", str(level))
                + " }"
                for level in range(levels)
            ]
            yield f"{{ ...F0 }} {' '.join(parts)} fragment F{levels} on Query {{ __typename }}"
    for levels in range(12, 30):
        parts = [
            f"fragment F{level} on Order {{ customer {{ orders(first: 1) {{ nodes {{ ...F{level + 1} }} }} }}"
            f" c{level}: customer {{ orders(first: 1) {{ nodes {{ ...F{level + 1} }} }} }} }}"
            for level in range(levels)
        ]
        yield f"{{ orders {{ nodes {{ ...F0 }} }} }} {' '.join(parts)} fragment F{levels} on Order {{ id }}"


def _aliases() -> Iterator[str]:
    for count in (31, 50, 101, 150, 300, 1_000, 10_000):
        yield "{ " + " ".join(f"a{number}: __typename" for number in range(count)) + " }"
        yield "{ " + " ".join(f"a{number}: viewer {{ subject }}" for number in range(count)) + " }"
        yield "{ orders { nodes { " + " ".join(f"a{number}: id" for number in range(count)) + " } } }"


def _directives() -> Iterator[str]:
    for count in (51, 60, 100, 400, 1_000, 5_000):
        yield f"{{ __typename {'@include(if: true) ' * count}}}"
        yield f"{{ __typename {'@nothing ' * count}}}"
        yield f"query {'@nothing ' * count}{{ __typename }}"
        yield f"{{ ... {'@skip(if: false) ' * count}{{ __typename }} }}"
    yield "{ " + " ".join("viewer @nothing { subject }" for _ in range(100)) + " }"


def _deep() -> Iterator[str]:
    for levels in (13, 14, 20, 30, 60, 100, 500, 2_000, 5_000):
        yield "{ " + "customer { " * levels + "id" + " }" * levels + " }"
        yield "{ " + "... on Query { " * (levels + 60) + "__typename" + " }" * (levels + 60) + " }"
        yield f"{{ orders(filter: {'[' * (levels + 60)}{']' * (levels + 60)}) {{ nodes {{ id }} }} }}"
        yield f"{{ orders(filter: {'{a:' * (levels + 60)}1{'}' * (levels + 60)}) {{ nodes {{ id }} }} }}"
        yield f"query ($v: {'[' * (levels + 60)}Int{']' * (levels + 60)}) {{ __typename }}"
    yield "{" * 14_000
    yield "[" * 14_000
    yield "{a(b:" * 2_900
    nested = "orders(first: 1) { nodes { customer { " * 5
    yield f"{{ {nested} id {'} } } ' * 5} }}"


def _wide() -> Iterator[str]:
    for count in (760, 1_000, 3_000, 7_000):
        yield "{ " + "nothing " * count + "}"
        yield "{ " + "".join(f"x{number} " for number in range(count)) + "}"
        yield "query (" + "".join(f"$v{number}: Int " for number in range(count)) + ") { __typename }"
        yield f"{{ orders(filter: {{statuses: [{'CANCELED ' * (2 * count)}]}}) {{ nodes {{ id }} }} }}"
    yield "#" * 15_001
    yield "," * 15_001
    yield "{ __typename }" + " " * 15_000
    yield "#\n" * 7_000
    yield '{ node(id: "' + "x" * 15_000 + '") { id } }'
    yield '{ node(id: """' + "\\n" * 8_000 + '""") { id } }'
    yield "".join(f"query Q{number} {{ __typename }} " for number in range(11))
    yield "".join(f"query Q{number} {{ __typename }} " for number in range(400))


def _repeated() -> Iterator[str]:
    for count in (80, 100, 200, 500, 1_000):
        yield "{ " + "__typename " * count + "}"
        yield "{ orders { nodes { " + "id " * count + "} } }"
        yield "{ " + "orders { nodes { id } } " * count + "}"
        yield "{ orders { nodes { " + "total { amount } " * count + "} } }"
        yield "{ " + "... on Query { viewer { subject } } " * count + "}"


def _spreads() -> Iterator[str]:
    fields = [f"fragment F{number} on Order {{ {LEAVES} }}" for number in range(40)]
    yield "{ orders { nodes { " + " ".join(f"...F{n}" for n in range(40)) + " } } } " + " ".join(fields)
    for count in (61, 100, 300, 1_000):
        yield "{ " + "...F " * count + "} fragment F on Query { __typename }"
        yield "{ " + " ".join(f"...F{number}" for number in range(count)) + " }"
        yield (
            "{ orders { nodes { "
            + "".join(f"...F{number} " for number in range(count))
            + "} } } "
            + "".join(f"fragment F{number} on Order {{ id }} " for number in range(count))
        )


def _cycles() -> Iterator[str]:
    yield "{ ...F } fragment F on Query { ...F }"
    yield "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }"
    yield "{ orders { nodes { ...F } } } fragment F on Order { customer { orders { nodes { ...F } } } }"
    for length in (5, 20, 50):
        ring = [
            f"fragment F{number} on Query {{ ...F{(number + 1) % length} __typename }}"
            for number in range(length)
        ]
        yield "{ ...F0 } " + " ".join(ring)


def _values() -> Iterator[str]:
    for digits in (11, 100, 1_000, 4_300, 10_000, 14_000):
        yield f"{{ orders(first: {'9' * digits}) {{ nodes {{ id }} }} }}"
        yield f"{{ orders(first: -{'9' * digits}) {{ nodes {{ id }} }} }}"
        yield f"{{ orders(first: 1e{'9' * digits}) {{ nodes {{ id }} }} }}"
        yield f"query ($n: Int = {'9' * digits}) {{ orders(first: $n) {{ nodes {{ id }} }} }}"
    yield '{ orders(after: "\\uD800") { nodes { id } } }'
    yield '{ order(by: {id: "a", externalOrderReference: "b"}) { id } }'
    yield "{ order(by: {}) { id } }"
    yield "{ order(by: {id: null}) { id } }"


def _introspection() -> Iterator[str]:
    yield "{ __schema { types { " + "fields { type { " * 8 + "name" + " } }" * 8 + " } } }"
    for count in (8, 10, 14, 20, 29):
        aliased = " ".join(
            f"a{number}: types {{ fields {{ args {{ type {{ name kind ofType {{ name }} }} }} }} }}"
            for number in range(count)
        )
        yield f"{{ __schema {{ {aliased} }} a: __schema {{ {aliased} }} }}"
    for count in (20, 25, 29):
        types = "types { fields { args { type { name } } } }"
        yield "{ " + " ".join(f"a{number}: __schema {{ {types} }}" for number in range(count)) + " }"


def _dear() -> Iterator[str]:
    """Pages of pages."""
    for outer, inner in ((100, 100), (50, 100), (100, 20), (21, 100), (45, 45)):
        yield f"{{ customers(first: {outer}) {{ nodes {{ orders(first: {inner}) {{ nodes {{ id }} }} }} }} }}"
        yield f"{{ customers(last: {outer}) {{ edges {{ node {{ orders(last: {inner}) {{ edges {{ node {{ id }} }} }} }} }} }} }}"  # noqa: E501
        yield (
            f"query ($n: Int = {outer}) {{ customers(first: $n) {{ nodes {{"
            f" orders(first: {inner}) {{ nodes {{ id }} }} }} }} }}"
        )
    deep = ("customers(first: 10)", "nodes", "orders(first: 10)", "nodes", "customer", "orders(first: 30)")
    yield _nested(*deep, "nodes", "id")
    below = "lines { id } licenses { id } subscriptions { id } timeline { at }"
    yield f"{{ orders(first: 100) {{ nodes {{ {below} }} }} }}"


def _nested(*fields: str) -> str:
    return " ".join(f"{{ {field}" for field in fields) + " }" * len(fields)


def _broken() -> Iterator[str]:
    yield from ("", " ", "{", "}", "{}", "query", "fragment", "{ a", '"', '"""', "{ a(b: ) }", "{ ...}", "@")
    yield from (
        "\0",
        "\ufeff",
        "\u202e{ a }",
        "{ \u0000 }",
        "{ a\x07 }",
        "🏃",
        "{ 🏃 }",
        '{ a(b: "\\u{110000}") }',
    )
    yield from ("type Query { a: Int }", "schema { query: Query }", "extend type Query { a: Int }")
    yield from ("subscription { a }", "mutation { a }", "query Q { a } query Q { b }", "{ a } { b }")
    yield "query ($a: Nothing) { __typename }"
    yield "query ($a: Int, $a: Int) { __typename }"


def _reads() -> Iterator[str]:
    for count in (16, 20, 30):
        yield "{ " + " ".join(f'a{n}: node(id: "x{n}") {{ id }}' for n in range(count)) + " }"
        yield "{ " + " ".join(f"a{n}: orders(first: 1) {{ totalCount }}" for n in range(count)) + " }"


def _mutations() -> Iterator[str]:
    place = (
        'placeOrder(input: {idempotencyKey: "0123456789abcdef",'
        ' details: {new: {customer: {id: "c"}, currency: "EUR", lines: []}}}) { replayed }'
    )
    for count in (6, 10, 30):
        yield "mutation { " + " ".join(f"a{number}: {place}" for number in range(count)) + " }"
