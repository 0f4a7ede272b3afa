"""One scenario fixed by the product, as a user would have it fixed, and the fix checked by the bench's own counting."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fixes.attempted import Workplace, judged, shown_at_sizes
from bench.fixes.judgement import Original
from bench.fixes.one import data_of
from bench.fixes.scratch import copy_project
from bench.fixes.trial import Trial, scratch_folder, show

TIMEOUT_SECONDS = 900
LISTED_ATTEMPTS = 8

Outcome = dict[str, Any]


@dataclass(frozen=True)
class Verification:
    """The sizes that the product sees, and those that only the check sees."""

    workplace: Workplace
    """Filled at all sizes; its own sizes are those of the check."""
    sizes: tuple[int, int]


def verify(work: Verification, name: str) -> Outcome:
    """Let `ennead fix --all --apply` loose on a project that runs one scenario, and check what it leaves."""
    with scratch_folder() as folder:
        project = _project(work, folder / "project")
        original = {path: path.read_text(encoding="utf-8") for path in _sources(project)}
        outcome = {"scenario": name, **_fixed(work, project, name)}
        changed = {
            path.relative_to(project).as_posix(): text
            for path in _sources(project)
            if (text := path.read_text(encoding="utf-8")) != original.get(path)
        }
    return {**outcome, **_checked(work.workplace, name, changed)}


def _project(work: Verification, project: Path) -> Path:
    copy_project(project)
    for size in work.sizes:
        shutil.copytree(work.workplace.filled(size), data_of(project, work.workplace.suite, size))
    return project


def _sources(project: Path) -> list[Path]:
    return [path for path in (project / "bench").rglob("*") if path.suffix in (".py", ".html", ".txt")]


def _fixed(work: Verification, project: Path, name: str) -> Outcome:
    answer = project.with_name("answer.json")
    suite = work.workplace.suite
    scenario = ["-m", "bench.fixes.one", "--suite", suite, "--scenario", name, "--rows", "{size}"]
    options = ["--all", "--apply", "--json", str(answer), "--sizes", ",".join(map(str, work.sizes))]
    started = time.monotonic()
    try:
        run = subprocess.run(
            [sys.executable, "-m", "ennead", "fix", *options, "--", sys.executable, *scenario],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"status": "too slow", "seconds": float(TIMEOUT_SECONDS), "verdicts": [], "attempts": []}
    seconds = round(time.monotonic() - started, 1)
    if not answer.exists():
        last = (run.stderr.strip().splitlines() or ["no answer"])[-1]
        return {"status": "error", "seconds": seconds, "verdicts": [], "attempts": [last[:300]]}
    return {"seconds": seconds, **_told(json.loads(answer.read_text(encoding="utf-8")))}


def _told(result: Mapping[str, Any]) -> Outcome:
    """The product's own word: verified only if every N+1 of the scenario is."""
    fixes = [each for each in result["fixes"] if each["finding"]["code"] != "repeated-query"]
    statuses = [each["status"] for each in fixes]
    attempts = [
        f"{attempt['verdict']}: {attempt['title']} ({'; '.join(attempt['reasons'])[:200]})"
        for each in result["fixes"]
        for attempt in each["attempts"]
    ]
    verdicts = [each["attempts"][-1]["verdict"] for each in fixes if each["status"] == "fixed"]
    together = result["together"]
    if together is not None and together["verdict"] not in ("verified", "verified-at-this-size"):
        statuses.append("together: " + together["verdict"])
    complete = bool(statuses) and set(statuses) <= {"fixed", "fixed-along"} and "fixed" in statuses
    status = (
        "verified" if complete else "partly" if "fixed" in statuses else (statuses[0] if statuses else "no finding")
    )
    return {"status": status, "verdicts": verdicts, "attempts": attempts[:LISTED_ATTEMPTS]}


def _checked(workplace: Workplace, name: str, changed: dict[str, str]) -> Outcome:
    """Counts and results at sizes that the product did not see."""
    if not changed:
        return {"check": "", "before": (), "after": (), "remark": ""}
    shown = shown_at_sizes(workplace, name, workplace.original)
    again = show(Trial(workplace.suite, name, workplace.original, workplace.filled(workplace.sizes[0])))
    judgement, _ = judged(workplace, name, Original.of(shown, again), changed)
    counts = {"before": judgement.before, "after": judgement.after}
    return {"check": judgement.word, **counts, "remark": judgement.remark}
