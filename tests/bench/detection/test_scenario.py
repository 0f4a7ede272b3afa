"""Marks in comments, and the registry."""

import asyncio

import pytest

from bench.detection.scenario import REGISTRY, Scenario, _marks_in, scenario


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        ("for row in rows:  # place: loop", [(1, [], ["loop"])]),
        ("for row in rows:  # place: loop origin", [(1, [], ["loop", "origin"])]),
        ("x = row.y  # place[one]: access", [(1, ["one"], ["access"])]),
        ("x = row.y  # place[one, two]: access", [(1, ["one", "two"], ["access"])]),
        ("x = f(r)  # place[one]: access place[two]: loop", [(1, ["one"], ["access"]), (1, ["two"], ["loop"])]),
        ("\n{% for r in rows %}{# place[one]: loop origin #}", [(2, ["one"], ["loop", "origin"])]),
        ("x = row.y  # noqa: X1", []),
        ("place = 'loop'", []),
        ("x = 'no place: access here'", []),
        ("x = row.y  # placement: access", []),
    ],
)
def test_marks_are_read_from_comments(source: str, marks: list[tuple[int, list[str], list[str]]]) -> None:
    assert list(_marks_in(source)) == marks


def test_a_scenario_registers_under_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: dict[str, dict[str, Scenario]] = {}
    monkeypatch.setattr("bench.detection.scenario.REGISTRY", registry)

    @scenario("look-alike", why="it makes no query")
    def silent() -> str:
        return "done"

    (suite,) = registry.values()
    registered = suite["silent"]
    assert (registered.label, registered.kind, registered.run()) == ("look-alike", None, "done")
    assert registered.file == "tests/bench/detection/test_scenario.py"
    assert len(registered.lines) == 3


def test_two_scenarios_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.detection.scenario.REGISTRY", {})

    def again() -> None:
        return None

    scenario("look-alike", why="first")(again)
    with pytest.raises(ValueError, match="two scenarios are called 'again'"):
        scenario("look-alike", why="second")(again)


def test_a_coroutine_function_runs_in_a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: dict[str, dict[str, Scenario]] = {}
    monkeypatch.setattr("bench.detection.scenario.REGISTRY", registry)

    @scenario("look-alike", why="it only sleeps")
    async def sleeper() -> int:
        await asyncio.sleep(0)
        return 7

    (suite,) = registry.values()
    assert suite["sleeper"].run() == 7


def test_registering_elsewhere_leaves_the_real_registry_alone() -> None:
    assert not any(suite.startswith("tests") for suite in REGISTRY)
