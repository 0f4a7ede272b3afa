"""The rules on whole contexts, compared with whole findings; see tests/fixtures/nplusone/contexts/README.md."""

import json
import os
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from ennead.domains.nplusone.findings import RuleFindings, find_by_rules
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.rules import VETOES, WRITE_VETOES
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.finding import Finding, severity_rank
from tests.domains.nplusone.scenes import Scene, read_scenes
from tests.domains.nplusone.traces import Trace, lazy_orders, look_ups

SCENES = {scene.name: scene for scene in read_scenes()}
SETTINGS = NPlusOneSettings()
ACCEPTS = os.environ.get("ENNEAD_ACCEPT_FINDINGS") == "1"

scenes = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)


def _find(context: QueryExecutionContext, settings: NPlusOneSettings = SETTINGS) -> RuleFindings:
    return find_by_rules(context, settings, context.project_root, Deadline(inf))


def _kinds(findings: tuple[Finding, ...]) -> list[str]:
    return sorted(f"{finding.code}/{finding.kind}" for finding in findings)


def _vetoes(found: RuleFindings) -> list[str]:
    return sorted({decision.veto for _, decision in found.vetoed if decision.veto})


# ------------------------------------------------------------------------------------------------ scenes


@scenes
def test_finds_what_the_scene_says_and_names_what_only_looks_alike(scene: Scene, tmp_path: Path) -> None:
    found = _find(scene.context(tmp_path))
    assert (_kinds(found.shown), _vetoes(found)) == (scene.findings, scene.look_alikes), scene.data["about"]
    assert [finding.suppressed for finding in found.suppressed] == scene.data.get("suppressed", [])


@scenes
def test_whole_findings_are_those_that_were_accepted(scene: Scene, tmp_path: Path) -> None:
    found = _find(scene.context(tmp_path))
    told = [finding.to_dict() for finding in (*found.shown, *found.suppressed)]
    if ACCEPTS:
        scene.expected_file.parent.mkdir(exist_ok=True)
        scene.expected_file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(json.dumps(told)) == json.loads(scene.expected_file.read_text("utf-8"))


@scenes
def test_a_scene_survives_json(scene: Scene, tmp_path: Path) -> None:
    context = scene.context(tmp_path)
    again = QueryExecutionContext.from_dict(json.loads(json.dumps(context.to_dict())))
    again = replace(again, project_root=str(tmp_path))
    assert again == context
    assert _find(again) == _find(context)


@pytest.mark.parametrize("scene", [scene for scene in SCENES.values() if scene.look_alikes], ids=lambda each: each.name)
def test_a_look_alike_has_a_twin_that_is_found(scene: Scene, tmp_path: Path) -> None:
    assert scene.twin is not None
    twin = SCENES[scene.twin]
    assert set(scene.look_alikes).isdisjoint(twin.look_alikes)
    assert _find(twin.context(tmp_path)).shown


def test_every_veto_has_a_scene() -> None:
    named = {name for name, _ in (*VETOES, *WRITE_VETOES)}
    assert {name for scene in SCENES.values() for name in scene.look_alikes} == named


def test_every_accepted_file_belongs_to_a_scene() -> None:
    files = {path.stem for scene in SCENES.values() for path in scene.expected_file.parent.glob("*.json")}
    assert files == set(SCENES)


# ------------------------------------------------------------------------------------------------ thresholds


@pytest.mark.parametrize(("count", "minimum", "found"), [(2, 2, 1), (3, 4, 0), (4, 4, 1)])
def test_the_settings_say_how_many_lazy_loads_make_an_n_plus_one(count: int, minimum: int, found: int) -> None:
    trace = lazy_orders(count)
    assert len(_find(trace.context(), NPlusOneSettings(min_lazy_loads=minimum, min_repeats=99)).shown) == found


@pytest.mark.parametrize(("count", "minimum", "found"), [(2, 2, 1), (3, 4, 0), (4, 4, 1)])
def test_the_settings_say_how_many_repeats_make_an_n_plus_one(count: int, minimum: int, found: int) -> None:
    assert len(_find(look_ups(count).context(), NPlusOneSettings(min_repeats=minimum)).shown) == found


def test_what_is_less_sure_than_asked_for_is_not_shown_and_not_lost() -> None:
    context = look_ups(4).context()
    (finding,) = _find(context).shown
    found = _find(context, NPlusOneSettings(min_confidence=finding.confidence + 1))
    assert found.shown == ()
    assert [decision.veto for _, decision in found.vetoed] == [None]
    assert _find(context, NPlusOneSettings(min_confidence=finding.confidence)).shown == (finding,)


def test_more_evidence_makes_surer() -> None:
    (with_orm,) = _find(lazy_orders(5).context()).shown
    (without,) = _find(look_ups(5).context()).shown
    (many,) = _find(look_ups(50).context()).shown
    assert with_orm.confidence > many.confidence > without.confidence >= 50


# ------------------------------------------------------------------------------------------------ the answer


def test_an_empty_context_has_no_findings() -> None:
    assert _find(Trace().context()) == RuleFindings((), (), ())


def test_the_worst_comes_first() -> None:
    trace = lazy_orders(3)
    for number in range(120):
        trace.run("SELECT a FROM t WHERE id = ?", number, at=())
    shown = _find(trace.context()).shown
    ranks = [severity_rank(finding.severity) for finding in shown]
    assert len(shown) == 2
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] > ranks[1]


def test_figures_are_those_of_the_repeats() -> None:
    (finding,) = _find(lazy_orders(5, ms=2.0).context()).shown
    assert (finding.query_count, finding.queries_needed, finding.origin_row_count) == (5, 1, 5)
    assert finding.duration_ms == pytest.approx(10.0)
    assert finding.wasted_ms == pytest.approx(8.0)


def test_one_query_is_told_by_one_finding() -> None:
    """Repeats with few distinct parameters are an N+1 or a repeated query, not both."""
    trace = Trace()
    trace.run("SELECT id FROM shop_order", rows=9)
    for number in (1, 1, 1, 2, 3, 4):
        trace.run("SELECT a FROM t WHERE id = ?", number, rows=1)
    shown = _find(trace.context()).shown
    assert [finding.code for finding in shown] == ["n-plus-one"]
    assert shown[0].query_count == 6


def test_nested_units_of_work_are_told_as_one_finding() -> None:
    """A test that requests one page twice: the same finding, from two places in time."""
    trace = Trace()
    for unit in (1, 2):
        trace.run("SELECT id FROM shop_order", rows=4, unit=unit, at=())
        for number in range(3 + unit):
            trace.run("SELECT a FROM t WHERE id = ?", number, rows=1, unit=unit)
    (finding,) = _find(trace.context()).shown
    assert (finding.query_count, finding.evidence["unit_count"]) == (5, 2)


def test_the_deadline_is_asked_for_each_group() -> None:
    with pytest.raises(DeadlineExceededError):
        find_by_rules(lazy_orders().context(), SETTINGS, ".", Deadline(-1.0))
