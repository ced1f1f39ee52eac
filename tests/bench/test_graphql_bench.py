"""The GraphQL bench is held to planted faults: work done twice shows, and so does another answer."""

import sys
import textwrap
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bench.graphql import RATIOS, Stage, Trial, compared, label_of
from bench.graphql_load import connected
from bench.graphql_questions import PORTICO, POSTGRAPHILE, QUESTIONS, Partner, leaves, plain, requests
from bench.graphql_servers import running
from bench.harness import Plan, alternate, ratio

PLANTED = """
import asyncio, json, sys

times, answer = int(sys.argv[1]), sys.argv[2].encode()
head = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(answer)

async def serve(reader, writer):
    try:
        while True:
            asked = await reader.readuntil(b"\\r\\n\\r\\n")
            length = asked.lower().partition(b"content-length: ")[2].partition(b"\\r\\n")[0]
            await reader.readexactly(int(length))
            for _ in range(times * 40_000):
                pass
            writer.write(head + answer)
    except asyncio.IncompleteReadError:
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
ANSWER = '{"data": {"order": {"id": "ord_1", "status": "FULFILLED"}}}'
OTHER = '{"data": {"order": {"id": "ord_1", "status": "CANCELED"}}}'
ASKED = [b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"]


@pytest.fixture
def planted(tmp_path):
    """The command of a server that does its work so many times over before it answers."""
    program = tmp_path / "planted.py"
    program.write_text(textwrap.dedent(PLANTED))
    return lambda times, answer=ANSWER: [sys.executable, str(program), str(times), answer]


async def test_a_server_that_works_twice_as_much_shows_a_ratio_of_about_two(planted):
    with running({"once": planted(1), "twice": planted(2)}, {}) as servers:
        async with connected(servers["once"].port, 4) as one, connected(servers["twice"].port, 4) as two:
            stages = [
                Stage(name, servers[name], of, {"status": ASKED})
                for name, of in (("once", one), ("twice", two))
            ]
            trials = [Trial(stage, "status", 4, 0.5, servers["once"].pid) for stage in stages]
            samples = await alternate([trial.contender for trial in trials], Plan(rounds=3, seconds=None))

    assert 1.4 < ratio(samples[trials[1].label], samples[trials[0].label]) < 2.8
    assert all(
        len(trial.latencies) == sum(sample.operations for sample in samples[trial.label]) for trial in trials
    )


async def test_a_server_that_answers_otherwise_is_refused_before_anything_is_measured(planted):
    with running({"one": planted(1), "same": planted(1), "other": planted(1, OTHER)}, {}) as servers:
        async with connected(servers["one"].port, 1) as a, connected(servers["same"].port, 1) as b:
            same = [
                Stage("one", servers["one"], a, {"status": ASKED}),
                Stage("same", servers["same"], b, {"status": ASKED}),
            ]
            assert await compared(same, "status") == 2
            async with connected(servers["other"].port, 1) as c:
                with pytest.raises(RuntimeError, match="other answers status 0 otherwise"):
                    await compared([*same, Stage("other", servers["other"], c, {"status": ASKED})], "status")


async def test_an_answer_with_errors_is_no_answer(planted):
    with running({"faulty": planted(1, '{"errors": [{"message": "no"}]}')}, {}) as servers:
        async with connected(servers["faulty"].port, 1) as clients:
            with pytest.raises(RuntimeError, match="not an answer"):
                await clients.run(ASKED, 1, 0.1)


def test_answers_are_equal_whatever_servers_call_an_id_an_amount_an_instant_and_a_list():
    digits = "01a1ff5a57377baa98c5a6e212770b4a"
    ours = {
        "orders": {
            "nodes": [
                {
                    "id": f"ord_{digits}",
                    "total": {"amount": "6320.45"},
                    "placedAt": "2026-11-21T18:24:33.5+00:00",
                }
            ]
        }
    }
    theirs = {
        "orders": [
            {
                "id": "01a1ff5a-5737-7baa-98c5-a6e212770b4a",
                "total": "6320.450",
                "placedAt": "2026-11-21 18:24:33.5+00",
            }
        ]
    }

    assert plain(ours) == plain(theirs)
    assert plain(ours) == {
        "orders": [
            {
                "id": digits,
                "total": Decimal("6320.45"),
                "placedAt": datetime(2026, 11, 21, 18, 24, 33, 500_000, UTC),
            }
        ]
    }
    assert leaves(plain(ours)) == 3


def test_partners_ask_in_turn_and_only_portico_is_shown_a_token():
    partners = [Partner(f"p-{name}", f"token-{name}", [f"{name}-1", f"{name}-2"], []) for name in "ab"]

    ours = [request.decode() for request in requests(PORTICO, "status", partners)]
    theirs = [request.decode() for request in requests(POSTGRAPHILE, "status", partners)]

    assert [request.count(f"Bearer token-{name}") for request, name in zip(ours, "abab", strict=True)] == [
        1
    ] * 4
    assert ['"id": "ord_a1"' in ours[0], '"id": "ord_b2"' in ours[3]] == [True, True]
    assert not any("Bearer" in request for request in theirs)
    assert '"partner": "p-b", "id": "b-1"' in theirs[1]


def test_every_question_has_the_four_promised_ratios():
    assert set(RATIOS) == {
        "portico_over_postgraphile",
        "portico_over_mercurius",
        "portico_over_floor",
        "stock_over_breadth",
    }
    assert QUESTIONS == ("page", "status", "license")
    assert label_of("page", "PostGraphile 5", 16) == "page, PostGraphile 5, 16 clients"
