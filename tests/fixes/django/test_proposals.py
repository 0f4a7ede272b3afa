"""What holds for all candidates, whatever the finding says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import libcst as cst
import pytest

from ennead.fixes.django.proposals import MAX_CANDIDATES, propose
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding
from tests.fixes.django.projects import VIEWS, Project

PAGE = """
from shop.models import Line, Order


def page():
    for order in Order.objects.select_related("shop"):
        print(order.lines.filter(sent=True).count(), Line.objects.get(pk=order.pk))
"""
KEYS = (
    "relation_paths",
    "root_place",
    "root_model",
    "root_prefix",
    "query_name",
    "link",
    "order",
    "set_columns",
    "target",
)


def _findings(project: Project) -> list[Finding]:
    origin, read = project.site("Order.objects"), project.site("order.lines.filter(sent=True).count()")
    look_up = project.site("Line.objects.get(pk=order.pk)")
    many = {"cardinality": "many", "method": "count", "order": [], "set_columns": ["order_id"], "link": "order_id"}
    return [
        project.relation("shop.Order.lines", "shop.Line", origin, read, evidence=many),
        project.finding(access=look_up, origin=origin, evidence={"method": "get", "set_columns": ["id"]}),
    ]


def test_candidates_parse_change_something_and_are_few() -> None:
    project = Project(PAGE)
    sources = project.sources

    for finding in _findings(project):
        candidates = list(propose(finding, sources))
        assert 0 < len(candidates) <= MAX_CANDIDATES
        for candidate in candidates:
            assert any(sources.text(file) != text for file, text in candidate.files.items())
            assert all(cst.parse_module(text) for text in candidate.files.values())


@pytest.mark.parametrize("key", KEYS)
def test_evidence_may_be_missing(key: str) -> None:
    project = Project(PAGE)

    for finding in _findings(project):
        for evidence in ({**finding.evidence, key: None}, {k: v for k, v in finding.evidence.items() if k != key}):
            assert len(list(propose(replace(finding, evidence=evidence), project.sources))) <= MAX_CANDIDATES


@pytest.mark.parametrize(
    "place",
    [
        None,
        CallSite(VIEWS, 999, "page", column=3),
        CallSite("missing.py", 1, "page", column=0),
        CallSite("/usr/lib/python3/site-packages/shop/models.py", 1, "page", column=0),
        CallSite("shop/list.html", 1, "shop/list.html", "{{ x }}", "django-template"),
    ],
    ids=["none", "behind the end", "missing", "installed", "template"],
)
def test_places_may_be_out_of_reach(place: CallSite | None) -> None:
    project = Project(PAGE)

    for finding in _findings(project):
        nowhere = replace(finding, call_site=place, call_path=(place,) if place else ())
        assert not any(candidate.strategy in ("in-bulk", "annotate") for candidate in project.candidates(nowhere))


def test_an_installed_package_is_never_edited(tmp_path: Path) -> None:
    package = tmp_path / "env" / "lib" / "site-packages" / "shop"
    package.mkdir(parents=True)
    (package / "views.py").write_text(PAGE, encoding="utf-8")
    file = "env/lib/site-packages/shop/views.py"
    project = Project(PAGE)
    finding = _findings(project)[0]
    there = replace(project.site("Order.objects"), file=file)
    moved = replace(
        finding,
        call_site=replace(project.site("order.lines.filter(sent=True).count()"), file=file),
        evidence={**finding.evidence, "root_place": there.to_dict()},
    )

    assert list(propose(moved, ProjectSources(tmp_path))) == []
