"""The streams that models are trained with and measured on, derived from the corpus' recordings.

`python -m bench.early_warning.streams` derives them from what `python -m bench.ml.corpus` recorded, a file for each
release and suite in `.bench/early_warning` (one that is there is not derived again), and joins them to
`bench/ml/corpus/streams.jsonl.gz`, which is committed: tokens only.
"""

import gzip
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.detection.scenario import ROOT
from bench.ml.corpus import suites
from bench.ml.corpus.applications import Truths, actions
from bench.ml.corpus.recording import is_recorded
from bench.real_apps.environment import Release, releases
from bench.real_apps.labels import labels_of
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.training.derive import Unit
from ennead.training.generator import APPLICATION, generate
from ennead.training.streams import UnitStream, read_streams, streams_of, write_streams

CACHE = ROOT / ".bench" / "early_warning"
FILE = ROOT / "bench" / "ml" / "corpus" / "streams.jsonl.gz"
SPLIT = ROOT / "bench" / "ml" / "split.toml"


def main() -> None:
    parts = [_derived(name, make) for name, make in _sources()]
    count = write_streams(FILE, (stream for part in parts for stream in read_streams(part)))
    print(f"{count} streams, {FILE.stat().st_size:,} bytes")


def _sources() -> Iterator[tuple[str, Callable[[], Iterator[UnitStream]]]]:
    for path in sorted(suites.FOLDER.glob("*.jsonl.gz")):
        yield f"suite-{path.name.removesuffix('.jsonl.gz')}", partial(of_scenarios, path)
    for release in releases([]):
        if is_recorded(release):
            yield release.name, partial(of_release, release)
        else:
            print(f"{release.name} was not recorded", file=sys.stderr)


def _derived(name: str, make: Callable[[], Iterator[UnitStream]]) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{name}.jsonl.gz"
    if not path.exists():
        print(f"deriving from {name} ...", file=sys.stderr, flush=True)
        unfinished = path.with_suffix(".unfinished")
        write_streams(unfinished, make())
        unfinished.rename(path)
    return path


def split() -> tuple[list[str], list[str]]:
    """The training and the evaluation applications."""
    told = tomllib.loads(SPLIT.read_text(encoding="utf-8"))
    return told["training"], told["evaluation"]


def of_release(release: Release) -> Iterator[UnitStream]:
    """Of the actions of one release that ran at each size."""
    labels = labels_of(release.application)
    for recorded in actions(release):
        truths = Truths(recorded, labels)
        for recording in recorded:
            unit = Unit(release.application, release.name, recording.action, recording.rows)
            yield from streams_of(recording.context, truths.truth, unit)


def generated() -> Path:
    """The file of units of work that the generator made up: for training only."""
    return _derived("generated", partial(_generate, seed=7, count=600))


def _generate(seed: int, count: int) -> Iterator[UnitStream]:
    for each in generate(seed, count):
        yield from streams_of(each.context, each.truth, Unit(APPLICATION, "", "+".join(each.shapes)))


def of_scenarios(path: Path) -> Iterator[UnitStream]:
    """Of one scenario suite, which counts as one application, at one size."""
    suite, _, rows = path.name.removesuffix(".jsonl.gz").rpartition("-")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for answer in map(json.loads, file):
            context = QueryExecutionContext.from_dict(answer["context"])
            context = replace(context, project_root=answer["project_root"])
            unit = Unit(f"{suite}-suite", "", answer["scenario"], int(rows))
            yield from streams_of(context, suites.Marks(context, answer).truth, unit)


if __name__ == "__main__":
    main()
