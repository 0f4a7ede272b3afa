"""Records of what the rules let pass: which look-alike, told by the rule's own words."""

import json

import pytest

from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.domains.nplusone.rules import VETOES, WRITE_VETOES
from ennead.domains.nplusone.service import NPlusOneDetectionService
from tests.domains.nplusone.traces import Trace, lazy_orders, site


def _look_alikes(trace: Trace) -> list[LookAlike]:
    vetoed = NPlusOneDetectionService().analyze(trace.context()).vetoed
    return [LookAlike.of(evidence, decision) for evidence, decision in vetoed]


def _chunks() -> Trace:
    trace = Trace()
    for start in range(4):
        values = tuple(range(start * 3, start * 3 + 3))
        trace.run("SELECT name FROM shop_customer WHERE id IN (?, ?, ?)", *values, at=site("shop/sync.py:4"), rows=3)
    return trace


def test_chunks_are_a_look_alike_with_its_name() -> None:
    (told,) = _look_alikes(_chunks())
    assert (told.code, told.veto, told.query_count, str(told.call_site)) == (
        "n-plus-one",
        "batches",
        4,
        "shop/sync.py:4",
    )
    assert told.reason == ("batches: chunked IN lists and eager loads of batches: one query serves many rows")


def test_a_finding_is_none() -> None:
    assert _look_alikes(lazy_orders()) == []


def test_round_trip() -> None:
    (told,) = _look_alikes(_chunks())
    assert LookAlike.from_dict(json.loads(json.dumps(told.to_dict())) | {"later": 1}) == told


@pytest.mark.parametrize(
    ("code", "veto"),
    [*(("n-plus-one", name) for name, _ in VETOES), *(("write-n-plus-one", name) for name, _ in WRITE_VETOES)],
)
def test_every_veto_has_words(code: str, veto: str) -> None:
    (told,) = _look_alikes(_chunks())
    reason = LookAlike.from_dict({**told.to_dict(), "code": code, "veto": veto}).reason
    assert reason.startswith(f"{veto}: ")
    assert len(reason) > len(veto) + 20
    assert "lIMIT" not in reason


@pytest.mark.parametrize(("veto", "is_doubted"), [(None, True), ("model", True), ("batches", False)])
def test_only_what_nothing_explains_is_doubted(veto: str | None, *, is_doubted: bool) -> None:
    (told,) = _look_alikes(_chunks())
    assert LookAlike.from_dict({**told.to_dict(), "veto": veto}).is_doubted is is_doubted


def test_a_veto_of_another_version_is_told_by_its_name() -> None:
    (told,) = _look_alikes(_chunks())
    assert LookAlike.from_dict({**told.to_dict(), "veto": "newer"}).reason == "newer"
