"""What ``ennead tune`` tells: the curves of rules and model on labelled groups, and the threshold to set."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, isnan
from typing import TYPE_CHECKING, Any

from ennead.training.curve import CurvePoint, at_threshold, average_precision, curve, tally
from ennead.training.recommendation import Recommendation, Targets, recommend, with_interval
from ennead.training.tuning_labels import DECIDERS, Decider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ennead.domains.nplusone.levels import Level
    from ennead.training.tuning_labels import LabelledGroup

THRESHOLDS = (50.0, 60.0, 70.0, 80.0)
"""Those of the table."""
SETTINGS: Mapping[Decider, str] = {"rules": "ENNEAD_MIN_CONFIDENCE", "model": "NPLUSONE_ML_CONFIDENCE_THRESHOLD"}
_RULE_OF_THREE = 3.0
"""No event in n trials: the rate is below 3 / n, with 95 % certainty."""


@dataclass(frozen=True, slots=True)
class TunedDecider:
    """The curve of the rules, or of the model."""

    decider: Decider
    points: tuple[CurvePoint, ...]
    """The whole curve, ascending thresholds."""
    rows: tuple[CurvePoint, ...]
    """At :data:`THRESHOLDS`."""
    now: CurvePoint
    """At the threshold that is in force."""
    average_precision: float
    recommendation: Recommendation | None
    """``None`` without a labelled N+1."""

    @property
    def setting(self) -> str:
        """The variable that holds its threshold."""
        return SETTINGS[self.decider]


@dataclass(frozen=True, slots=True)
class Tuning:
    """The whole answer."""

    level: Level
    origin: str
    """Where the labels come from, in words."""
    positive_count: int
    negative_count: int
    application_count: int
    targets: Targets
    deciders: tuple[TunedDecider, ...]
    """The rules, then the model where there is one."""
    warnings: tuple[str, ...]


def tune(
    groups: Iterable[LabelledGroup],
    level: Level,
    origin: str,
    targets: Targets,
    in_force: Mapping[Decider, float],
    notes: Iterable[str] = (),
) -> Tuning:
    """Measure every threshold at one level.

    Parameters
    ----------
    groups
        Of whatever level; those of another are left out.
    origin
        Where they come from, in words.
    in_force
        The thresholds that are set, 0 to 100.
    notes
        What is to be known of the labels, beside what is told of their number.
    """
    at_level = [group for group in groups if group.level == level]
    positives = sum(group.label for group in at_level)
    told = [each for each in DECIDERS if any(not isnan(group.confidence(each)) for group in at_level)]
    return Tuning(
        level=level,
        origin=origin,
        positive_count=positives,
        negative_count=len(at_level) - positives,
        application_count=len({group.application for group in at_level}),
        targets=targets,
        deciders=tuple(_tuned(each, at_level, targets, in_force[each]) for each in told),
        warnings=(*notes, *_warnings(at_level, targets)),
    )


def _tuned(decider: Decider, groups: Sequence[LabelledGroup], targets: Targets, in_force: float) -> TunedDecider:
    points = curve(tally((group.confidence(decider), group.label) for group in groups))
    found = recommend(points, targets, in_force)
    if found is not None:
        found = with_interval(found, _by_application(decider, groups), targets, in_force)
    return TunedDecider(
        decider=decider,
        points=points,
        rows=tuple(at_threshold(points, threshold) for threshold in THRESHOLDS),
        now=at_threshold(points, in_force),
        average_precision=average_precision(points),
        recommendation=found,
    )


def _by_application(decider: Decider, groups: Sequence[LabelledGroup]) -> Mapping[str, Any]:
    apart: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for group in groups:
        apart[group.application].append((group.confidence(decider), group.label))
    return {application: tally(labelled) for application, labelled in apart.items()}


def _warnings(groups: Sequence[LabelledGroup], targets: Targets) -> Iterator[str]:
    positives = sum(group.label for group in groups)
    negatives = len(groups) - positives
    if not positives:
        yield "no labelled N+1: neither recall nor a threshold can be told"
    if not negatives:
        yield "no labelled look-alike: no false-positive rate can be told"
    wanted = ceil(round(_RULE_OF_THREE / targets.false_positive_rate, 6)) if targets.false_positive_rate else 0
    if 0 < negatives < wanted:
        yield (
            f"few look-alikes ({negatives:,}): it takes {wanted:,} without a false alarm to show a false-positive rate "
            f"below {100 * targets.false_positive_rate:.3g} %"
        )
    allowed = ceil(round(_RULE_OF_THREE / (1.0 - targets.precision), 6)) if targets.precision < 1.0 else 0
    if 0 < positives < allowed:
        yield (
            f"few N+1s ({positives:,}): it takes {allowed:,} without a false alarm to show a precision "
            f"of {100 * targets.precision:.3g} %"
        )


def tuning_to_dict(tuning: Tuning) -> dict[str, Any]:
    """JSON values: the form of ``ennead tune --json``."""
    return {
        "level": tuning.level,
        "labels": {
            "origin": tuning.origin,
            "positives": tuning.positive_count,
            "negatives": tuning.negative_count,
            "applications": tuning.application_count,
        },
        "targets": {"precision": tuning.targets.precision, "false_positive_rate": tuning.targets.false_positive_rate},
        "deciders": [_decider_to_dict(each) for each in tuning.deciders],
        "warnings": list(tuning.warnings),
    }


def _decider_to_dict(tuned: TunedDecider) -> dict[str, Any]:
    return {
        "decider": tuned.decider,
        "setting": tuned.setting,
        "in_force": tuned.now.to_dict(),
        "average_precision": None if isnan(tuned.average_precision) else tuned.average_precision,
        "thresholds": [point.to_dict() for point in tuned.rows],
        "recommendation": _recommendation_to_dict(tuned.recommendation),
        "curve": [point.to_dict() for point in tuned.points],
    }


def _recommendation_to_dict(found: Recommendation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "threshold": found.threshold,
        "at": found.point.to_dict(),
        "equivalent_above": found.equivalent.low,
        "equivalent_up_to": found.equivalent.high,
        "interval": list(found.interval) if found.interval else None,
        "met_share": found.met_share,
        "resampled": found.resampled,
    }
