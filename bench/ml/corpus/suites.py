"""Contexts of the scenario suites, and what their marks say of each group.

`python -m bench.ml.corpus.suites --suite django --rows 12 FILE` records one suite: they boot different frameworks and
need a process each. The held-out suites stay out: nothing is tuned or trained on them.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import ennead
from bench.detection.observation import relative
from bench.detection.probe import DEVELOPED
from bench.detection.scenario import ROOT, Scenario, Suite, load, load_suite, read_places
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.rules import gather_evidence
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.training.derive import Truth, Unit, examples_of
from ennead.training.examples import Example

FOLDER = ROOT / ".bench" / "ml" / "scenarios"
SIZES = (6, 12, 24)
LABELS = ("n-plus-one", "look-alike", "duplicate")
"""Write loops are no part of the corpus: another code tells of them."""

Answer = Mapping[str, Any]


def main() -> None:
    arguments = _parse()
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = arguments.file.with_suffix(".unfinished")
    with gzip.open(unfinished, "wt", encoding="utf-8") as file:
        for answer in answers(arguments.suite, arguments.rows):
            print(json.dumps(answer), file=file)
    unfinished.rename(arguments.file)


def record(folder: Path = FOLDER) -> None:
    """Record what is not kept yet, a process for each suite and size."""
    for suite, rows, path in _files(folder):
        if not path.exists():
            print(f"{suite} scenarios, {rows} rows ...", file=sys.stderr, flush=True)
            command = [sys.executable, "-m", "bench.ml.corpus.suites", "--suite", suite, "--rows", str(rows), str(path)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def is_recorded(folder: Path = FOLDER) -> bool:
    """Whether all suites are kept at all sizes."""
    return all(path.exists() for _, _, path in _files(folder))


def examples(folder: Path = FOLDER) -> Iterator[Example]:
    """The examples of everything that is kept."""
    for suite, rows, path in _files(folder):
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for answer in map(json.loads, file):
                    yield from _examples(suite, rows, answer)


def answers(suite_name: str, rows: int) -> Iterator[Answer]:
    """Run each scenario once to warm it up, and once recorded, on the same rows."""
    package = f"bench.detection.{suite_name}_suite"
    suite = load_suite(package)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        suite.set_up(Path(directory), rows)
        scenarios = load(package)
        places = read_places(package)
        for name, scenario in scenarios.items():
            context = _observe(scenario, suite) if scenario.label in LABELS else None
            if context is not None:
                told = {"scenario": name, "label": scenario.label, "marks": asdict(places[name])}
                yield {**told, "context": context.to_dict(), "project_root": context.project_root}


def _observe(scenario: Scenario, suite: Suite) -> QueryExecutionContext | None:
    try:
        suite.restore()
        scenario.run()
        suite.restore()
        with ennead.profile("scenario") as session:
            scenario.run()
    except Exception:  # noqa: BLE001 - some scenarios need more rows than there are; the next one runs
        traceback.print_exc(limit=-5)
        return None
    return session.context


def _examples(suite: str, rows: int, answer: Answer) -> Iterator[Example]:
    context = QueryExecutionContext.from_dict(answer["context"])
    context = replace(context, project_root=answer["project_root"])
    return examples_of(context, Marks(context, answer).truth, Unit(f"{suite}-suite", "", answer["scenario"], rows))


class Marks:
    """What a scenario's label and the marks in its source say of the groups of its context."""

    def __init__(self, context: QueryExecutionContext, answer: Answer) -> None:
        self._groups = group_queries(context)
        self._label = answer["label"]
        self._marks = {name: {tuple(place) for place in places} for name, places in answer["marks"].items()}

    def truth(self, group: QueryGroup) -> Truth | None:
        """In a look-alike nothing is an N+1. In an N+1 the group with the marked access is; of others nobody knows."""
        if self._label != "n-plus-one":
            return Truth(is_n_plus_one=False, source="scenario")
        marked = self._accesses(group) if self._marks["access"] else self._loops(group)
        return Truth(is_n_plus_one=True, source="scenario") if marked and group.count > 1 else None

    def _accesses(self, group: QueryGroup) -> bool:
        return bool(group.call_path) and _place(group.call_path[0]) in self._marks["access"]

    def _loops(self, group: QueryGroup) -> bool:
        loop = gather_evidence(group, self._groups, NPlusOneSettings(), group.context.project_root).loop_site
        return loop is not None and _place(loop) in self._marks["loop"]


def _place(site: ennead.CallSite) -> tuple[str, int]:
    return relative(site.file), site.line


def _files(folder: Path) -> Iterator[tuple[str, int, Path]]:
    for suite in DEVELOPED:
        for rows in SIZES:
            yield suite, rows, folder / f"{suite}-{rows}.jsonl.gz"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, choices=DEVELOPED)
    parser.add_argument("--rows", required=True, type=int)
    parser.add_argument("file", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
