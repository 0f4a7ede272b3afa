"""Try every candidate on the labelled scenarios: `python -m bench.fixes.attempt --suite django`.

For whoever writes candidates. The counting and comparing here is the bench's own and not the product's. A scenario
is *ok* when its patched code runs the same number of queries at both sizes, fewer than before, and gives the same
result and the same rows.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from bench.fixes.attempted import SUITES, Attempt, Workplace, attempt
from bench.fixes.rows import fill
from bench.fixes.scratch import copy_project
from bench.fixes.table import line, summary
from bench.fixes.trial import in_child, preload, scratch_folder

LABELS = ("n-plus-one",)
PROPOSALS = "ennead.fixes.proposals"
"""What the product asks; it passes a finding on to the proposals of its library."""


def main() -> None:
    arguments = _parse()
    started = time.monotonic()
    attempts: list[Attempt] = []
    with scratch_folder() as folder:
        workplace = prepare(Workplace(folder, arguments.suite, tuple(arguments.sizes), arguments.proposals))
        names = chosen_scenarios(workplace, arguments.only, arguments.labels)
        for done in _attempts(workplace, names, arguments.processes):
            attempts.append(done)
            print(json.dumps(done) if arguments.json else line(done, verbose=arguments.verbose), flush=True)
    print(f"{summary(attempts)}, {time.monotonic() - started:.0f} s", file=sys.stderr if arguments.json else sys.stdout)


def prepare(workplace: Workplace) -> Workplace:
    """Copy the project and fill its databases at each size."""
    copy_project(workplace.original)
    preload(workplace.suite)
    for size in workplace.sizes:
        filling = partial(fill, workplace.suite, workplace.filled(size), size)
        if answer := in_child(filling, workplace.original):
            sys.exit(f"the {workplace.suite} suite could not be filled with {size} rows: {answer['error']}")
    return workplace


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, choices=SUITES)
    parser.add_argument("--only", nargs="*", default=[], metavar="SCENARIO", help="these scenarios only")
    parser.add_argument("--labels", nargs="*", default=LABELS, help="labels of the scenarios (default: n-plus-one)")
    parser.add_argument("--sizes", nargs=2, type=int, default=(6, 24), metavar="ROWS", help="default: 6 24")
    parser.add_argument("--proposals", default=PROPOSALS, metavar="MODULE", help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON line a scenario")
    parser.add_argument("-v", "--verbose", action="store_true", help="findings, and the diff of every candidate")
    return parser.parse_args()


def chosen_scenarios(workplace: Workplace, only: Sequence[str], labels: Sequence[str]) -> list[str]:
    """The scenarios that are named, else all of these labels."""
    scenarios: dict[str, str] = in_child(partial(_labels, workplace), workplace.original)
    if "error" in scenarios:
        sys.exit(f"the scenarios could not be loaded: {scenarios['error']}")
    if unknown := set(only) - set(scenarios):
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}")
    return list(only) or [name for name, label in scenarios.items() if label in labels]


def _labels(workplace: Workplace) -> dict[str, str]:
    from bench.detection.scenario import load
    from bench.fixes.rows import open_copies

    with scratch_folder() as directory:
        open_copies(workplace.suite, workplace.filled(workplace.sizes[0]), directory)
        return {each.name: each.label for each in load(f"bench.detection.{workplace.suite}_suite").values()}


def _attempts(workplace: Workplace, names: Iterable[str], processes: int) -> Iterator[Attempt]:
    work = [(workplace, name) for name in names]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap(_attempt, work)


def _attempt(work: tuple[Workplace, str]) -> dict[str, Any]:
    return attempt(*work)


if __name__ == "__main__":
    main()
