"""`python -m bench.oscar`: findings on django-oscar 4.2.1 against growth measured in separate runs.

A statement of a page *grows* if it ran more often at 6 rows than at 3, and at 12 than at 6, and at least three times
more often in the end. Ennead sees one run only, at 12 rows.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENVIRONMENT = ROOT / ".bench" / "venvs" / "oscar"
SIZES = (3, 6, 12)
MIN_GROWTH = 3

COLUMNS = ("page", "growing", "N+1", "repeated", "missed", "not growing")
READ = (
    'Read in the source: the product page shows `product.reviews.approved.all|slice:":3"` and asks for each review\'s',
    "user and votes. It is one query per row of a loop, as the findings say; the slice keeps it from growing.",
)

Page = dict[str, Any]


@dataclass
class PageResult:
    """What grows on a page and what was found there, as fingerprints."""

    name: str
    status: object
    counts: dict[str, tuple[int, ...]]
    statements: dict[str, str]
    found: dict[str, Page] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    """Told as a repeated query: the parameters were the same each time."""
    vetoed: dict[str, str | None] = field(default_factory=dict)

    @property
    def growing(self) -> set[str]:
        """Statements whose count follows the rows."""
        return {
            fingerprint
            for fingerprint, (small, middle, large) in self.counts.items()
            if small < middle < large and large - small >= MIN_GROWTH
        }

    @property
    def missed(self) -> set[str]:
        """Growing, not found, not told as a repeated query either."""
        return self.growing - set(self.found) - self.repeated

    @property
    def false(self) -> set[str]:
        """Found, not growing."""
        return set(self.found) - self.growing


def main() -> None:
    make_environment()
    jobs = [(rows, "count") for rows in SIZES] + [(SIZES[-1], "ennead")]
    runs = {(rows, mode): run_worker(rows, mode) for rows, mode in track(jobs, "booting django-oscar", transient=True)}
    results = list(compare(runs))
    report = render(results)
    (HERE / "RESULTS.md").write_text(report, encoding="utf-8")
    show(results)


def make_environment() -> None:
    """Make the environment once; later runs reuse it."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "-r", HERE / "requirements.txt"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "-e", ROOT], check=True)


def run_worker(rows: int, mode: str) -> dict[str, Page]:
    """One boot of the shop; pages by name."""
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "bench.oscar.worker", "--rows", str(rows), "--mode", mode]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"booting with {rows} rows failed:\n{run.stderr[-3000:]}")
    return {page["page"]: page for page in map(json.loads, run.stdout.splitlines())}


def compare(runs: dict[tuple[int, str], dict[str, Page]]) -> Iterator[PageResult]:
    """Put growth and findings of each page side by side."""
    counted = [runs[rows, "count"] for rows in SIZES]
    for name, page in runs[SIZES[-1], "ennead"].items():
        pages = [run[name] for run in counted]
        fingerprints = dict.fromkeys(fingerprint for each in pages for fingerprint in each.get("counts", {}))
        yield PageResult(
            name,
            page["status"],
            {key: tuple(each.get("counts", {}).get(key, 0) for each in pages) for key in fingerprints},
            {key: text for each in pages for key, text in each.get("statements", {}).items()},
            {item["fingerprint"]: item for item in page.get("findings", ()) if item["code"] == "n-plus-one"},
            {item["fingerprint"] for item in page.get("findings", ()) if item["code"] == "repeated-query"},
            {item["fingerprint"]: item["veto"] for item in page.get("vetoed", ())},
        )


def numbers(results: list[PageResult]) -> tuple[int, ...]:
    """Growing statements; found as N+1; told as repeated queries; missed; found though they do not grow."""
    return (
        sum(len(page.growing) for page in results),
        sum(len(page.growing & set(page.found)) for page in results),
        sum(len(page.growing & page.repeated - set(page.found)) for page in results),
        sum(len(page.missed) for page in results),
        sum(len(page.false) for page in results),
    )


def show(results: list[PageResult]) -> None:
    """The same on the terminal."""
    table = Table(*COLUMNS, title="django-oscar 4.2.1")
    for page in results:
        table.add_row(page.name, *map(str, numbers([page])))
    table.add_section()
    table.add_row("all", *map(str, numbers(results)))
    Console().print(table)


def render(results: list[PageResult]) -> str:
    """The table as Markdown, with every miss and false alarm by name."""
    growing, found, repeated, missed, false = numbers(results)
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    lines = [
        "# django-oscar 4.2.1, page by page",
        "",
        f"Measured {datetime.now(UTC).date()} with `python -m bench.oscar`: Django 5.2.19, SQLite, {python}.",
        f"{len(results)} pages at 3, 6 and 12 rows a table.",
        "",
        f"**{growing} growing statements: {found} found as N+1, {repeated} told as repeated queries,",
        f"{missed} missed. {false} findings on statements that do not grow.**",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|---" * len(COLUMNS) + "|",
    ]
    lines += [f"| {page.name} | " + " | ".join(map(str, numbers([page]))) + " |" for page in results]
    lines += ["", "## Missed", ""]
    lines += [_told(page, key, page.vetoed.get(key)) for page in results for key in sorted(page.missed)] or ["None."]
    lines += ["", "## Found, not growing", ""]
    lines += [_told(page, key, page.found[key]["access"]) for page in results for key in sorted(page.false)] or [
        "None."
    ]
    lines += ["", *READ]
    return "\n".join(lines) + "\n"


def _told(page: PageResult, fingerprint: str, remark: str | None) -> str:
    counts = " → ".join(map(str, page.counts.get(fingerprint, ())))
    remark = (remark or "no group").rpartition("site-packages/")[2]
    statement = page.statements.get(fingerprint, "")[:160]
    return f"- {page.name}: {counts} ({remark}) `{statement}`"


if __name__ == "__main__":
    main()
