"""What a type checker says of a change decides with."""

from __future__ import annotations

from typing import Any

import pytest

from ennead.fixes.search_result import Judged
from ennead.fixes.type_verdict import TypeReport, new_errors, with_types
from ennead.fixes.verdict import Judgement
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding, Verdict, Verification

ONE = ("shop/views.py", "Missing return statement  [return]")
OTHER = ("shop/views.py", 'Name "Any" is not defined  [name-defined]')


def report(*errors: tuple[str, str], problem: str = "") -> TypeReport:
    return TypeReport("mypy", errors, problem)


def judgement(verdict: Verdict = "verified") -> Judgement:
    seen = Verification(verdict, "", {}, {}, 1.0, 1.0, ("status",), ("the clock: it ticks",))
    return Judgement(verdict=verdict, reasons=("fewer queries",), verification=seen)


def finding(name: str, file: str) -> Finding:
    fields: dict[str, Any] = {
        "id": name,
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
        "call_site": CallSite(file=file, line=3, function="page"),
    }
    return Finding(**fields)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ((), (), []),
        ((ONE,), (ONE,), []),
        ((ONE, OTHER), (OTHER,), []),
        ((), (ONE,), [ONE]),
        ((ONE,), (ONE, ONE, OTHER), [ONE, OTHER]),
        ((ONE,), (("shop/models.py", ONE[1]),), [("shop/models.py", ONE[1])]),
    ],
)
def test_an_error_is_new_if_the_file_did_not_have_it_so_often(
    before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...], found: list[tuple[str, str]]
) -> None:
    assert new_errors(report(*before), report(*after)) == found


OF_NONE = ("shop/views.py", 'Item "None" of "Customer | None" has no attribute "name"  [union-attr]')
IN_OTHER_WORDS = ("shop/views.py", 'Item "None" of "Any | Customer | None" has no attribute "name"  [union-attr]')


def test_the_same_error_in_other_words_is_nothing_new() -> None:
    assert new_errors(report(OF_NONE), report(IN_OTHER_WORDS)) == []
    assert new_errors(report(OF_NONE), report(OF_NONE, IN_OTHER_WORDS)) == [IN_OTHER_WORDS]
    assert new_errors(report(OF_NONE), report(OTHER)) == [OTHER]
    assert new_errors(report(("shop/models.py", OF_NONE[1])), report(IN_OTHER_WORDS)) == [IN_OTHER_WORDS]


def test_another_import_of_a_library_without_types_is_nothing_new() -> None:
    untyped = 'Skipping analyzing "django.db": module is installed, but missing library stubs  [import-untyped]'
    known, added = ("shop/models.py", untyped), ("shop/views.py", untyped)
    assert new_errors(report(known), report(known, added)) == []
    assert new_errors(report(), report(added)) == [added]


def test_a_change_without_new_errors_keeps_its_verdict() -> None:
    judged = with_types(Judged(judgement(), {"f1:1": judgement()}), report(ONE), report(ONE), {})
    assert judged.is_accepted
    assert judged.judgement.verification.compared == ("status", "types (mypy)")
    assert judged.by_finding["f1:1"].verification.compared == ("status", "types (mypy)")
    assert judged.suspects == frozenset()


def test_a_change_with_new_errors_is_worse_and_tells_them_first() -> None:
    known = {"f1:1": finding("f1:1", "shop/views.py"), "f1:2": finding("f1:2", "shop/models.py")}
    parts = {"f1:1": judgement(), "f1:2": judgement("reduced-not-flat")}
    judged = with_types(Judged(judgement(), parts), report(ONE), report(ONE, OTHER), known)
    whole = judged.judgement
    assert (whole.verdict, whole.verification.verdict) == ("worse", "worse")
    assert whole.reasons == (
        'new to mypy: shop/views.py: Name "Any" is not defined  [name-defined]',
        "fewer queries",
    )
    assert {name: each.verdict for name, each in judged.by_finding.items()} == {
        "f1:1": "worse",
        "f1:2": "reduced-not-flat",
    }
    assert judged.suspects == {"f1:1"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (report(problem="mypy did not end within 180 s"), report(problem="mypy did not end within 180 s")),
        (report(ONE), report(problem="mypy did not end within 180 s")),
    ],
)
def test_what_mypy_could_not_tell_is_not_compared(before: TypeReport, after: TypeReport) -> None:
    whole = with_types(Judged(judgement()), before, after, {}).judgement
    assert whole.verdict == "verified"
    assert whole.verification.compared == ("status",)
    assert whole.verification.not_compared == ("the clock: it ticks", "types: mypy did not end within 180 s")


def test_an_error_at_which_mypy_gives_up_is_new_all_the_same() -> None:
    whole = with_types(Judged(judgement()), report(), report(ONE, problem="mypy gave up: invalid syntax"), {})
    assert whole.judgement.verdict == "worse"
