"""What grows on the pages of an application: counted and compared without Ennead, at several sizes."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.real_fixes.project import Application, command

Page = dict[str, Any]
"""``status``, ``statements`` (normalised text to count) and ``body``."""


@dataclass(frozen=True)
class Seen:
    """One state of the code: its pages by size and name."""

    pages: Mapping[int, Mapping[str, Page]]

    def queries(self, page: str, sizes: Sequence[int]) -> tuple[int, ...]:
        return tuple(sum(self.pages[size][page]["statements"].values()) for size in sizes)

    def growing(self, page: str, small: int, large: int) -> dict[str, tuple[int, int]]:
        """Statements that run more often where there are more rows."""
        few: Counter[str] = Counter(self.pages[small][page]["statements"])
        many = self.pages[large][page]["statements"]
        return {statement: (few[statement], count) for statement, count in many.items() if count > few[statement]}


def fill(application: Application, project: Path, sizes: Sequence[int]) -> None:
    """Make the databases before anything is measured."""
    for size in sizes:
        subprocess.run([*command(application, size), "--fill"], cwd=project, check=True, capture_output=True)


def look(application: Application, project: Path, sizes: Sequence[int]) -> Seen:
    """Visit all pages at each size."""
    return Seen({size: _visit(application, project, size) for size in sizes})


def differing(one: Page, again: Page, changed: Page) -> str:
    r"""Where a changed page differs from what two visits of the original agree on; empty if nowhere.

    >>> page = {"status": 200, "body": "12:01\nAnna\n"}
    >>> differing(page, {**page, "body": "12:02\nAnna\n"}, {**page, "body": "12:03\nAnna\n"})
    ''
    >>> differing(page, page, {**page, "body": "12:01\nBert\n"})
    "'Anna', now 'Bert'"
    """
    if one["status"] != changed["status"]:
        return f"status {one['status']}, now {changed['status']}"
    old, twin, new = (each["body"].splitlines() for each in (one, again, changed))
    if len(old) != len(new):
        return f"{len(old)} lines, now {len(new)}"
    steady = twin if len(twin) == len(old) else old
    for line, other, fresh in zip(old, steady, new, strict=True):
        if line == other and line != fresh:
            return f"{line.strip()[:80]!r}, now {fresh.strip()[:80]!r}"
    return ""


def _visit(application: Application, project: Path, size: int) -> dict[str, Page]:
    run = subprocess.run(
        [*command(application, size), "--count"], cwd=project, capture_output=True, text=True, check=False
    )
    pages = {page["page"]: page for page in map(json.loads, run.stdout.splitlines())}
    if not pages:
        message = f"{application.name} could not be visited: {run.stderr[-2000:]}"
        raise RuntimeError(message)
    return pages
