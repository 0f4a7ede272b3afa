"""One scenario as a command: `python -m bench.fixes.one --suite django --scenario template_include --rows 12`.

This is what gets replayed. It is run in a folder that holds ``bench`` and works, as an application under development
does, on SQLite files that lie in that folder: ``data/<suite>-<rows>``. They are filled once, by a process of its own,
before anything is measured; a run changes them in place.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.detection.probe import SUITES
from bench.detection.scenario import Scenario, load
from bench.fixes.rows import fill, is_filled, open_filled

DATA = Path("data")


def main() -> int:
    arguments = _parse()
    directory = data_of(Path.cwd(), arguments.suite, arguments.rows)
    if arguments.fill:
        fill(arguments.suite, directory, arguments.rows)
        return 0
    if not is_filled(directory):
        subprocess.run([sys.executable, "-m", "bench.fixes.one", *sys.argv[1:], "--fill"], check=True)
    outcome = run(arguments.suite, arguments.scenario, directory)
    if arguments.show:
        print(json.dumps(outcome, indent=1, default=str))
    return 0 if outcome["status"] == "returned" else 1


def run(suite: str, name: str, directory: Path) -> dict[str, Any]:
    """Run a scenario on filled databases as one unit of work; its outcome."""
    from ennead.replay.call import call

    open_filled(suite, directory)
    chosen: Scenario = load(f"bench.detection.{suite}_suite")[name]
    return call(chosen.function, name)


def data_of(project: Path, suite: str, rows: int) -> Path:
    """Where a project keeps the databases of a suite at a size."""
    return project / DATA / f"{suite}-{rows}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, choices=SUITES)
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--rows", required=True, type=int, help="rows of the main tables")
    parser.add_argument("--fill", action="store_true", help="fill the databases and run nothing")
    parser.add_argument("--show", action="store_true", help="print the outcome")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
