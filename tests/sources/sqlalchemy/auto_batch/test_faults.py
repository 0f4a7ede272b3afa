"""Nothing of ours raises into the host: the ORM loads as ever, and the failure is counted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ennead.agent.units import Recording
from ennead.sources.sqlalchemy.auto_batch import hooks, loads
from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from ennead.sources.sqlalchemy.auto_batch.siblings import ResultRows
from ennead.sources.sqlalchemy.auto_batch.statement import LazyStatement
from ennead.sources.sqlalchemy.auto_batch.waiting import Batch, WaitingRows
from tests.sources.sqlalchemy.auto_batch.comparison import new_engine
from tests.sources.sqlalchemy.auto_batch.models import Person

STEPS = [
    (hooks, "new_result"),
    (hooks, "lazy_load"),
    (hooks, "rows_of"),
    (loads, "why_not"),
    (loads, "relation_key"),
    (loads, "lazy_statement"),
    (loads, "are_distinct"),
    (LazyStatement, "for_keys"),
    (Batch, "__init__"),
    (Batch, "holds"),
    (Batch, "result"),
    (WaitingRows, "add"),
    (WaitingRows, "take"),
    (WaitingRows, "make_way_for"),
    (ResultRows, "add"),
    (ResultRows, "near"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=lambda step: getattr(step, "__name__", step))
def test_broken_step(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "ours"
        raise RuntimeError(message)

    monkeypatch.setattr(owner, name, fail)
    engine = new_engine()
    COUNTS.clear()
    hooks.install()
    try:
        with Recording("test", "request", explicit=True) as recording, Session(engine) as session:
            people = session.scalars(select(Person).order_by(Person.id)).all()
            read = [(len(person.tasks), person.country and person.country.code) for person in people]
    finally:
        hooks.uninstall()
        engine.dispose()
    assert [count for count, _ in read] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert [code for _, code in read] == ["at", "de", "fr", None] * 2
    assert COUNTS["internal error"] > 0
    assert recording.unit is not None
    assert recording.unit.internal_error_count == COUNTS["internal error"]
