"""A run on its way into the memory: what is measured of its findings."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ennead.cli.memory import as_judged, finished_run, remembered
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.reporting.report import Entry
from ennead.runs.reading import RunRecords
from ennead.store.memory import open_memory
from ennead.store.verdicts import give_verdict
from tests.domains.nplusone.scenes import read_scenes
from tests.reporting.reports import report
from tests.runs.units import unit


def _features(folder: Path, project_root: Path) -> Mapping[str, float]:
    """Of the one finding of a scene whose sources are in a folder."""
    (scene,) = [scene for scene in read_scenes() if scene.name == "counts"]
    context = scene.context(folder)
    found = NPlusOneDetectionService().analyze(context).findings
    told = report(entries=tuple(map(Entry.of, found)), suppressed=(), project_root=str(project_root))
    run = finished_run(told, RunRecords(units=(unit(*found, context=context.to_dict()),)))
    assert run is not None
    (seen,) = run.findings
    return seen.features


def test_features_are_the_same_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = _features(tmp_path, tmp_path)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    there = _features(tmp_path, tmp_path)
    assert there["loop_over_rows"] == 1.0
    assert there == pytest.approx(here, nan_ok=True)


def test_without_its_sources_no_loop_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the test above: it is the project's root that is looked at, and not where one stands."""
    monkeypatch.chdir(tmp_path)
    assert _features(tmp_path, tmp_path / "elsewhere")["loop_over_rows"] == 0.0


def test_findings_that_verdicts_hide_are_counted(tmp_path: Path) -> None:
    memory = open_memory(str(tmp_path), tmp_path)
    told = report(suppressed=(), project_root=str(tmp_path), notes=())
    remembered(told, RunRecords(), tmp_path)
    for entry in told.entries:
        assert as_judged(told, tmp_path).hidden_count == told.entries.index(entry)
        give_verdict(memory, entry.finding.id, "noise")
    judged = as_judged(told, tmp_path)
    assert (judged.entries, judged.hidden_count) == ((), len(told.entries))
