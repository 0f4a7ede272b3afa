"""What of a search may be applied. The search itself, with replays, is tested through the server for coding agents."""

from typing import Any

from ennead.fixes.search_result import Attempt, FindingFix, SearchResult, Status
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Finding, Verdict, Verification
from ennead.replay.fixing import accepted_change, badness


def _finding(number: int, **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "id": f"f1:{number}",
        "domain": "nplusone",
        "code": "n-plus-one",
        "kind": "relation",
        "severity": "low",
        "confidence": 90.0,
        "query_count": 5,
        "queries_needed": 1,
        "duration_ms": 1.0,
        "wasted_ms": 1.0,
        "statement": "SELECT 1",
        "statement_fingerprint": "x",
        "explanation": "",
    }
    return Finding(**fields | changes)


def _judgement(verdict: Verdict) -> Judgement:
    seen = Verification(verdict, "", {}, {}, 1.0, 1.0, (), ())
    return Judgement(verdict=verdict, reasons=("because",), verification=seen)


def _fix(number: int, status: Status) -> FindingFix:
    judgement = _judgement("verified" if status == "fixed" else "no-effect")
    attempts = (Attempt(title="try", strategy="prefetch", judgement=judgement),)
    return FindingFix(finding=_finding(number), status=status, attempts=attempts)


def _result(*fixes: FindingFix, together: Verdict | None = None) -> SearchResult:
    judged = _judgement(together) if together else None
    return SearchResult(fixes=fixes, files=_FILES, diff="", together=judged)


_FILES = {"a.py": "a1", "new.py": "b1"}
_ORIGINALS = {"a.py": "a0", "new.py": None}


def test_all_that_was_accepted_is_one_change() -> None:
    fixes = (_fix(1, "fixed"), _fix(2, "not-fixed"), _fix(3, "fixed"), _fix(4, "fixed-along"))
    change = accepted_change(_result(*fixes, together="verified-at-this-size"), _ORIGINALS)
    assert change is not None
    assert (change.finding_ids, change.before, change.after) == (("f1:1", "f1:3", "f1:4"), _ORIGINALS, _FILES)
    assert change.verification.verdict == "verified-at-this-size"


def test_a_single_fix_has_its_own_judgement() -> None:
    change = accepted_change(_result(_fix(1, "fixed"), _fix(2, "no-candidate")), _ORIGINALS)
    assert change is not None
    assert (change.finding_ids, change.verification.verdict) == (("f1:1",), "verified")


def test_what_does_not_work_together_is_not_offered() -> None:
    result = _result(_fix(1, "fixed"), _fix(2, "fixed"), together="changes-results")
    assert accepted_change(result, _ORIGINALS) is None


def test_what_was_refused_is_not_offered() -> None:
    assert accepted_change(_result(_fix(1, "not-fixed"), _fix(2, "no-candidate")), _ORIGINALS) is None


def test_the_severer_finding_comes_first_then_the_costlier() -> None:
    findings = [_finding(1), _finding(2, wasted_ms=9.0), _finding(3, severity="high")]
    assert [each.id for each in sorted(findings, key=badness, reverse=True)] == ["f1:3", "f1:2", "f1:1"]
