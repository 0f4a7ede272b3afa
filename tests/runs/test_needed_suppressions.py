"""What a process remembers of suppressions, and of the files it might have needed others in."""

import linecache
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from ennead.agent.places import PROJECT
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.runs.needed_suppressions import NeededSuppressions
from tests.domains.nplusone.traces import ACCESS, lazy_orders


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(PROJECT, "_path", str(tmp_path))
    linecache.clearcache()
    yield
    linecache.clearcache()


def _noted(folder: Path, line: str) -> NeededSuppressions:
    (folder / "shop").mkdir()
    (folder / "shop" / "views.py").write_text("\n" * (ACCESS.line - 1) + line + "\n")
    context = lazy_orders().context(project_root=str(folder))
    result = NPlusOneDetectionService().analyze(context)
    needed = NeededSuppressions()
    needed.note(context, (*result.findings, *result.suppressed))
    return needed


@pytest.mark.parametrize("comment", ["# ennead: ok few", "# ennead: ok few [until=2020-01-01]"])
def test_commented_lines_of_findings_are_needed_whether_they_hold_or_not(tmp_path: Path, comment: str) -> None:
    assert _noted(tmp_path, f"x  {comment}").lines == {str(ACCESS)}


def test_other_lines_are_not(tmp_path: Path) -> None:
    assert _noted(tmp_path, "x  # fine").lines == set()


def test_templates_that_queried_are_files_too(tmp_path: Path) -> None:
    needed = NeededSuppressions()
    line = replace(ACCESS, file="shop/list.html", language="django-template")
    context = lazy_orders().context(project_root=str(tmp_path))
    context = replace(context, queries=tuple(query._replace(call_path=(line,)) for query in context.queries))
    needed.note(context, ())
    assert "shop/list.html" in needed.loaded_files()


def test_the_projects_own_modules_are_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, file in {"own_one": tmp_path / "own_one.py", "elsewhere": Path("/srv/elsewhere.py")}.items():
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "script.py")])
    assert NeededSuppressions().loaded_files() == ("own_one.py", "script.py")
