"""Recorded units of work as labelled streams of queries, and the file that keeps them.

The file is gzipped JSON lines; a step is written as one character a factor. No statement, table, file or literal is in
it: groups are told apart by numbers and hashes.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.levels import LEVELS, Level, reduce_to
from ennead.domains.nplusone.query_stream import SIZES, stream_of
from ennead.kernel.errors import EnneadError
from ennead.learners.sequence import LabelledStream
from ennead.training.derive import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.training.derive import Truth, Unit

    TruthOf = Callable[[QueryGroup], Truth | None]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_LABELS = "?01"
LONGEST = 1_000
"""Steps that are kept of a stream: what an early warning is about has happened by then."""


@dataclass(frozen=True, slots=True)
class UnitStream:
    """One unit of work at one level of evidence."""

    application: str
    release: str
    unit: str
    """The action or scenario: the route."""
    rows: int
    level: Level
    stream: LabelledStream
    """Its weights are 1."""
    groups: tuple[int, ...]
    """For each step, which of :attr:`sites` it belongs to."""
    sites: tuple[str, ...]
    """Hash of statement and call site of each group."""


def streams_of(
    context: QueryExecutionContext, truth_of: TruthOf, unit: Unit, levels: Iterable[Level] = LEVELS
) -> Iterator[UnitStream]:
    """The streams of one unit of work.

    Parameters
    ----------
    context
        As it was recorded.
    truth_of
        Asked about each reading group of the recording; ``None`` says that nobody knows. A write is never to be warned
        of: another code tells of them.
    unit
        Where it comes from.
    levels
        The levels of evidence to derive.
    """
    whole = stream_of(context)
    alarms = {group: _alarm(group, truth_of) for group in dict.fromkeys(whole.groups)}
    label = {index: alarms[group] for index, group in zip(whole.indexes, whole.groups, strict=True)}
    for level in levels:
        stream = stream_of(reduce_to(context, level))
        indexes = stream.indexes[:LONGEST]
        groups = stream.groups[:LONGEST]
        numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        labels = tuple(label.get(index, -1) for index in indexes)
        yield UnitStream(
            unit.application,
            unit.release,
            unit.name,
            unit.rows,
            level,
            LabelledStream(stream.steps[:LONGEST], labels, (1.0,) * len(labels)),
            tuple(numbers[group] for group in groups),
            tuple(site_of(unit.application, group) for group in numbers),
        )


def _alarm(group: QueryGroup, truth_of: TruthOf) -> int:
    if not group.first.is_read:
        return 0
    truth = truth_of(group)
    return -1 if truth is None else int(truth.is_n_plus_one)


def write_streams(path: Path, streams: Iterable[UnitStream]) -> int:
    """Write a file of streams, the same bytes for the same streams; returns how many there are."""
    count = 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as file:
        for stream in streams:
            file.write((json.dumps(_to_json(stream), separators=(",", ":")) + "\n").encode())
            count += 1
    return count


def read_streams(path: Path) -> Iterator[UnitStream]:
    """Read what :func:`write_streams` wrote.

    Raises
    ------
    EnneadError
        The file is none, or was derived with other factors; the message names the line.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _from_json(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                message = f"{path}, line {number}: {error}: derive the streams again"
                raise EnneadError(message) from error


def _to_json(stream: UnitStream) -> dict[str, Any]:
    return {
        "application": stream.application,
        "release": stream.release,
        "unit": stream.unit,
        "rows": stream.rows,
        "level": stream.level,
        "steps": "".join(_DIGITS[number] for step in stream.stream.steps for number in step),
        "alarms": "".join(_LABELS[alarm + 1] for alarm in stream.stream.alarms),
        "groups": list(stream.groups),
        "sites": list(stream.sites),
    }


def _from_json(data: dict[str, Any]) -> UnitStream:
    width = len(SIZES)
    numbers = [_DIGITS.index(digit) for digit in data["steps"]]
    steps = tuple(tuple(numbers[start : start + width]) for start in range(0, len(numbers), width))
    alarms = tuple(_LABELS.index(label) - 1 for label in data["alarms"])
    if len(numbers) != width * len(alarms) or len(data["groups"]) != len(alarms) or data["level"] not in LEVELS:
        message = f"these are no streams of {width} factors"
        raise ValueError(message)
    if any(number >= size for step in steps for number, size in zip(step, SIZES, strict=True)):
        message = "a number is beyond the size of its factor"
        raise ValueError(message)
    return UnitStream(
        data["application"],
        data["release"],
        data["unit"],
        data["rows"],
        data["level"],
        LabelledStream(steps, alarms, (1.0,) * len(alarms)),
        tuple(data["groups"]),
        tuple(data["sites"]),
    )
