"""`python -m bench.real_apps`: findings on real applications against growth measured in separate runs.

Each release gets an environment of its own. What was measured is kept in `.bench/real_apps`, so that a run of one
application renews its part of RESULTS.md only, and `--report` applies new labels without measuring again.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.real_apps.environment import ROOT, Release, add_rival, make_environment, releases
from bench.real_apps.labels import labels_of
from bench.real_apps.report import COLUMNS, Measured, results, rows
from bench.real_apps.score import Score
from bench.real_apps.tools import RIVALS
from bench.real_apps.truth import SIZES, compare

RESULTS = Path(__file__).with_name("RESULTS.md")
RUNS = ROOT / ".bench" / "real_apps"
MAX_SECONDS = 1800
SHOWN = ("application", "actions", "growing", "N+1s", "found", "missed", "false alarms", "recall", "precision")


def main() -> None:
    arguments = _parse()
    if not arguments.report:
        for release in releases(arguments.application):
            measure(release, arguments.tool)
    kept = [measured_of(release) for release in releases([]) if _kept(release).exists()]
    RESULTS.write_text(results(kept, "python -m bench.real_apps"), encoding="utf-8")
    show(kept)


def measure(release: Release, tools: list[str]) -> None:
    """Run a release under the counter, Ennead and the rivals, or under the named tools only, and keep the answers."""
    path = _kept(release)
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    runs = kept.get("runs", {})
    problems = {name: text for name, text in kept.get("problems", {}).items() if name in RIVALS and name not in tools}
    problem = make_environment(release)
    if problem:
        problems["application"] = problem
    else:
        for tool in tools or ("count", "ennead", *(name for name, each in RIVALS.items() if release.orm in each.orms)):
            runs = {name: run for name, run in runs.items() if name.partition("-")[0] != tool}
            try:
                runs |= run_tool(release, tool)
            except RuntimeError as error:
                problems[tool] = str(error)
    kept = {"when": f"{datetime.now(UTC):%Y-%m-%d}", "runs": runs, "problems": problems, "python": _python(release)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept), encoding="utf-8")


def run_tool(release: Release, tool: str) -> dict[str, Any]:
    """Run the worker as often as a tool needs; its answers by name of the run.

    Raises
    ------
    RuntimeError
        The tool cannot be installed beside the application, or the application cannot be booted under it.
    """
    if tool == "count":
        return {f"count-{size}": run_worker(release, tool, size) for size in SIZES}
    problem = add_rival(release, tool) if tool in RIVALS else None
    if problem:
        raise RuntimeError(problem)
    return {tool: run_worker(release, tool, SIZES[-1])}


def run_worker(release: Release, tool: str, size: int) -> dict[str, dict[str, Any]]:
    """One boot of the application; its answers by action."""
    print(f"{release.name}, {size} rows, {tool} ...", file=sys.stderr, flush=True)
    options = ["--application", release.application, "--rows", str(size), "--tool", tool]
    log = RUNS / f"{release.name}-{tool}-{size}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as errors:
        try:
            run = subprocess.run(
                [str(release.python), "-m", "bench.real_apps.worker", *options],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                check=False,
                timeout=MAX_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            message = f"not ready after {MAX_SECONDS} s"
            raise RuntimeError(message) from error
    if run.returncode:
        last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
        message = f"ended with {run.returncode}: {last[:300]}"
        raise RuntimeError(message)
    return {answer["action"]: answer for answer in map(json.loads, run.stdout.splitlines())}


def measured_of(release: Release) -> Measured:
    """Put together what is kept of a release."""
    kept: Mapping[str, Any] = json.loads(_kept(release).read_text(encoding="utf-8"))
    runs = kept["runs"]
    counted = [runs.get(f"count-{size}", {}) for size in SIZES]
    rivals = {tool: runs[tool] for tool in RIVALS if tool in runs}
    actions = compare(counted, runs.get("ennead", {}), rivals)
    return Measured(
        release.title,
        release.orm,
        f"{kept['when']}, {kept['python']}",
        Score(actions, labels_of(release.application)),
        tuple(rivals),
        kept["problems"],
    )


def show(measured: list[Measured]) -> None:
    """The first table of the report, on the terminal."""
    table = Table(*SHOWN)
    for line in rows(measured):
        table.add_row(*(cell for column, cell in zip(COLUMNS, line, strict=True) if column in SHOWN))
    Console().print(table)


def _kept(release: Release) -> Path:
    return RUNS / f"{release.name}.json"


def _python(release: Release) -> str:
    if not release.python.exists():
        return f"Python {platform.python_version()}"
    command = [str(release.python), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--application", action="append", default=[], help="this one, or a release: wagtail-5.0.5")
    parser.add_argument(
        "--tool", action="append", default=[], choices=("count", "ennead", *RIVALS), help="this one only"
    )
    parser.add_argument(
        "--report", action="store_true", help="measure nothing: write RESULTS.md anew from the last runs"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
