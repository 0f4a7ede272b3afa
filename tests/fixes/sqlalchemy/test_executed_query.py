"""Queries that options may be put on, and those that serve any entity."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.sqlalchemy.executed_query import ExecutedQuery, executed_query, read_query
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite


def source_of(body: str) -> SourceFile:
    text = f"class Orders:\n    def all(self, session, model):\n        {body}\n"
    source = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": text}), "app.py")
    assert source is not None
    return source


def query(body: str) -> ExecutedQuery:
    source = source_of(body)
    found = [each for call in source.walk(cst.Call) if (each := read_query(source, call)) is not None]
    return found[0]


ANY = [
    "return session.scalars(select(self.model)).all()",
    "return session.scalars(select(model).where(model.live)).all()",
    "return session.query(self.model).filter_by(live=True).all()",
]
NAMED = [
    "return session.scalars(select(Order)).all()",
    "return session.scalars(select(tables.Order).limit(3)).all()",
    "return session.query(Order).all()",
]


@pytest.mark.parametrize("body", ANY)
def test_a_query_of_any_entity_takes_no_options(body: str) -> None:
    assert query(body).is_of_any_entity
    assert executed_query(source_of(body), CallSite("app.py", 3, "Orders.all")) is None


@pytest.mark.parametrize("body", NAMED)
def test_a_query_of_a_named_entity_does(body: str) -> None:
    assert not query(body).is_of_any_entity
    assert executed_query(source_of(body), CallSite("app.py", 3, "Orders.all")) is not None
