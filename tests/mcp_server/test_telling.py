"""Answers as text, for clients that show nothing else."""

from ennead.mcp_server.answers import ProposeAnswer
from ennead.mcp_server.telling import propose_text


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
