"""Query sets that a relation may be loaded with, and those that serve any model."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from ennead.fixes.django.query_place import QueryPlace
from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.syntax.method_chain import chain_of
from ennead.fixes.syntax.source_file import SourceFile


def place(expression: str) -> QueryPlace:
    source = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": f"rows = {expression}\n"}), "app.py")
    assert source is not None
    value = next(source.walk(cst.Assign)).value
    return QueryPlace(source, chain_of(value))


@pytest.mark.parametrize(
    "expression",
    [
        "self.model._default_manager.all()",
        "model.objects.filter(live=True)",
        "self.queryset.model.objects.all()",
    ],
)
def test_a_query_of_any_model_takes_no_relation(expression: str) -> None:
    assert place(expression).is_of_any_model
    assert not place(expression).is_clear


@pytest.mark.parametrize(
    "expression",
    [
        "Order.objects.all()",
        "models.Order.objects.filter(a=1)",
        "cls.objects.all()",
        "order.lines.all()",
        "self.lines.all()",
    ],
)
def test_a_query_of_a_named_model_does(expression: str) -> None:
    assert not place(expression).is_of_any_model
    assert place(expression).is_clear
