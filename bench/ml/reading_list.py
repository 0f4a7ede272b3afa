"""A list of groups to be read in the applications' sources, with no word of what anybody or anything thinks of them.

`python -m bench.ml.reading_list FILE` writes one line a group, tab by tab. Whoever reads answers in a file: number,
`n-plus-one`, `structural`, `duplicate` or `no`, and a note. `python -m bench.ml.agreement` compares.
"""

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.ml.corpus.applications import actions
from bench.ml.corpus.growth import Counts, Growth
from bench.ml.corpus.recording import Recording, is_recorded
from bench.real_apps.environment import Release, releases
from bench.real_apps.labels import labels_of
from bench.real_apps.truth import SIZES, grows
from ennead.domains.nplusone.groups import QueryGroup, group_queries

COLUMNS = (
    "number",
    "release",
    "action",
    "fingerprint",
    "statement",
    f"counts at {'/'.join(map(str, SIZES))} rows",
    f"distinct parameters at {'/'.join(map(str, SIZES))} rows",
    "application lines, the innermost first",
    "site-packages",
)
MAX_FRAMES, MAX_PATHS, MAX_STATEMENT = 7, 3, 1500
GROWING, STILL = 150, 130
"""How many of those that grow, and of those that only repeat, beside all that were read to be something else."""


@dataclass(frozen=True)
class Group:
    """All executions of one statement in one action."""

    release: Release
    action: str
    fingerprint: str
    statement: str
    counts: Counts
    distinct: Counts
    lines: str

    @property
    def is_kept_anyway(self) -> bool:
        """Whether somebody read it to be structural or a duplicate."""
        label = labels_of(self.release.application).get((self.action, self.fingerprint))
        return label is not None and label.kind != "n-plus-one"

    @property
    def place(self) -> tuple[str, str, str]:
        """The same in several actions and releases."""
        return self.release.application, self.fingerprint, self.lines.partition(" < ")[0]


def main() -> None:
    arguments = _parse()
    groups = [group for release in releases([]) if is_recorded(release) for group in groups_of(release)]
    chosen = choose(groups)
    with arguments.file.open("w", encoding="utf-8") as file:
        print(*COLUMNS, sep="\t", file=file)
        for number, group in enumerate(chosen, 1):
            print(number, *_row(group), sep="\t", file=file)
    print(f"{len(chosen)} of {len(groups)} groups in {arguments.file}")


def groups_of(release: Release) -> Iterator[Group]:
    """The reads of a release that repeat at the largest size."""
    for recorded in actions(release):
        growth = Growth(recorded)
        largest = max(recorded, key=lambda recording: recording.rows)
        for fingerprint, groups in _by_statement(largest).items():
            counts = growth.statement_counts(fingerprint)
            if counts[-1] > 1:
                distinct = tuple(_distinct(recording, fingerprint) for recording in recorded)
                first = groups[0].first
                yield Group(release, largest.action, fingerprint, first.statement, counts, distinct, _lines(groups))


def choose(groups: Iterable[Group]) -> list[Group]:
    """All that was read to be something else, and the rest spread over the releases; in an order that says nothing."""
    everything = sorted(groups, key=_shuffled)
    chosen = [group for group in everything if group.is_kept_anyway]
    rest = [group for group in everything if not group.is_kept_anyway]
    chosen += _spread([group for group in rest if grows(group.counts)], GROWING)
    chosen += _spread([group for group in rest if not grows(group.counts)], STILL)
    return sorted(chosen, key=_shuffled)


def _spread(groups: Sequence[Group], count: int) -> list[Group]:
    """One of each release in turn; a place comes again only when the release has no other."""
    by_release: defaultdict[str, list[Group]] = defaultdict(list)
    places: Counter[tuple[str, str, str]] = Counter()
    for group in groups:
        by_release[group.release.name].append(group)
    chosen: list[Group] = []
    while len(chosen) < count and any(by_release.values()):
        for waiting in by_release.values():
            if waiting and len(chosen) < count:
                best = min(waiting, key=lambda group: places[group.place])
                waiting.remove(best)
                places[best.place] += 1
                chosen.append(best)
    return chosen


def _by_statement(recording: Recording) -> dict[str, list[QueryGroup]]:
    by_statement: defaultdict[str, list[QueryGroup]] = defaultdict(list)
    for group in group_queries(recording.context):
        if group.first.is_read:
            by_statement[group.first.statement_fingerprint].append(group)
    return by_statement


def _distinct(recording: Recording, fingerprint: str) -> int:
    groups = _by_statement(recording).get(fingerprint, ())
    return len({query.parameters_hash for group in groups for query in group.queries})


def _lines(groups: Sequence[QueryGroup]) -> str:
    """The call paths with most executions; each with its count if there are several."""
    most = sorted(groups, key=lambda group: -group.count)[:MAX_PATHS]
    texts = [" < ".join(_place(str(site)) for site in group.call_path[:MAX_FRAMES]) for group in most]
    if len(groups) == 1:
        return texts[0]
    told = [f"{group.count} times {text}" for group, text in zip(most, texts, strict=True)]
    others = len(groups) - len(most)
    return " | ".join(told) + (f" | and {others} more paths" if others else "")


def _place(site: str) -> str:
    return site.rpartition("site-packages/")[2]


def _row(group: Group) -> Iterator[str]:
    yield from (group.release.name, group.action, group.fingerprint)
    yield " ".join(group.statement[:MAX_STATEMENT].split())
    yield from ("/".join(map(str, group.counts)), "/".join(map(str, group.distinct)), group.lines)
    yield str(next(group.release.folder.glob("lib/python3*/site-packages")))


def _shuffled(group: Group) -> str:
    return hashlib.sha256(f"{group.release.name}\n{group.action}\n{group.fingerprint}".encode()).hexdigest()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
