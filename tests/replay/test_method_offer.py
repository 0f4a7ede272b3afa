"""Methods are offered only if they were verified; otherwise the plain fix stays, with a sentence why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.search_result import Attempt, FindingFix, Judged, SearchResult
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Finding, Verdict, Verification
from ennead.replay.method_offer import MethodOffer, offer_methods

MODELS = "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n"
VIEW = "from shop.models import Order\n\nrows = list(Order.objects.all())\n"
PLAIN = VIEW.replace(".all()", '.all().select_related("customer")')
SOURCES = ProjectSources(Path("/nowhere"), {"shop/models.py": MODELS, "shop/views.py": VIEW})


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
    )


def judgement(verdict: Verdict, reason: str) -> Judgement:
    return Judgement(
        verdict=verdict,
        reasons=(reason,),
        verification=Verification(verdict, "", {10: 11}, {10: 2}, 1.0, 1.0, (), ()),
    )


GOOD = judgement("verified", "the plain fix")
AGAIN = judgement("verified", "with methods")
BAD = judgement("changes-results", "other rows")


class KnowingJudge:
    """Judges everything alike, and remembers what it was asked."""

    def __init__(self, whole: Judgement, by_finding: Mapping[str, Judgement] | None = None) -> None:
        self.whole = whole
        self.by_finding = by_finding or {}
        self.asked: list[tuple[Mapping[str, str], list[str]]] = []

    def look(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        return self.judge(files, finding_ids)

    def judge(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        self.asked.append((dict(files), list(finding_ids)))
        return Judged(self.whole, self.by_finding)


def found(*fixes: FindingFix, view: str = PLAIN, together: Judgement | None = None) -> SearchResult:
    return SearchResult(fixes=fixes, files={"shop/views.py": view}, diff="plain diff", together=together)


def fixed(name: str) -> FindingFix:
    tried = (
        Attempt(title="no", strategy="prefetch", judgement=BAD),
        Attempt(title="Join", strategy="x", judgement=GOOD),
    )
    return FindingFix(finding=finding(name), status="fixed", attempts=tried, diff=f"diff of {name}")


def test_a_verified_method_takes_the_place_of_the_plain_fix() -> None:
    judge = KnowingJudge(AGAIN)

    result, offer = offer_methods(found(fixed("a")), judge, SOURCES)

    assert offer == MethodOffer(names=("OrderQuerySet.with_customer",))
    assert result.files["shop/views.py"] == VIEW.replace(".all()", ".all().with_customer()")
    assert "class OrderQuerySet" in result.files["shop/models.py"]
    assert judge.asked == [(dict(result.files), ["f1:a"])]
    (fix,) = result.fixes
    assert [attempt.judgement for attempt in fix.attempts] == [BAD, AGAIN]
    assert fix.diff == result.diff
    assert "+class OrderQuerySet(models.QuerySet):\n" in result.diff


def test_of_several_fixes_the_whole_has_the_methods() -> None:
    plain = found(fixed("a"), fixed("b"), together=GOOD)

    result, offer = offer_methods(plain, KnowingJudge(AGAIN, {"f1:a": AGAIN, "f1:b": AGAIN}), SOURCES)

    assert offer.names == ("OrderQuerySet.with_customer",)
    assert result.together == AGAIN
    assert "with_customer()" in result.diff
    assert result.fixes == plain.fixes


@pytest.mark.parametrize(
    ("whole", "by_finding"), [(BAD, {}), (AGAIN, {"f1:a": BAD})], ids=["the whole", "one of the findings"]
)
def test_a_refused_method_leaves_the_plain_fix(whole: Judgement, by_finding: Mapping[str, Judgement]) -> None:
    plain = found(fixed("a"))

    result, offer = offer_methods(plain, KnowingJudge(whole, by_finding), SOURCES)

    assert result is plain
    assert offer == MethodOffer(kept=("with OrderQuerySet.with_customer it is no fix: changes-results: other rows",))


def test_nothing_is_replayed_where_no_method_can_be_written() -> None:
    judge = KnowingJudge(AGAIN)
    plain = found(fixed("a"), view=VIEW.replace("list", "tuple"))

    result, offer = offer_methods(plain, judge, SOURCES)

    assert result is plain
    assert offer.kept == ("the fix adds no eager load that a method could stand for",)
    assert judge.asked == []


@pytest.mark.parametrize(
    "plain",
    [found(replace(fixed("a"), status="not-fixed")), found(fixed("a"), fixed("b"), together=BAD)],
    ids=["none", "not together"],
)
def test_nothing_is_replayed_without_an_accepted_fix(plain: SearchResult) -> None:
    judge = KnowingJudge(AGAIN)

    result, offer = offer_methods(plain, judge, SOURCES)

    assert result is plain
    assert offer.kept == ("no fix was verified that a method could be made of",)
    assert judge.asked == []
