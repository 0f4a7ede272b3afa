"""`python -m bench.fixes`: N+1 scenarios with a verified fix, the time it takes, and an independent check.

`ennead fix --all --apply` repairs each scenario in a project of its own, replaying it at two data sizes. What it
leaves is run again by the bench at two other sizes, counted and compared by its own means. Last, the rivals' advice.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any

from bench.detection.scenario import ROOT
from bench.fixes.attempt import chosen_scenarios, prepare
from bench.fixes.attempted import Workplace
from bench.fixes.report import results, share
from bench.fixes.rivals import COLUMNS as RIVAL_COLUMNS
from bench.fixes.rivals import RIVALS, judge_tool, row
from bench.fixes.trial import scratch_folder
from bench.fixes.verified import Outcome, Verification, verify

SIZES = (6, 24)
CHECKED_SIZES = (9, 33)
"""Which no verification sees."""
SUITES = ("django", "sqlalchemy")
RESULTS = Path(__file__).with_name("RESULTS.md")
KEPT = ROOT / ".bench" / "fixes"


def main() -> None:
    arguments = _parse()
    outcomes = {suite: list(verify_suite(suite, arguments)) for suite in arguments.suite or SUITES}
    for suite, told in outcomes.items():
        print(f"{suite}: {share(told)}")
    if arguments.only or arguments.suite or arguments.limit:
        return
    rivals = [row(suite, tool, judge_tool(suite, tool, CHECKED_SIZES)) for suite, tool in RIVALS]
    RESULTS.write_text(results(outcomes, (RIVAL_COLUMNS, rivals), SIZES, CHECKED_SIZES), encoding="utf-8")
    print(f"written: {RESULTS}")


def verify_suite(suite: str, arguments: argparse.Namespace) -> Iterator[Outcome]:
    """One outcome a scenario, told on standard error as it comes."""
    with scratch_folder() as folder:
        everything = prepare(Workplace(folder, suite, (*SIZES, *CHECKED_SIZES), ""))
        names = chosen_scenarios(everything, arguments.only, ("n-plus-one",))[: arguments.limit]
        known = _told_before(suite) if arguments.resume else {}
        yield from (known[name] for name in names if name in known)
        work = Verification(replace(everything, sizes=CHECKED_SIZES), SIZES)
        missing = [name for name in names if name not in known]
        with get_context("fork").Pool(arguments.processes) as pool, _kept(suite, resume=arguments.resume) as kept:
            for outcome in pool.imap(partial(verify, work), missing):
                print(json.dumps(outcome), file=kept, flush=True)
                print(_line(outcome, verbose=arguments.verbose), file=sys.stderr, flush=True)
                yield outcome


def _told_before(suite: str) -> dict[str, Outcome]:
    path = KEPT / f"{suite}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {outcome["scenario"]: outcome for outcome in map(json.loads, lines)}


def _kept(suite: str, *, resume: bool) -> IO[str]:
    KEPT.mkdir(parents=True, exist_ok=True)
    return (KEPT / f"{suite}.jsonl").open("a" if resume else "w", encoding="utf-8")


def _line(outcome: dict[str, Any], *, verbose: bool) -> str:
    if verbose:
        return json.dumps(outcome)
    counts = " -> ".join("/".join(map(str, outcome[name])) for name in ("before", "after"))
    head = f"{outcome['status']:<13} {outcome['scenario']:<44} {outcome['seconds']:6.1f} s  check: {outcome['check']}"
    return f"{head} {counts} {outcome['remark']}".rstrip(" ->")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=SUITES, help="this suite only; writes no RESULTS.md")
    parser.add_argument("--only", nargs="*", default=[], metavar="SCENARIO", help="these scenarios only")
    parser.add_argument("--limit", type=int, help="the first scenarios only")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on where the last run was broken off")
    parser.add_argument("-v", "--verbose", action="store_true", help="one JSON line a scenario, on standard error")
    return parser.parse_args()


if __name__ == "__main__":
    main()
