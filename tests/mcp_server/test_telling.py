"""Answers as text, for clients that show nothing else."""

from ennead.mcp_server.answers import FindingBrief, FindingsAnswer, ProposeAnswer
from ennead.mcp_server.telling import findings_text, propose_text


def test_work_without_a_finding_has_nothing_to_fix() -> None:
    answer = ProposeAnswer(
        run="r",
        is_complete=True,
        fix=None,
        files=[],
        diff="",
        fixes=[],
        together=None,
        methods=[],
        kept=[],
        notes=["GET / answered 404"],
    )
    assert propose_text(answer).splitlines() == [
        "nothing to fix: the replayed work shows no finding",
        "note: GET / answered 404",
    ]


def test_a_line_tells_who_decided_and_what_each_gives() -> None:
    brief = FindingBrief(
        id="f1:aa",
        severity="low",
        code="n-plus-one",
        kind="lookup",
        subject="customer",
        query_count=9,
        queries_needed=1,
        unit_count=1,
        routes=[],
        origin=None,
        loop=None,
        access="shop.py:7",
        advice=None,
        is_verified=False,
        confidence=88.0,
        decided_by="ml",
        rules_confidence=None,
        model_confidence=88.4,
    )
    answer = FindingsAnswer(run="r", command="c", finding_count=1, suppressed_count=0, findings=[brief], notes=[])
    line = findings_text(answer).splitlines()[1]
    assert "; decided by ml (model 88 %); access shop.py:7" in line
