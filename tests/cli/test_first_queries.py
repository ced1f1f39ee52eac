"""What `serve` tells people to try."""

import json
import shlex

import pytest
from graphql import build_schema, parse, validate

from cli import first_queries
from cli.welcome import curl
from datasources.settings import Settings
from schema.sdl import printed


@pytest.mark.parametrize("name", ["PLACE_ORDER", "FOLLOW_ORDER", "FETCH_LICENSE", "ACCOUNT_VIEW"])
def test_the_printed_queries_are_of_the_schema(name: str) -> None:
    query = parse(getattr(first_queries, name))

    assert validate(build_schema(printed()), query) == []


def test_a_printed_command_survives_the_shell_whatever_it_holds() -> None:
    hostile = {"name": 'O\'Neill & $(reboot) `id` "GmbH" \\ 株式会社'}

    words = shlex.split(curl(Settings(), "token", first_queries.FOLLOW_ORDER, hostile))

    assert words[:3] == ["curl", "-sS", "http://127.0.0.1:8000/graphql"]
    assert json.loads(words[-1])["variables"] == hostile
