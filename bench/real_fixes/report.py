"""RESULTS.md of the real applications."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "page", "before 10 → 50", "after 10 → 50", "unseen 25", "growing groups", "still growing", "findings",
    "page the same", "later release",
)  # fmt: skip
LATER = {
    "sites": "9 → 9",
    "tasks": "12 → 12",
    "documents": "13 → 13",
    "users": "10 → 10",
    "workflows": "35 → 53",
    "workflow report": "24 → 64",
    "workflow tasks report": "24 → 64",
    "home": "34 → 74",
}
"""Queries of wagtail 6.1.3, in which the maintainers themselves had repaired these pages; measured on its own site."""


@dataclass(frozen=True)
class PageResult:
    """A page before and after the fixes of all pages."""

    page: str
    before: tuple[int, ...]
    """Queries at each size; the last size is the one that no verification saw."""
    after: tuple[int, ...]
    growing_before: Mapping[str, tuple[int, int]]
    """Statement to its counts at the two sizes."""
    growing_after: Mapping[str, tuple[int, int]]
    difference: str
    """Of the page itself, at the unseen size; empty if it stayed the same."""
    answer: Mapping[str, Any]
    """What `ennead fix --json` said."""

    @property
    def statuses(self) -> Counter[str]:
        return Counter(each["status"] for each in self.answer["fixes"])


def results(application: str, typed: str, pages: Sequence[PageResult], sizes: tuple[int, ...], checked: int) -> str:
    """The whole file."""
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    listed = " and ".join(map(str, sizes))
    lines = [
        f"# Fixes of a real application: {application}",
        "",
        f"Measured {datetime.now(UTC).date()} with `{typed}`: {python},",
        "SQLite; the pins are in `requirements/`. The package's source lies in the project, as if it were the user's",
        "own. For each page with a statement that grows, `ennead fix --all --apply` replays the page at",
        f"{listed} rows. Counts are taken without Ennead, before the first and after the last fix; no verification",
        f"saw {checked} rows.",
        "",
        *page_table(pages),
        "",
        "## Without a verified fix",
        "",
    ]
    return "\n".join([*lines, *(list(_left(pages)) or ["None."])]) + "\n"


def page_table(pages: Sequence[PageResult]) -> list[str]:
    """One line a page, and their sum."""
    rows = [_row(page) for page in pages]
    before, after = (sum(len(getattr(page, name)) for page in pages) for name in ("growing_before", "growing_after"))
    rows.append(("all", "", "", "", before, after, "", "", ""))
    head = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    return [*head, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def _row(page: PageResult) -> tuple[Any, ...]:
    return (
        page.page,
        f"{page.before[0]} → {page.before[1]}",
        f"{page.after[0]} → {page.after[1]}",
        f"{page.before[2]} → {page.after[2]}",
        len(page.growing_before),
        len(page.growing_after),
        ", ".join(f"{count} {status}" for status, count in page.statuses.most_common())
        or _last(page.answer.get("error", "")),
        page.difference or "yes",
        LATER.get(page.page, ""),
    )


def _last(error: str) -> str:
    return error.rpartition("\n")[2]


def _left(pages: Sequence[PageResult]) -> Iterator[str]:
    """Every finding that stays, with what was tried and why it was refused."""
    for page in pages:
        for fix in page.answer["fixes"]:
            if fix["status"] in ("fixed", "fixed-along"):
                continue
            finding = fix["finding"]
            place = finding["origin"] or finding["call_site"] or {"file": "?", "line": 0}
            name = finding["relation"] or ", ".join(finding["models"]) or finding["kind"]
            tried = "; ".join(f"{each['verdict']}: {each['title']} ({_reason(each)})" for each in fix["attempts"])
            yield f"- {page.page}: {name} at {place['file']}:{place['line']}: {fix['status']}. {tried}".rstrip()


def _reason(attempt: Mapping[str, Any]) -> str:
    return str((attempt["reasons"] or [""])[0])[:160]
