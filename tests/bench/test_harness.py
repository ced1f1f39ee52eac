"""The harness is held to what is known beforehand: work done twice costs twice, wherever it is done."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

import bench as benches
from bench.harness import Contender, Plan, Sample, alternate, cpu_seconds, ratio, report
from cli import bench as verb
from cli.terminal import Refusal

LOOP = "for _ in range({}): pass"
STEPS = 6_000_000  # some 0.2 s


def burning(label, times, pids=None):
    """A contender that does its operation so many times over."""

    async def work(meter):
        with meter:
            exec(LOOP.format(times * STEPS))  # noqa: S102  a loop that nothing optimises away
        return 1

    return Contender(label, work, pids or (os.getpid(),))


async def test_a_contender_that_does_everything_twice_shows_a_ratio_of_about_two():
    samples = await alternate([burning("once", 1), burning("twice", 2)], Plan(rounds=3, seconds=None))

    found = report("planted", "loop", samples, {"twice_over_once": ("twice", "once")})

    assert 1.5 < found.ratios["twice_over_once"] < 2.7
    assert [row["contender"] for row in found.rows] == ["once", "twice"]
    assert [row["rounds"] for row in found.rows] == [3, 3]


async def test_two_equal_contenders_show_a_ratio_of_about_one():
    samples = await alternate([burning("this", 1), burning("that", 1)], Plan(rounds=3, seconds=None))

    assert 0.7 < ratio(samples["this"], samples["that"]) < 1.4


def test_what_children_spend_counts_while_they_live_and_after():
    script = LOOP.format(STEPS) + "\nprint('done', flush=True)\ninput()"
    before = cpu_seconds([os.getpid()])

    child = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1)
    child.stdout.readline()
    alive = cpu_seconds([child.pid])
    child.communicate(b"\n")
    ended = round(cpu_seconds([os.getpid()]) - before, 2)

    assert alive > 0.05
    assert alive <= ended < 1.5 * alive + 0.1  # what it spent went over to its parent, once
    assert cpu_seconds([child.pid]) == 0


async def test_contenders_take_turns_in_going_first():
    order = []

    def noting(label):
        async def work(meter):
            order.append(label)
            with meter:
                exec(LOOP.format(STEPS // 2))  # noqa: S102
            return 1

        return Contender(label, work)

    await alternate([noting("a"), noting("b")], Plan(rounds=3, seconds=None))

    assert order == ["a", "b", "b", "a", "a", "b"]


async def test_a_plan_with_few_seconds_ends_after_one_whole_round():
    samples = await alternate([burning("a", 1), burning("b", 1)], Plan(rounds=9, seconds=0.1))

    assert {label: len(of) for label, of in samples.items()} == {"a": 1, "b": 1}


async def test_a_round_too_short_for_the_kernel_to_see_is_refused():
    async def nothing(meter):
        with meter:
            pass
        return 1

    with pytest.raises(RuntimeError, match="make its round longer"):
        await alternate([Contender("idle", nothing)], Plan(rounds=1, seconds=None))


def test_a_ratio_is_the_median_of_rounds_so_that_one_bad_round_changes_nothing():
    fast = [Sample(10, cpu, 1.0) for cpu in (1.0, 1.0, 1.0)]
    slow = [Sample(10, cpu, 1.0) for cpu in (2.0, 40.0, 2.0)]

    assert ratio(slow, fast) == 2.0


PLANTED = """
import os
from bench.harness import Report

def bench(plan):
    print("noise")
    os.system("echo noise of a child")
    return Report("planted", [{"contender": "a", "rounds": plan.rounds}], {"a_over_b": 2.0})
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    (tmp_path / "planted.py").write_text(textwrap.dedent(PLANTED))
    (tmp_path / "no_bench.py").write_text("x = 1\n")
    monkeypatch.setattr(benches, "__path__", [*benches.__path__, str(tmp_path)])
    monkeypatch.setattr(verb, "RESULTS", tmp_path / "results")
    monkeypatch.delitem(sys.modules, "bench.planted", raising=False)
    return tmp_path


def test_json_is_one_object_alone_on_standard_output_whatever_a_bench_prints(planted, capfd):
    verb.bench("planted", quick=True, as_json=True)

    printed = capfd.readouterr()
    expected = {
        "name": "planted",
        "rows": [{"contender": "a", "rounds": 3}],
        "ratios": {"a_over_b": 2.0},
    }
    assert printed.out.count("\n") == 1
    assert json.loads(printed.out) == expected
    assert "noise of a child" in printed.err
    assert json.loads((planted / "results/planted.json").read_text()) == expected


def test_a_bench_is_known_by_its_function_and_an_unknown_one_is_refused_with_the_names(planted):
    assert "planted" in verb.names()
    assert "seed" in verb.names()
    assert not {"no_bench", "harness"} & set(verb.names())
    with pytest.raises(Refusal, match="planted"):
        verb.bench("nothing")
