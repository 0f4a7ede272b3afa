"""Run one suite under one tool and print one JSON line a scenario.

`python -m bench.detection.probe --suite django --tool zeal`, from the repository root, in the tool's own
virtual environment. Each scenario runs once without the tool, which warms it up and counts its queries, and
once under the tool, on the same rows.
"""

import argparse
import contextlib
import importlib
import json
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from bench.detection.observation import Observation, Tool
from bench.detection.scenario import Places, Scenario, Suite, load, load_suite, read_places

SIZE = 12
DEVELOPED = ("django", "sqlalchemy")
HELD_OUT = ("heldout_django", "heldout_sqlalchemy")
"""Not for tuning: run when asked for by name, see HELDOUT.md."""
SUITES = (*DEVELOPED, *HELD_OUT)


def main() -> None:
    arguments = _parse()
    results = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        for line in probe(arguments.suite, arguments.tool, arguments.size, arguments.only):
            print(json.dumps(line), file=results, flush=True)


def probe(suite_name: str, tool_name: str, size: int, only: list[str]) -> Iterator[dict[str, Any]]:
    """Set the suite up in a temporary directory and yield one result a scenario."""
    package = f"bench.detection.{suite_name}_suite"
    tool = cast(Tool, importlib.import_module(f"bench.detection.tools.{tool_name}"))
    tool.prepare(suite_name)
    suite = load_suite(package)
    # A thread that outlives its scenario may still hold a database file open.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        suite.set_up(Path(directory), size)
        scenarios = load(package)
        places = read_places(package)
        for name, scenario in scenarios.items():
            if not only or name in only:
                yield _result(scenario, places[name], tool, suite)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, choices=SUITES)
    parser.add_argument("--tool", required=True, help="a module of bench.detection.tools")
    parser.add_argument("--size", type=int, default=SIZE, help="rows of the main tables (default %(default)s)")
    parser.add_argument("--only", nargs="*", default=[], metavar="SCENARIO", help="these scenarios only")
    return parser.parse_args()


def _result(scenario: Scenario, places: Places, tool: Tool, suite: Suite) -> dict[str, Any]:
    queries = 0
    try:
        queries = _warm_up(scenario, suite)
        suite.restore()
        observation = tool.observe(scenario.run)
    except Exception as error:  # noqa: BLE001 - the scenario's or the tool's own: the row says so, the next one runs
        traceback.print_exc(limit=-5)
        observation = Observation(error=f"{type(error).__name__}: {error}"[:300])
    return {
        "scenario": scenario.name,
        "label": scenario.label,
        "flagged": observation.flagged,
        **asdict(observation),
        "queries": queries,
        "constant": scenario.constant,
        "expected": asdict(places),
    }


def _warm_up(scenario: Scenario, suite: Suite) -> int:
    suite.restore()
    with suite.record() as statements:
        scenario.run()
    return len(statements)


if __name__ == "__main__":
    main()
