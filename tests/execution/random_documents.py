"""Random valid documents over a random world."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from random_worlds import FieldOf, World

VARIABLES = '$yes: Boolean!, $no: Boolean! = false, $a: Int, $n: Int = 3, $t: String = "t"'


@dataclass(slots=True)
class Writer:
    """Writes one document; a response key always means the same field with the same arguments."""

    world: World
    rng: Random
    fragments: dict[str, str] = field(default_factory=dict)

    def operation(self) -> str:
        kind = self.rng.choice(("query", "query", "query", "mutation"))
        names = [*self.world.shape.types, "Named", "Thing"]
        fields = ["skipped: __typename @skip(if: $yes) @include(if: $no)"]
        for _ in range(self.rng.randint(1, 3)):
            name, number = self.rng.choice(names), 0 if self.world.plain else self.rng.randint(0, 2)
            key = f"{kind}{name.capitalize()}{number}"
            alias = self.rng.choice(("", "", f"again{key}: "))
            fields.append(f"{alias}{key} {self.selection(name, self.rng.randint(1, 4))}")
        if self.rng.random() < 0.2:
            fields.append("__typename")
        return "\n".join([f"{kind} Q({VARIABLES}) {{ {' '.join(fields)} }}", *self.fragments.values()])

    def selection(self, owner: str, depth: int) -> str:
        parts = [self.part(owner, depth) for _ in range(self.rng.choice((1, 2, 2, 3, 4)))]
        return f"{{ {' '.join(part for part in parts if part) or '__typename'} }}"

    def part(self, owner: str, depth: int) -> str:
        chosen = self.rng.random()
        if owner in ("Named", "Thing"):
            return self.abstract_part(owner, depth, chosen)
        if chosen < 0.21:
            return self.wrapped(owner, depth)
        if chosen < 0.28 and owner in self.world.shape.named:
            return f"... on Named {{ id {self.rng.choice(('', '__typename'))} }}"
        if chosen < 0.33:
            return "own"
        return self.field(self.rng.choice(self.world.shape.of(owner)), depth)

    def abstract_part(self, owner: str, depth: int, chosen: float) -> str:
        if chosen < 0.2:
            return "__typename"
        if chosen < 0.4 and owner == "Named":
            return "id"
        if chosen < 0.5:
            return "... on Real { real }"
        possible = self.world.shape.named if owner == "Named" else self.world.shape.things
        concrete = self.rng.choice(possible)
        return f"... on {concrete} {self.directive()} {self.selection(concrete, depth)}"

    def wrapped(self, owner: str, depth: int) -> str:
        kind = self.rng.choice(("__typename", "inline", "spread"))
        if kind == "__typename":
            return kind
        below = self.selection(owner, depth)
        if kind == "inline":
            return f"... {self.directive()} {below}"
        name = f"F{len(self.fragments)}"
        self.fragments[name] = f"fragment {name} on {owner} {below}"
        return f"...{name} {self.directive()}"

    def field(self, declared: FieldOf, depth: int) -> str:
        composite = declared.type.name in (*self.world.shape.types, "Named", "Thing")
        if composite and depth == 0:
            return "own"
        name = camel(declared.name)
        key, arguments = name, ""
        if declared.arguments:
            label, arguments = self.arguments(declared)
            key = f"{name}{label}"
        if self.rng.random() < 0.15:
            key = f"other_{key}"
        below = self.selection(declared.type.name, depth - 1) if composite else ""
        alias = "" if key == name else f"{key}: "
        return f"{alias}{name}{arguments} {self.directive()} {below}"

    def arguments(self, declared: FieldOf) -> tuple[str, str]:
        choices = [("", ""), ("_one", "(a: 1)"), ("_zero", "(a: 0)"), ("_n", "(a: $n)")]
        if declared.kind.startswith("batched"):
            choices += [
                ("_color", "(c: RED, a: 2)"),
                ("_nocolor", "(c: null)"),
                ("_filter", "(f: {text: $t, limit: $a})"),
                ("_limit", "(f: {limit: 3})"),
            ]
        return self.rng.choice(choices)

    def directive(self) -> str:
        choices = ("@skip(if: $no)", "@include(if: $yes)", "@skip(if: $yes)", "@include(if: true)")
        return self.rng.choice(choices) if self.rng.random() < 0.12 else ""


def document(world: World, rng: Random) -> str:
    """A document in which every variable is used."""
    writer = Writer(world, rng)
    text = writer.operation()
    for declaration, use in ((", $a: Int", "$a}"), (", $n: Int = 3", "$n)"), (', $t: String = "t"', "$t,")):
        if use not in text:
            text = text.replace(declaration, "")
    return text


def variables(rng: Random, text: str) -> dict[str, Any]:
    """Values for the variables, some of which only fail when the field is executed."""
    values: dict[str, Any] = {"yes": rng.random() < 0.7}
    if rng.random() < 0.3:
        values["no"] = rng.random() < 0.5
    if "$n:" in text and rng.random() < 0.5:
        values["n"] = rng.choice((None, 1, 5, "bad") if rng.random() < 0.3 else (1, 5))
    if "$a:" in text and rng.random() < 0.5:
        values["a"] = rng.choice((None, 4))
    return values


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
