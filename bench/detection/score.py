"""From one JSON line a scenario to recall, precision, and how often the places are right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

POSITIVE = "n-plus-one"
NEGATIVES = ("look-alike", "duplicate")
WRITES = "write-n-plus-one"
PLACES = ("origin", "loop", "access")

Row = dict[str, Any]
"""One line of the probe."""


@dataclass(frozen=True)
class Share:
    """`hits` out of `of`."""

    hits: int
    of: int

    @property
    def ratio(self) -> float | None:
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        return "-" if self.ratio is None else f"{self.ratio:.2f} ({self.hits}/{self.of})"


@dataclass(frozen=True)
class Score:
    """What one tool did on one suite.

    Write loops count neither as positives nor as negatives. A place is right if any finding names one of the
    marked lines; it is asked for where the scenario marks it and the tool found the scenario.
    """

    recall: Share
    precision: Share
    misses: tuple[str, ...]
    false_alarms: tuple[str, ...]
    writes: Share
    """Write loops that the tool reports under a code with "write" in it."""
    writes_as_n_plus_one: tuple[str, ...]
    origin: Share
    loop: Share
    access: Share
    errors: tuple[tuple[str, str], ...]


def score(rows: Sequence[Row]) -> Score:
    positives = [row for row in rows if row["label"] == POSITIVE]
    negatives = [row for row in rows if row["label"] in NEGATIVES]
    writes = [row for row in rows if row["label"] == WRITES]
    found = [row for row in positives if row["flagged"]]
    false_alarms = _names(row for row in negatives if row["flagged"])
    return Score(
        recall=Share(len(found), len(positives)),
        precision=Share(len(found), len(found) + len(false_alarms)),
        misses=_names(row for row in positives if not row["flagged"]),
        false_alarms=false_alarms,
        writes=Share(sum(any("write" in code for code in row["codes"]) for row in writes), len(writes)),
        writes_as_n_plus_one=_names(row for row in writes if row["flagged"]),
        **{place: _places_right(found, place) for place in PLACES},
        errors=tuple((row["scenario"], row["error"]) for row in rows if row["error"]),
    )


def _names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted(row["scenario"] for row in rows))


def _places_right(found: Iterable[Row], place: str) -> Share:
    """Right ones among those asked for; nothing is asked of a tool that never names such a place."""
    rows = list(found)
    asked = [row for row in rows if row["expected"][place]] if any(row[place] for row in rows) else []
    right = [row for row in asked if any(line in row["expected"][place] for line in row[place])]
    return Share(len(right), len(asked))
