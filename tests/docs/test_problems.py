"""The published catalogue of problems is the code's, and speaks of the schema as it is."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, build_schema, get_named_type

from cli.problems import COMMITTED, printed
from commerce.problem_catalog import CATALOG
from commerce.problems import ProblemCode
from schema.sdl import printed as sdl


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    return build_schema(sdl())


def leads_somewhere(contract: GraphQLSchema, path: str) -> bool:
    """Whether a path begins at an argument of a mutation and goes on through its input's fields."""
    mutation = contract.mutation_type
    assert mutation
    first, *rest = path.split(".")
    arguments = [field.args[first].type for field in mutation.fields.values() if first in field.args]
    return any(_goes_on(get_named_type(argument), rest) for argument in arguments)


def _goes_on(reached: object, rest: list[str]) -> bool:
    for step in rest:
        if step.isdigit():
            continue
        if not isinstance(reached, GraphQLInputObjectType) or step not in reached.fields:
            return False
        reached = get_named_type(reached.fields[step].type)
    return True


def test_the_committed_catalogue_is_what_the_code_says() -> None:
    assert COMMITTED.read_text() == printed()


def test_every_code_is_explained() -> None:
    assert set(CATALOG) == set(ProblemCode)
    assert all(f"| `{code}` |" in printed() for code in ProblemCode)


@pytest.mark.parametrize("code", [code for code, said in CATALOG.items() if said.example_path])
def test_the_example_of_a_code_points_into_the_schema(contract: GraphQLSchema, code: ProblemCode) -> None:
    assert leads_somewhere(contract, CATALOG[code].example_path)


def test_a_path_that_leads_nowhere_is_found(contract: GraphQLSchema) -> None:
    assert not leads_somewhere(contract, "input.details.new.lines.0.amount")
