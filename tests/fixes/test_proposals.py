"""Which candidates are let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ennead.fixes import proposals
from ennead.fixes.candidate import Candidate
from ennead.fixes.project_sources import ProjectSources

TEXTS = {"app.py": "x = 1\n", "page.html": "<p>\n"}


def proposed(monkeypatch: pytest.MonkeyPatch, *changes: Mapping[str, str], library: str = "django") -> list[str]:
    """Titles of the candidates that come through, the proposer of the library given by hand."""
    asked: list[str] = []

    def propose(_finding: Any, _sources: ProjectSources) -> Iterator[Candidate]:
        for number, files in enumerate(changes):
            yield Candidate(title=str(number), strategy="x", files=files)

    def import_module(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(propose=propose)

    monkeypatch.setattr(proposals, "import_module", import_module)
    finding: Any = SimpleNamespace(evidence={"library": library})
    titles = [candidate.title for candidate in proposals.propose(finding, ProjectSources(Path("/nowhere"), TEXTS))]
    assert len(asked) == 1
    return [*titles, asked[0].rpartition("fixes.")[2]]


def test_what_changes_the_users_own_files_and_parses_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    good = ({"app.py": "x = 2\n"}, {"app.py": "x = 1\n", "page.html": "<b>\n"}, {"new.py": "y = 1\n"})
    assert proposed(monkeypatch, *good) == ["0", "1", "2", "django.proposals"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"app.py": "x = 1\n"},
        {"app.py": "x = (\n"},
        {"app.py": "return 1\n"},
        {"app.py": "x = '\0'\n"},
        {"/etc/passwd": "x\n"},
        {"../other.py": "x = 1\n"},
        {"lib/site-packages/a.py": "x = 1\n"},
    ],
)
def test_what_does_not_is_passed_over(monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str]) -> None:
    assert proposed(monkeypatch, files, {"app.py": "x = 2\n"}) == ["1", "django.proposals"]


def test_no_two_are_alike_and_they_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [{"app.py": f"x = {number // 2}\n"} for number in range(2, 40)]
    assert len(proposed(monkeypatch, *texts)) - 1 == proposals.MAX_CANDIDATES
    assert proposed(monkeypatch, *texts)[:3] == ["2", "4", "6"]


def test_each_library_has_its_own_proposer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proposed(monkeypatch, library="sqlalchemy") == ["sqlalchemy.proposals"]
    assert proposed(monkeypatch, library="psycopg") == ["plain_sql.proposals"]
    assert proposed(monkeypatch, library="") == ["plain_sql.proposals"]
