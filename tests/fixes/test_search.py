"""The search for fixes, with a judge that knows the answers: each line of the file that is changed is one change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ennead.fixes import search
from ennead.fixes.candidate import Candidate
from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.search import Search
from ennead.fixes.search_result import FindingFix, Judged, SearchResult
from ennead.fixes.verdict import Judgement
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding, Verdict, Verification

ACCEPTED = ("verified", "verified-at-this-size")
SPOILING: tuple[Verdict, ...] = ("could-not-run", "changes-results", "non-deterministic", "worse")
START = "start()\n"


def finding(name: str) -> Finding:
    return Finding(
        id=f"f1:{name}",
        domain="nplusone",
        code="n-plus-one",
        kind="relation",
        severity="low",
        confidence=99.0,
        query_count=6,
        queries_needed=1,
        duration_ms=1.0,
        wasted_ms=1.0,
        statement="SELECT 1",
        statement_fingerprint=name,
        explanation="",
        call_site=CallSite("app.py", 1, "start"),
        loop=CallSite("app.py", 1, f"loop_{name}"),
    )


def judgement(verdict: Verdict) -> Judgement:
    return Judgement(
        verdict=verdict,
        reasons=(f"it is {verdict}",),
        verification=Verification(verdict, "", {10: 11}, {10: 2}, 1.0, 1.0, (), ()),
    )


class World:
    """Candidates by finding, in their order: ``{"a": {"join": "verified"}}``; and what comes of each."""

    def __init__(
        self,
        candidates: Mapping[str, Mapping[str, Verdict]],
        along: Mapping[str, Collection[str]] | None = None,
        *,
        hidden: Collection[str] = (),
        of_one_statement: Collection[str] = (),
    ) -> None:
        self.candidates = candidates
        self.hidden = hidden
        """Findings that are there still, though nothing shows them any more."""
        self.of_one_statement = {f"f1:{name}" for name in of_one_statement}
        """Each of them passes as repaired, since what is left may be that of another one."""
        self.along = along or {}
        """Findings that a change repairs besides its own, by the change's title."""
        self.judged: list[list[str]] = []

    def propose(self, of: Finding, sources: ProjectSources) -> Iterator[Candidate]:
        text = sources.text("app.py") or ""
        name = of.id.removeprefix("f1:")
        for title in self.candidates.get(name, {}):
            if f"# {name} {title}\n" not in text:
                yield Candidate(title=title, strategy="x", files={"app.py": f"{text}# {name} {title}\n"})

    def look(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        return self._judged(files, finding_ids)

    def judge(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        self.judged.append(self._changes(files))
        return self._judged(files, finding_ids)

    @staticmethod
    def _changes(files: Mapping[str, str]) -> list[str]:
        return [line.removeprefix("# ") for line in files["app.py"].splitlines() if line.startswith("# ")]

    def _judged(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        own: dict[str, Verdict] = {}
        gone: set[str] = set()
        for change in self._changes(files):
            name, _, title = change.partition(" ")
            own[f"f1:{name}"] = self.candidates[name][title]
            gone.update(f"f1:{other}" for other in self.along.get(title, ()))
        spoiling = [verdict for verdict in own.values() if verdict in SPOILING]
        refused = [verdict for verdict in own.values() if verdict not in ACCEPTED]
        whole: Verdict = (spoiling or refused or ["verified"])[0]
        own = {**dict.fromkeys(gone & set(finding_ids), "verified"), **own}
        own |= {f"f1:{name}": "reduced-not-flat" for name in self.hidden}
        if any(own[name] == "reduced-not-flat" for name in finding_ids if name in own and whole == "verified"):
            whole = "reduced-not-flat"
        by_finding = {name: judgement(spoiling[0] if spoiling else own.get(name, "no-effect")) for name in finding_ids}
        if self.of_one_statement.issubset(finding_ids):
            by_finding |= {name: judgement("verified") for name in self.of_one_statement}
        gone.update(name for name, verdict in own.items() if verdict in ACCEPTED)
        shown = tuple(finding(name) for name in self.candidates if f"f1:{name}" not in gone)
        return Judged(judgement(whole), by_finding, shown)


def look_for(monkeypatch: pytest.MonkeyPatch, world: World, *, seconds: float = 900.0) -> SearchResult:
    monkeypatch.setattr(search, "propose", world.propose)
    sources = ProjectSources(Path("/nowhere"), {"app.py": START})
    return Search(world, sources, seconds=seconds).run([finding(name) for name in world.candidates])


def told(fixes: tuple[FindingFix, ...]) -> list[tuple[str, str | None]]:
    return [(fix.status, fix.best.title if fix.best else None) for fix in fixes]


def test_the_first_candidate_that_is_accepted_is_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"wrong": "changes-results", "useless": "no-effect", "good": "verified", "later": "verified"}})
    result = look_for(monkeypatch, world)
    (fix,) = result.fixes
    assert told(result.fixes) == [("fixed", "good")]
    assert [(attempt.title, attempt.judgement.verdict) for attempt in fix.attempts] == [
        ("wrong", "changes-results"),
        ("useless", "no-effect"),
        ("good", "verified"),
    ]
    assert result.files == {"app.py": START + "# a good\n"}
    assert result.diff == fix.diff
    assert fix.diff.splitlines()[-1] == "+# a good"
    assert (result.is_complete, result.together) == (True, None)


def test_a_diff_on_top_of_other_fixes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = look_for(monkeypatch, World({"a": {"join": "verified"}, "b": {"prefetch": "verified"}})).fixes
    assert (first.title, second.title) == ("join", "prefetch, on top of the fixes before it")
    assert second.recommendation is not None
    assert second.recommendation.title == second.title
    assert "# a join" in second.diff.replace("+# a join", "")


@pytest.mark.parametrize("verdict", [*SPOILING, "no-effect"])
def test_what_is_refused_is_not_kept(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    result = look_for(monkeypatch, World({"a": {"bad": verdict}}))
    assert told(result.fixes) == [("not-fixed", "bad")]
    assert (dict(result.files), result.diff, result.is_complete) == ({"app.py": START}, "", False)
    recommendation: Any = result.fixes[0].recommendation
    assert (recommendation.status, recommendation.verification.diff) == ("refuted", "")


def test_without_candidates_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    result = look_for(monkeypatch, World({"a": {}}))
    assert told(result.fixes) == [("no-candidate", None)]
    assert result.fixes[0].recommendation is None
    assert not result.is_complete


def test_one_wrong_candidate_does_not_spoil_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(
        {
            "a": {"good": "verified"},
            "b": {"wrong": "changes-results", "second": "verified"},
            "c": {"useless": "no-effect"},
            "d": {"good": "verified-at-this-size"},
        }
    )
    result = look_for(monkeypatch, world)
    assert told(result.fixes) == [("fixed", "good"), ("fixed", "second"), ("not-fixed", "useless"), ("fixed", "good")]
    assert sorted(world._changes(result.files)) == ["a good", "b second", "d good"]
    assert result.together is not None
    assert result.together.is_accepted
    assert not result.is_complete


def test_a_finding_that_another_fix_repairs_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"join": "verified"}, "b": {"useless": "no-effect", "more": "verified"}}, along={"join": "b"})
    result = look_for(monkeypatch, world)
    assert [fix.status for fix in result.fixes] == ["fixed", "fixed-along"]
    assert world._changes(result.files) == ["a join"]
    assert result.is_complete


def test_a_finding_that_is_only_not_shown_any_more_is_not_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"join": "verified"}, "b": {}}, along={"join": "b"}, hidden=["b"])
    result = look_for(monkeypatch, world)
    assert [fix.status for fix in result.fixes] == ["fixed", "not-fixed"]
    assert told(result.fixes)[1] == ("not-fixed", "What repairs the other findings")
    assert (result.together, result.is_complete) == (None, False)
    assert world._changes(result.files) == ["a join"]


def test_two_findings_of_one_statement_are_accepted_together_only(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates: Mapping[str, Mapping[str, Verdict]] = {"a": {"good": "verified"}, "b": {"half": "reduced-not-flat"}}
    result = look_for(monkeypatch, World(candidates, of_one_statement=["a", "b"]))
    assert told(result.fixes) == [("fixed", "good"), ("not-fixed", "half")]
    assert (result.together, result.is_complete) == (None, False)
    good: Mapping[str, Mapping[str, Verdict]] = {"a": {"good": "verified"}, "b": {"good": "verified"}}
    result = look_for(monkeypatch, World(good, of_one_statement=["a", "b"]))
    assert told(result.fixes) == [("fixed", "good"), ("fixed", "good")]
    assert result.is_complete


def test_what_reduces_is_built_upon(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"half": "reduced-not-flat", "whole": "verified"}})
    assert told(look_for(monkeypatch, world).fixes) == [("fixed", "whole")]
    alone = look_for(monkeypatch, World({"a": {"half": "reduced-not-flat"}}))
    assert told(alone.fixes) == [("not-fixed", "half")]
    assert alone.diff == ""


def test_when_the_time_is_up_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"good": "verified"}})
    result = look_for(monkeypatch, world, seconds=-1.0)
    assert (told(result.fixes), world.judged) == ([("not-tried", None)], [])
    assert not result.is_complete


def test_nothing_to_fix_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_for(monkeypatch, World({})).is_complete


def test_a_finding_whose_only_candidate_is_that_of_another_one_is_fixed_along(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({"a": {"good": "verified"}, "b": {}}, along={"good": ["b"]})

    def same(of: Finding, sources: ProjectSources) -> Iterator[Candidate]:
        return world.propose(finding("a"), sources)

    monkeypatch.setattr(search, "propose", same)
    sources = ProjectSources(Path("/nowhere"), {"app.py": START})
    result = Search(world, sources).run([finding("a"), finding("b")])
    assert [fix.status for fix in result.fixes] == ["fixed", "fixed-along"]


def test_a_finding_without_a_candidate_is_told_though_others_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    result = look_for(monkeypatch, World({"a": {"good": "verified"}, "b": {}}))
    assert [fix.status for fix in result.fixes] == ["fixed", "no-candidate"]
