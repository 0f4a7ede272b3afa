"""The streams that models are trained with and measured on, derived from the corpus' recordings.

`python -m bench.early_warning.streams` derives them from `.bench` (recorded by `python -m bench.ml.corpus`) into
`bench/ml/corpus/streams.jsonl.gz`; without recordings the file that is there is read.
"""

import gzip
import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.detection.scenario import ROOT
from bench.ml.corpus import suites
from bench.ml.corpus.applications import Truths, actions
from bench.ml.corpus.recording import is_recorded
from bench.real_apps.environment import releases
from bench.real_apps.labels import labels_of
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.training.derive import Unit
from ennead.training.streams import UnitStream, streams_of, write_streams

FILE = ROOT / "bench" / "ml" / "corpus" / "streams.jsonl.gz"
SPLIT = ROOT / "bench" / "ml" / "split.toml"


def main() -> None:
    count = write_streams(FILE, [*of_scenarios(), *of_applications()])
    print(f"{count} streams, {FILE.stat().st_size:,} bytes")


def split() -> tuple[list[str], list[str]]:
    """The training and the evaluation applications."""
    told = tomllib.loads(SPLIT.read_text(encoding="utf-8"))
    return told["training"], told["evaluation"]


def of_applications() -> Iterator[UnitStream]:
    """Of all releases that were recorded."""
    for release in releases([]):
        if not is_recorded(release):
            print(f"{release.name} was not recorded", file=sys.stderr)
            continue
        print(f"deriving from {release.name} ...", file=sys.stderr, flush=True)
        labels = labels_of(release.application)
        for recorded in actions(release):
            truths = Truths(recorded, labels)
            for recording in recorded:
                unit = Unit(release.application, release.name, recording.action, recording.rows)
                yield from streams_of(recording.context, truths.truth, unit)


def of_scenarios(folder: Path = suites.FOLDER) -> Iterator[UnitStream]:
    """Of the scenario suites, each of which counts as one application."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        suite, _, rows = path.name.removesuffix(".jsonl.gz").rpartition("-")
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for answer in map(json.loads, file):
                context = QueryExecutionContext.from_dict(answer["context"])
                context = replace(context, project_root=answer["project_root"])
                unit = Unit(f"{suite}-suite", "", answer["scenario"], int(rows))
                yield from streams_of(context, suites.Marks(context, answer).truth, unit)


if __name__ == "__main__":
    main()
