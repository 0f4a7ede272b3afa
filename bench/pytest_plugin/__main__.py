"""`python -m bench.pytest_plugin`: wagtail's own tests with and without the plugin, beside each other.

The variants of a round run at the same time on the same processor: whatever else the machine does slows all of them
down alike, which it does not if they run in turn.

Prints one table and writes RESULTS.md. Measured is the processor's time in the process of the tests, from the first
test's own code to the end of the session, so that the report counts and making the test database does not.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENVIRONMENT = ROOT / ".bench" / "venvs" / "wagtail-tests"
SCRATCH = ROOT / ".bench" / "pytest_plugin"
TESTS = ("admin/tests/pages/test_explorer_view.py",)
A_TEST = "admin/tests/pages/test_explorer_view.py::TestPageExplorer::test_explore"
DATABASE = SCRATCH / "wagtail.sqlite3"
FRESH = SCRATCH / "fresh.sqlite3"
VARIANTS = {
    "without the plugin": ("-p", "no:ennead"),
    "installed, not asked": (),
    "--ennead": ("--ennead",),
}
BARE = next(iter(VARIANTS))
COLUMNS = (
    "variant",
    "CPU seconds",
    "of the time without",
    "smallest to largest",
    "passed",
    "failed",
    "queries",
    "findings",
)


@dataclass
class Measured:
    """The rounds of one variant."""

    seconds: list[float] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


class RunningSession(NamedTuple):
    """A session of pytest, and the folder that it writes to."""

    process: subprocess.Popen[str]
    folder: Path

    def result(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Wait for its end: the clock's words, and the report's summary where there is one."""
        output, _ = self.process.communicate()
        if self.process.returncode not in {0, 1}:
            sys.exit(f"the session failed:\n{output[-3000:]}")
        report = self.folder / "report.json"
        summary = json.loads(report.read_text("utf-8"))["summary"] if report.exists() else {}
        return json.loads((self.folder / "clock.json").read_text("utf-8")), summary


def main() -> None:
    arguments = _parse()
    prepare()
    tests = arguments.tests or TESTS
    measured = {name: Measured() for name in VARIANTS}
    for _ in range(arguments.rounds):
        started = [start_suite(tests, name) for name in VARIANTS]
        for name, session in zip(VARIANTS, started, strict=True):
            clock, summary = session.result()
            measured[name].seconds.append(clock.pop("cpu_seconds"))
            measured[name].outcomes, measured[name].summary = clock, summary
            print(f"{name}: {measured[name].seconds[-1]:.2f} s", file=sys.stderr)
    rows = list(map(tuple, _rows(measured)))
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*row)
    Console(width=140).print(table)
    if not arguments.tests:
        _write(rows, arguments.rounds)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of each variant (default %(default)s)")
    parser.add_argument("tests", nargs="*", help="other tests, below wagtail's folder; nothing is written then")
    return parser.parse_args()


def prepare() -> None:
    """Make the environment of the suite, once."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "-r", HERE / "requirements.txt"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "-e", ROOT], check=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    (SCRATCH / "pytest.ini").write_text("[pytest]\nDJANGO_SETTINGS_MODULE = wagtail.test.settings\n", encoding="utf-8")
    if not FRESH.exists():
        start_session((A_TEST,), ("--create-db", *VARIANTS[BARE]), SCRATCH).result()
        DATABASE.replace(FRESH)


def start_suite(tests: tuple[str, ...], variant: str) -> RunningSession:
    """One session on a copy of the fresh test database: tests of transactions leave an empty one behind."""
    folder = SCRATCH / variant.replace(" ", "-").strip("-")
    folder.mkdir(exist_ok=True)
    shutil.copyfile(FRESH, folder / DATABASE.name)
    return start_session(tests, VARIANTS[variant], folder)


def start_session(tests: tuple[str, ...], options: tuple[str, ...], folder: Path) -> RunningSession:
    """One session, its database in the same folder."""
    package = next((ENVIRONMENT / "lib").glob("python*")) / "site-packages" / "wagtail"
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [
        *(ENVIRONMENT / "bin" / "python", "-m", "pytest", "-q", "-p", "bench.pytest_plugin.cpu_clock", "--reuse-db"),
        *("-p", "no:cacheprovider", "-c", SCRATCH / "pytest.ini", "--rootdir", package),
        *options,
        *(package / test for test in tests),
    ]
    if any("--ennead" in option for option in options):
        command += ["--ennead-json", report]
    variables = {
        "BENCH_CLOCK_FILE": str(folder / "clock.json"),
        "DATABASE_NAME": str(folder / DATABASE.name),
        "ENNEAD_PROJECT_PACKAGES": "wagtail",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    return RunningSession(process, folder)


def _rows(measured: dict[str, Measured]) -> list[list[str]]:
    rows = []
    for name, each in measured.items():
        ratios = [seconds / bare for seconds, bare in zip(each.seconds, measured[BARE].seconds, strict=True)]
        rows.append(
            [
                name,
                f"{median(each.seconds):.2f}",
                f"{median(ratios):.3f}",
                f"{min(ratios):.3f} to {max(ratios):.3f}",
                str(each.outcomes["passed"]),
                str(each.outcomes["failed"]),
                f"{each.summary['query_count']:,}" if each.summary else "",
                str(each.summary["finding_count"]) if each.summary else "",
            ]
        )
    return rows


def _write(rows: list[tuple[str, ...]], rounds: int) -> None:
    tests = " and ".join(f"`{test}`" for test in TESTS)
    day = f"{datetime.now(UTC):%d %B %Y}"
    lines = [
        "# What the pytest plugin costs",
        "",
        f"Written by `python -m bench.pytest_plugin --rounds {rounds}` on {day}: tests of wagtail",
        f"6.1.3 ({tests}, from its wheel) on SQLite,",
        f"with wagtail counted as the user's own code; {rounds} rounds of all variants beside each other on one core,",
        f"Python {platform.python_version()}, load {os.getloadavg()[2]:.1f}.",
        "The ratio is the median over rounds.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|" + "---|" * len(COLUMNS),
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "The plugin that is not asked does nothing while tests run: as far as its ratio is off 1, it is noise.",
        "The goal was less than 1.10 for the last line.",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
