"""Labelled groups with what the rules and the model said of them: what a threshold is tuned on.

The shipped file has one line for all groups of an application that share level, label and both confidences. Its model
confidences are out of fold: each was given by a model that had not seen the application.
"""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from math import isnan, nan
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError
from ennead.training.curve import HIGHEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ennead.domains.nplusone.model import GroupModel
    from ennead.training.examples import Example

Decider = Literal["rules", "model"]
DECIDERS: tuple[Decider, ...] = get_args(Decider)
COLUMNS = ("level", "application", "label", "rules", "model", "count")


class LabelledGroup(NamedTuple):
    """One repeated group with the truth about it."""

    level: Level
    application: str
    label: bool
    """Whether it is an N+1."""
    rules: float
    """Confidence of the rules, 0 to 100; 0 where they say nothing or took it for a look-alike."""
    model: float
    """Confidence of the model, 0 to 100; ``nan`` without a model."""

    def confidence(self, decider: Decider) -> float:
        """What one of the two said of it."""
        return self.rules if decider == "rules" else self.model


def shipped_file() -> Traversable:
    """The file that travels with the package; it need not be there."""
    return files("ennead.domains.nplusone") / "models" / "tuning.csv"


def read_shipped() -> Iterator[LabelledGroup]:
    """The labelled groups that travel with the package.

    Raises
    ------
    EnneadError
        There are none, or the file is broken.
    """
    file = shipped_file()
    if not file.is_file():
        message = (
            "this installation has no labels of its own: name a corpus with --corpus, or use your verdicts (--own)"
        )
        raise EnneadError(message)
    yield from read_labels(file.read_text(encoding="utf-8"), file.name)


def read_labels(text: str, name: str) -> Iterator[LabelledGroup]:
    """Read the content of a file that :func:`write_labels` wrote; ``name`` is for messages.

    Raises
    ------
    EnneadError
        The file has another form; the message names the line.
    """
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        message = f"{name} has not the columns {', '.join(COLUMNS)}"
        raise EnneadError(message)
    for number, row in enumerate(rows, 2):
        try:
            group, count = _group(row)
        except (TypeError, ValueError) as error:
            message = f"{name}, line {number}: {error}"
            raise EnneadError(message) from error
        yield from (group for _ in range(count))


def labels_of(examples: Iterable[Example], models: Mapping[Level, GroupModel]) -> Iterator[LabelledGroup]:
    """Labelled groups out of a corpus; the model of their level scores them, where there is one.

    What the rules take for a look-alike is not flagged, whoever decides.
    """
    for example in examples:
        model = models.get(example.level)
        scored = HIGHEST * model.probability(example.features) if model else nan
        rules = example.baselines.get("rules", 0.0)
        if example.veto:
            rules, scored = 0.0, 0.0 if model else nan
        yield LabelledGroup(example.level, example.application, example.label, rules, scored)


def write_labels(path: Path, groups: Iterable[LabelledGroup]) -> int:
    """Write a file of labels, in an order of its own; returns the number of its lines."""
    counts = Counter(_line(group) for group in groups)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*line, count) for line, count in sorted(counts.items()))
    return len(counts)


def _line(group: LabelledGroup) -> tuple[str, ...]:
    return group.level, group.application, str(int(group.label)), _text(group.rules), _text(group.model)


def _text(confidence: float) -> str:
    return "" if isnan(confidence) else f"{confidence:.1f}"


def _group(row: dict[str, str]) -> tuple[LabelledGroup, int]:
    level, label = row["level"], row["label"]
    if level not in LEVELS or label not in ("0", "1"):
        message = f"no such level or label: {level}, {label}"
        raise ValueError(message)
    group = LabelledGroup(level, row["application"], label == "1", _number(row["rules"]), _number(row["model"]))
    return group, int(row["count"])


def _number(text: str) -> float:
    number = float(text) if text else nan
    if number < 0 or number > HIGHEST or (text and isnan(number)):
        message = f"a confidence is from 0 to {HIGHEST:g}, got {text}"
        raise ValueError(message)
    return number
