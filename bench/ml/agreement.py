"""`python -m bench.ml.agreement`: labels that were read and measured first, against a second reading that was blind.

`python -m bench.ml.agreement --keep GROUPS ANSWERS ...` takes answers (number, verdict, note, tab by tab) to a list of
`bench.ml.reading_list` into `second_reading.tsv`; without arguments that file is compared with the labels.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.real_apps.environment import releases
from bench.real_apps.labels import Label, labels_of
from bench.real_apps.truth import grows

KEPT = Path(__file__).with_name("second_reading.tsv")
VERDICTS = ("n-plus-one", "structural", "duplicate", "no")


@dataclass(frozen=True)
class Reading:
    """What the second reader said of one group."""

    release: str
    action: str
    fingerprint: str
    counts: str
    """At rising data sizes, with slashes between."""
    verdict: str
    note: str


@dataclass(frozen=True)
class Compared:
    """Both verdicts on one group."""

    reading: Reading
    first: str
    """By the label; by growth, where nobody had read it."""
    was_read: bool
    """Whether somebody had: growth alone tells no duplicate from anything else that is no N+1."""

    @property
    def agrees(self) -> bool:
        """Whether both call it an N+1, or neither does: what the corpus asks."""
        return (self.first == "n-plus-one") == (self.reading.verdict == "n-plus-one")


def main() -> None:
    arguments = _parse()
    if arguments.keep:
        groups, *answers = arguments.keep
        keep(groups, answers, KEPT)
    show(list(compare(read(KEPT))))


def keep(groups: Path, answers: Sequence[Path], kept: Path) -> None:
    """Put list and answers together, without the statements; a group without an answer is told and left out."""
    verdicts = {number: rest for path in answers for number, *rest in _lines(path) if number.isdigit()}
    with kept.open("w", encoding="utf-8") as file:
        print(*(field.name for field in fields(Reading)), sep="\t", file=file)
        for number, *told in _lines(groups):
            if number in verdicts:
                print(*astuple(_reading(told, verdicts[number])), sep="\t", file=file)
            elif number.isdigit():
                print(f"group {number} has no answer", file=sys.stderr)


def read(kept: Path) -> Iterator[Reading]:
    """The second reading."""
    return (Reading(*line) for line in list(_lines(kept))[1:])


def compare(readings: Iterable[Reading]) -> Iterator[Compared]:
    """Put the label of each group's statement in its action beside it, or growth where there is none."""
    applications = {release.name: release.application for release in releases([])}
    labels = {application: labels_of(application) for application in set(applications.values())}
    for reading in readings:
        label = labels[applications[reading.release]].get((reading.action, reading.fingerprint))
        yield Compared(reading, _first(label, reading.counts), was_read=label is not None)


def _first(label: Label | None, counts: str) -> str:
    if label is not None and label.kind != "n-plus-one":
        return label.kind
    growing = grows([int(count) for count in counts.split("/")])
    return "n-plus-one" if growing or (label is not None and label.capped) else "no"


def kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> float:
    """Cohen's kappa: agreement beyond what two readers with the same habits would reach by chance.

    Source: Cohen, *A Coefficient of Agreement for Nominal Scales* (1960).

    >>> round(kappa([("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15), 3)
    0.4
    """
    counted = Counter(pairs)
    total = counted.total()
    first, second = Counter[Hashable](), Counter[Hashable]()
    for (one, other), count in counted.items():
        first[one] += count
        second[other] += count
    observed = sum(count for (one, other), count in counted.items() if one == other) / total
    chance = sum(first[verdict] * second[verdict] for verdict in first) / total**2
    return 1.0 if chance == 1.0 else (observed - chance) / (1.0 - chance)


def show(compared: Sequence[Compared]) -> None:
    """Agreement, the table of both verdicts, and each group that they differ on."""
    agreed = sum(each.agrees for each in compared)
    binary = [(each.first == "n-plus-one", each.reading.verdict == "n-plus-one") for each in compared]
    read_before = [(each.first, each.reading.verdict) for each in compared if each.was_read]
    print(f"{len(compared)} groups, {len(read_before)} of them read before; whether it is an N+1: ", end="")
    print(f"agreed on {agreed} ({agreed / len(compared):.1%}), kappa {kappa(binary):.3f}")
    print(f"which of the four verdicts, of those read before: kappa {kappa(read_before):.3f}")
    Console().print(_crossed(Counter((each.first, each.reading.verdict) for each in compared)))
    for each in compared:
        if not each.agrees:
            reading = each.reading
            print(f"{reading.release}, {reading.action}, {reading.fingerprint}, {reading.counts}: ", end="")
            print(f"{each.first}, then {reading.verdict}: {reading.note}")


def _crossed(counted: Counter[tuple[str, str]]) -> Table:
    table = Table("first", *(f"then {verdict}" for verdict in VERDICTS))
    for first in VERDICTS:
        table.add_row(first, *(str(counted[first, second]) for second in VERDICTS))
    return table


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _reading(told: Sequence[str], answer: Sequence[str]) -> Reading:
    release, action, fingerprint, _statement, counts = told[:5]
    return Reading(release, action, fingerprint, counts, _checked(answer[0]), " ".join(answer[1:]))


def _checked(verdict: str) -> str:
    if verdict not in VERDICTS:
        message = f"a verdict is one of {VERDICTS}, got {verdict!r}"
        raise ValueError(message)
    return verdict


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", nargs="+", type=Path, metavar="FILE", help="the list, and the answers to it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
