"""`python -m bench.ml.corpus`: record the real applications and the scenario suites, and derive the corpus.

What was recorded is kept in `.bench`; `--derive` only derives from it, which takes some minutes,
and generates the examples for training anew. Of a release or suite that is not recorded here the lines stay.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.ml.corpus import applications, recording, suites
from bench.ml.corpus.counts import COLUMNS, DOCUMENT, as_markdown, rows, write_into
from bench.real_apps.environment import Release, releases
from bench.real_apps.truth import SIZES
from ennead.training.derive import merge_duplicates
from ennead.training.examples import Example, read_examples, write_examples
from ennead.training.generator import generate_examples

FOLDER = Path(__file__).parent
SPLIT = FOLDER.with_name("split.toml")
SEED, UNITS = 5, 2_000


def main() -> None:
    arguments = _parse()
    if arguments.other_sizes:
        _other_sizes(derive_only=arguments.derive)
        return
    if not arguments.derive:
        suites.record()
        _record(list(releases(arguments.application)))
    derived = _write("scenarios.csv", suites.examples()) if suites.is_recorded() else _lines("scenarios.csv")
    derived += _write("applications.csv", list(of_applications()))
    if arguments.generated:
        _tell(f"generating {arguments.generated} units of work ...")
        derived += _write("generated.csv", generate_examples(SEED, arguments.generated))
    _show(derived)


def _other_sizes(*, derive_only: bool) -> None:
    """The applications for evaluation once more, at sizes that no model has seen."""
    evaluation = list(releases(tomllib.loads(SPLIT.read_text(encoding="utf-8"))["evaluation"]))
    if not derive_only:
        _record(evaluation, recording.OTHER_SIZES)
    _write(
        "other_sizes.csv",
        (each for release in evaluation for each in applications.examples_at(release, recording.OTHER_SIZES)),
    )


def _record(wanted: list[Release], sizes: Sequence[int] = SIZES) -> None:
    """Record each release; one that cannot be booted is told and left out."""
    for number, release in enumerate(wanted, 1):
        started = time.perf_counter()
        try:
            recording.record(release, sizes=sizes)
        except RuntimeError as error:
            _tell(f"{release.name} could not be recorded: {error}")
        else:
            _tell(f"{number} of {len(wanted)}: {release.name}, {time.perf_counter() - started:.0f} s")


def of_applications() -> Iterator[Example]:
    """Of all releases: derived from the recordings, or the lines of an earlier derivation."""
    earlier = _lines("applications.csv")
    for release in releases([]):
        if recording.is_recorded(release):
            yield from _examples(release)
        else:
            yield from (example for example in earlier if example.release == release.name)


def _lines(name: str) -> list[Example]:
    """What an earlier derivation wrote.

    Raises
    ------
    EnneadError
        It had other features.
    """
    path = FOLDER / name
    return list(read_examples(path)) if path.exists() else []


def _examples(release: Release) -> Iterable[Example]:
    _tell(f"deriving from {release.name} ...")
    return applications.examples(release)


def _write(name: str, derived: Iterable[Example]) -> list[Example]:
    everything = list(derived)
    merged = merge_duplicates(everything)
    write_examples(FOLDER / name, merged)
    _tell(f"{name}: {len(merged)} examples; {len(everything) - len(merged)} were more of the same")
    return merged


def _show(derived: list[Example]) -> None:
    lines = list(rows(derived))
    table = Table(*COLUMNS)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    write_into(DOCUMENT, as_markdown(lines))


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--application", action="append", default=[], help="record this one only, or this release")
    parser.add_argument(
        "--generated",
        type=int,
        default=UNITS,
        help="units of work in generated.csv (default %(default)s); 0 keeps the last",
    )
    parser.add_argument("--other-sizes", action="store_true", help="other_sizes.csv instead, to measure on")
    parser.add_argument("--derive", action="store_true", help="record nothing: derive from what is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
