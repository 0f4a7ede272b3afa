"""Labelled groups as plain rows: what a corpus file holds, one line of CSV each.

No statement, table, file or literal is in them: groups are told apart by hashes.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from math import isnan, nan
from typing import TYPE_CHECKING, Literal, cast, get_args

from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Source = Literal["read", "growth", "scenario", "generated", "verdict"]
"""Where a label comes from: read in the source, growth in separate runs, a scenario, the generator, a user."""
FEATURES = tuple(spec.name for spec in GROUP_FEATURES)
BASELINES = ("rules", "statistical", "clustering", "sentry")
_KEYS = ("application", "release", "unit", "rows", "level", "site", "source", "label", *BASELINES, "veto")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Example:
    """One repeated group of one unit of work at one level, with the truth about it."""

    application: str
    """The unit of splitting: releases of one application are one application."""
    release: str
    unit: str
    """The action, scenario or route."""
    rows: int
    """The data size it was recorded at; 0 where it has none."""
    level: Level
    site: str
    """Hash of statement and call site without release: examples of one site never straddle a split."""
    source: Source
    label: bool
    """Whether the group is an N+1."""
    baselines: Mapping[str, float]
    """Confidence, 0 to 100, by name of :data:`BASELINES`: what each says of the group; 0 where it says nothing."""
    veto: str
    """Name of the look-alike that the rules take it for, or nothing."""
    features: Mapping[str, float] = field(repr=False)
    """By name of the group features; ``nan`` where the evidence is missing."""


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write a corpus file; returns the number of examples."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*_KEYS, *FEATURES))
        for example in examples:
            writer.writerow(_row(example))
            count += 1
    return count


def read_examples(path: Path) -> Iterator[Example]:
    """Read what :func:`write_examples` wrote.

    Raises
    ------
    EnneadError
        The file is no corpus, or was derived with other features; the message names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from _read(file, path)
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path} is no CSV in UTF-8 ({error}): derive the corpus again, or name another file"
        raise EnneadError(message) from error


def _read(file: Iterable[str], path: Path) -> Iterator[Example]:
    rows = csv.DictReader(file)
    missing = [name for name in (*_KEYS, *FEATURES) if name not in (rows.fieldnames or ())]
    if missing:
        message = f"{path} lacks the columns {', '.join(missing)}: derive the corpus again"
        raise EnneadError(message)
    for number, row in enumerate(rows, 2):
        try:
            yield _example(row)
        except (TypeError, ValueError) as error:
            message = f"{path}, line {number}: {error}"
            raise EnneadError(message) from error


def _row(example: Example) -> Iterator[object]:
    yield from (example.application, example.release, example.unit, example.rows, example.level)
    yield from (example.site, example.source, int(example.label))
    yield from (_text(example.baselines.get(name, 0.0)) for name in BASELINES)
    yield example.veto
    yield from (_text(example.features.get(name, nan)) for name in FEATURES)


def _text(number: float) -> str:
    return "" if isnan(number) else f"{number:.{_DIGITS}g}"


def _number(text: str) -> float:
    return float(text) if text else nan


def _example(row: Mapping[str, str]) -> Example:
    if row["level"] not in LEVELS or row["source"] not in get_args(Source) or row["label"] not in ("0", "1"):
        message = f"no such level, source or label: {row['level']}, {row['source']}, {row['label']}"
        raise ValueError(message)
    return Example(
        application=row["application"],
        release=row["release"],
        unit=row["unit"],
        rows=int(row["rows"]),
        level=row["level"],
        site=row["site"],
        source=cast("Source", row["source"]),
        label=row["label"] == "1",
        baselines={name: _number(row[name]) for name in BASELINES},
        veto=row["veto"],
        features={name: _number(row[name]) for name in FEATURES},
    )
