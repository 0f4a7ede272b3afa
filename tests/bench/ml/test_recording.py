"""Recorded contexts are kept and read again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.ml.corpus import __main__ as corpus
from bench.ml.corpus import applications, recording
from bench.real_apps.environment import Release
from ennead.domains.nplusone.examples import example_contexts
from ennead.training.examples import Example, write_examples

RELEASE = Release("shop", Path("requirements-1.0.txt"))
CONTEXT = example_contexts()[0]
OK = {"status": "ok", "context": CONTEXT.to_dict(), "project_root": "/srv/shop"}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes that the worker was started with."""
    sizes: list[int] = []

    def run(release: Release, tool: str, rows: int) -> Mapping[str, Mapping[str, Any]]:
        assert tool == "contexts"
        sizes.append(rows)
        return {"page": {"action": "page", **OK}, "broken": {"action": "broken", "status": "HTTP 500"}}

    monkeypatch.setattr(recording, "run_worker", run)
    monkeypatch.setattr(recording, "make_environment", lambda release: None)
    return sizes


def test_what_was_recorded_is_read_again_and_not_recorded_again(tmp_path: Path, ran: list[int]) -> None:
    recording.record(RELEASE, tmp_path)
    recording.record(RELEASE, tmp_path)

    assert ran == [3, 6, 12]
    assert recording.is_recorded(RELEASE, tmp_path)
    read = list(recording.recordings(RELEASE, tmp_path))
    assert [(each.action, each.rows) for each in read] == [("page", 3), ("page", 6), ("page", 12)]
    assert read[0].context == replace(CONTEXT, project_root="/srv/shop")
    assert read[0].context.project_root == "/srv/shop"


def test_a_run_in_which_no_action_ran_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ran: list[int]
) -> None:
    failed = {"page": {"action": "page", "status": "TypeError: no"}}
    monkeypatch.setattr(recording, "run_worker", lambda *_: failed)

    with pytest.raises(RuntimeError, match=r"no action of shop-1\.0 ran at 3 rows: TypeError: no"):
        recording.record(RELEASE, tmp_path)
    assert not recording.is_recorded(RELEASE, tmp_path)


def test_an_environment_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ran: list[int]
) -> None:
    monkeypatch.setattr(recording, "make_environment", lambda release: "no Python 3.99 here")

    with pytest.raises(RuntimeError, match=r"no Python 3\.99 here"):
        recording.record(RELEASE, tmp_path)
    assert ran == []


def test_other_sizes_are_kept_beside_the_usual_ones(tmp_path: Path, ran: list[int]) -> None:
    recording.record(RELEASE, tmp_path, (9,))

    assert ran == [9]
    assert not recording.is_recorded(RELEASE, tmp_path)
    assert [each.rows for each in recording.recordings(RELEASE, tmp_path, (9,))] == [9]
    assert list(recording.recordings(RELEASE, tmp_path)) == []


def test_lines_of_what_is_not_recorded_here_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, forum = Release("shop", Path("requirements.txt")), Release("forum", Path("requirements.txt"))
    earlier = tuple(_example(release.name, count) for release in (shop, forum) for count in (2, 3))
    write_examples(tmp_path / "applications.csv", earlier)
    new = _example("forum", 12)
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    monkeypatch.setattr(corpus, "releases", lambda names: [shop, forum])
    monkeypatch.setattr(recording, "is_recorded", lambda release: release is forum)
    monkeypatch.setattr(applications, "examples", lambda release: [new])

    assert [(each.release, each.rows) for each in corpus.of_applications()] == [("shop", 2), ("shop", 3), ("forum", 12)]


def _example(release: str, rows: int) -> Example:
    return Example(
        release, release, "page", rows, "full", f"{rows:012x}", "read", label=True, baselines={}, veto="", features={}
    )
