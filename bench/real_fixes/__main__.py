"""`python -m bench.real_fixes`: the N+1 queries of wagtail and django-oscar, repaired page by page.

The package's source is copied into a project, as if it were the user's own. For each page `ennead fix --all --apply`
is run, so that fixes pile up as they do in a real project; the page with the most growing statements that no earlier
one has comes first. What comes of it is counted without Ennead, before and after, and at a size that no verification
saw; the pages have to stay the same.
"""

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bench.real_fixes.growth import Seen, differing, fill, look
from bench.real_fixes.project import APPLICATIONS, ROOT, Application, command, make_environment, make_project
from bench.real_fixes.report import PageResult, page_table, results

SIZES = (10, 50)
CHECKED_SIZE = 25
"""Which no verification sees."""
NOT_REACHED: dict[str, Any] = {"fixes": [], "error": "not reached"}
WORK = ROOT / ".bench" / "real_fixes"
FOLDER = Path(__file__).parent


def main() -> None:
    arguments = _parse()
    chosen = [APPLICATIONS[name] for name in arguments.application or APPLICATIONS]
    for application in chosen:
        pages = repair(application, arguments)
        print("\n".join(page_table(pages)))
        if not arguments.pages:
            path = FOLDER / f"RESULTS-{application.name}.md"
            typed = " ".join(["python -m bench.real_fixes", *sys.argv[1:]])
            path.write_text(results(application.name, typed, pages, SIZES, CHECKED_SIZE), encoding="utf-8")


def repair(application: Application, arguments: argparse.Namespace) -> list[PageResult]:
    """Repair the pages one after the other, and look at all of them before and after."""
    make_environment(application)
    project = make_project(application, WORK / application.name)
    sizes = (*SIZES, CHECKED_SIZE)
    fill(application, project, sizes)
    before, again = look(application, project, sizes), look(application, project, (CHECKED_SIZE,))
    growing = {page: set(before.growing(page, *SIZES)) for page in before.pages[SIZES[0]]}
    chosen = {page: found for page, found in growing.items() if not arguments.pages or page in arguments.pages}
    until = time.monotonic() + 60 * arguments.minutes
    answers = {
        page: fix_page(application, project, page, arguments.seconds) if time.monotonic() < until else NOT_REACHED
        for page in most_new_first(chosen)
    }
    after = look(application, project, sizes)
    return [_result(page, answer, before, again, after) for page, answer in answers.items()]


def most_new_first(growing: Mapping[str, Collection[str]]) -> list[str]:
    """Pages that grow: always the one with the most growing statements that none before it has, then the longest.

    >>> most_new_first({"one": {"a", "b"}, "two": {"a", "b", "c"}, "three": {"d"}, "none": set()})
    ['two', 'three', 'one']
    """
    left = {page: set(found) for page, found in growing.items() if found}
    known: set[str] = set()
    order: list[str] = []
    while left:
        page = max(left, key=lambda name: (len(left[name] - known), len(left[name])))
        known |= left.pop(page)
        order.append(page)
    return order


def fix_page(application: Application, project: Path, page: str, seconds: float) -> dict[str, Any]:
    """Run `ennead fix` on one page, as its user would."""
    answer = project / "data" / f"answer-{page}.json"
    answer.unlink(missing_ok=True)
    options = ["--all", "--apply", "--json", str(answer), "--sizes", ",".join(map(str, SIZES))]
    started = time.monotonic()
    run = subprocess.run(
        [
            *(str(application.python), "-m", "ennead", "fix", *options, "--seconds", str(seconds), "--"),
            *command(application, "{size}", "--pages", page),
        ],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.monotonic() - started
    print(f"{application.name}, {page}: {taken:.0f} s, exit code {run.returncode}", file=sys.stderr, flush=True)
    if not answer.exists():
        return {"fixes": [], "error": run.stderr.strip()[-500:], "seconds": taken}
    told: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return {**told, "seconds": taken}


def _result(page: str, answer: dict[str, Any], before: Seen, again: Seen, after: Seen) -> PageResult:
    sizes = (*SIZES, CHECKED_SIZE)
    pages = [seen.pages[CHECKED_SIZE][page] for seen in (before, again, after)]
    return PageResult(
        page=page,
        before=before.queries(page, sizes),
        after=after.queries(page, sizes),
        growing_before=before.growing(page, *SIZES),
        growing_after=after.growing(page, *SIZES),
        difference=differing(*pages),
        answer=answer,
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--application", action="append", choices=APPLICATIONS, help="this one only")
    parser.add_argument("--pages", nargs="*", default=[], metavar="PAGE", help="these pages only; writes no results")
    parser.add_argument("--seconds", type=float, default=900.0, help="time to look for fixes of a page")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no further page after so many minutes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
