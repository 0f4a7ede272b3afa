"""Requests to a real Django project, and what they ask again and again."""

import sys
from typing import Any

import pytest

from tests.runs.menu_shop import write_shop
from tests.runs.project import Project

PAGES = ("product/1", "about", "basket", "product/2", "about", "product/3", "basket", "product/1")


def _walked(project: Project, *pages: str) -> list[dict[str, Any]]:
    write_shop(project)
    project.run(sys.executable, "walk.py", *pages, check=True)
    asked: list[dict[str, Any]] = project.report()["asked_again"]
    return asked


def test_a_table_that_all_pages_read_and_not_what_is_of_one_person(project: Project) -> None:
    (asked,) = _walked(project, "--login", *PAGES, "about", "basket")
    assert (asked["call_site"]["file"], asked["call_site"]["line"]) == ("catalogue/views.py", 8)
    assert (asked["unit_count"], asked["unit_total"], asked["row_count"], asked["change_count"]) == (10, 10, 2, 0)
    assert asked["places"] == ["product/<int:number>/", "about/", "basket/"]
    assert asked["cache_key"] == "catalogue.TaxRate:filter(active=True).order_by('name'):v1"
    assert asked["ttl_seconds"] == 300
    assert [recommendation["status"] for recommendation in asked["recommendations"]] == ["advice", "advice"]


def test_it_is_no_finding_and_fails_nothing(project: Project) -> None:
    assert _walked(project, *PAGES)
    run = project.ennead("run", "--fail-on", "info", "--", sys.executable, "walk.py", *PAGES)
    assert run.returncode == 0
    assert "no N+1 found" in run.stderr
    assert "Asked again by every request" in run.stderr


@pytest.mark.parametrize(
    "pages",
    [PAGES[:4], ("about",) * 8, (*PAGES, "raised"), tuple(page for known in PAGES for page in (known, "saved"))],
    ids=["a few requests", "one page", "read behind a write", "written all the time"],
)
def test_what_looks_like_it(project: Project, pages: tuple[str, ...]) -> None:
    assert _walked(project, *pages) == []


def test_a_table_that_is_written_now_and_then(project: Project) -> None:
    (asked,) = _walked(project, *PAGES[:6], "saved", *PAGES)
    assert (asked["unit_count"], asked["change_count"], asked["ttl_seconds"]) == (14, 1, 10)
