"""One library under one tool, in the tool's own environment; a sample for each line of standard input.

`python -m bench.overhead.worker --library django --tool bench.detection.tools.zeal`, from the repository's root. A
line names a case by its number; the answer is one line, too: nanoseconds of CPU and wall time.
"""

import argparse
import contextlib
import importlib
import json
import sys
from typing import Any, cast

from bench.detection.observation import Tool
from bench.overhead.case import Case
from bench.overhead.stopwatch import Sample, sample, settle

LIBRARIES = ("django", "sqlalchemy")


def main() -> None:
    arguments = _parse()
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        tool = cast("Tool", importlib.import_module(arguments.tool))
        tool.prepare(arguments.library)
        library: Any = importlib.import_module(f"bench.overhead.{arguments.library}_cases")
        with library.set_up():
            cases = library.cases()
            settle()
            print(json.dumps([case.name for case in cases]), file=answers, flush=True)
            for line in sys.stdin:
                print(json.dumps(observed(cases[int(line)], tool)), file=answers, flush=True)


def observed(case: Case, tool: Tool) -> Sample:
    """One sample of a case under a tool: what it does while the work runs, without its analysis afterwards."""
    samples: list[Sample] = []

    def run() -> None:
        case.run(case.prepare())
        prepared = case.prepare()
        samples.append(sample(lambda: case.run(prepared)))

    tool.observe(run)
    return samples[0]


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True, choices=LIBRARIES)
    parser.add_argument("--tool", required=True, help="a module with prepare() and observe()")
    return parser.parse_args()


if __name__ == "__main__":
    main()
