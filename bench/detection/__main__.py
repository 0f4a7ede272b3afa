"""`python -m bench.detection`: every tool on every suite we develop on, one table, and RESULTS.md.

`--tool ennead` runs ours only, from the current environment, and writes nothing. The held-out suites run when
`--suite` names them: what nobody tunes on should not be looked at in passing.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from bench.detection.environment import interpreter_of
from bench.detection.probe import DEVELOPED, SUITES
from bench.detection.report import results, table
from bench.detection.scenario import ROOT
from bench.detection.score import Row

DJANGO = ("django", "heldout_django")
SQLALCHEMY = ("sqlalchemy", "heldout_sqlalchemy")
TOOLS: dict[str, tuple[str, ...]] = {
    "ennead": SUITES,
    "tracepanel": SUITES,
    "nplus1": SUITES,
    "sentry": SUITES,
    "sentry_untimed": SUITES,
    "zeal": DJANGO,
    "query_doctor": DJANGO,
    "debug_toolbar": DJANGO,
    "queryspy": SQLALCHEMY,
    "pytest_queryguard": SQLALCHEMY,
    "fastapi_nplusone": SQLALCHEMY,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    arguments = _parse()
    runs = {
        (suite, tool): _probe(suite, tool)
        for suite in arguments.suite or DEVELOPED
        for tool in arguments.tool or TOOLS
        if suite in TOOLS[tool]
    }
    print(table(runs))
    if not arguments.tool and not arguments.suite:
        RESULTS.write_text(results(runs, "python -m bench.detection"), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", action="append", choices=TOOLS, help="this tool only (may be given again)")
    parser.add_argument("--suite", action="append", choices=SUITES, help="this suite only")
    return parser.parse_args()


def _probe(suite: str, tool: str) -> list[Row]:
    command = [str(interpreter_of(tool)), "-m", "bench.detection.probe", "--suite", suite, "--tool", tool]
    started = time.perf_counter()
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr[-4000:]}")
    print(f"{suite} under {tool}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


if __name__ == "__main__":
    main()
