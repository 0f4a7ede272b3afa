"""A tuning in words: what is recommended and why, the same in a terminal and in a page."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from ennead.reporting.amounts import count

if TYPE_CHECKING:
    from ennead.training.curve import CurvePoint
    from ennead.training.tuning import TunedDecider, Tuning

LEVEL_WORDS = {
    "full": "with full evidence (the agent)",
    "sql": "with statements and parameters only (logs)",
    "spans": "with bare spans (plain OpenTelemetry)",
}
_SURE = 0.8
"""Share of the resamples that should have a threshold, before one relies on it."""


def percent(figure: float) -> str:
    """A share as people read it.

    >>> percent(0.9371), percent(1.0), percent(float("nan"))
    ('93.7 %', '100.0 %', '-')
    """
    return "-" if isnan(figure) else f"{100 * figure:.1f} %"


def labels_text(tuning: Tuning) -> str:
    """What was measured on.

    Applications are told where there is more than one: the figures hold for what resembles them.
    """
    applications = f", {count(tuning.application_count, 'application')}" if tuning.application_count > 1 else ""
    positives, negatives = count(tuning.positive_count, "N+1"), count(tuning.negative_count, "look-alike")
    return f"{positives} and {negatives}{applications}; {tuning.origin}"


def recommendation_text(tuned: TunedDecider, tuning: Tuning) -> str:
    """One sentence: the threshold and its reason, or why there is none."""
    found, targets = tuned.recommendation, tuning.targets
    wanted = (
        f"false positives below {_whole(targets.false_positive_rate)} at a precision of {_whole(targets.precision)}"
    )
    if found is None:
        return "no threshold: there is no labelled N+1"
    if found.threshold is None:
        return f"no threshold has {wanted}{_nearest(found.point)}: keep {tuned.now.threshold:g}"
    head = "keep" if found.threshold == tuned.now.threshold else "set"
    return f"{head} {found.threshold:g}: the highest recall with {wanted} ({_does(found.point)})"


def _nearest(point: CurvePoint) -> str:
    """What comes nearest; flagging everything is no answer."""
    return f"; the nearest is {point.threshold:g} ({_does(point)})" if point.threshold else ""


def _whole(share: float) -> str:
    return f"{100 * share:.3g} %"


def _does(point: CurvePoint) -> str:
    figures = f"recall {percent(point.recall)}, precision {percent(point.precision)}"
    return f"{figures}, false positives {percent(point.false_positive_rate)}"


def certainty_text(tuned: TunedDecider) -> str | None:
    """How far the recommendation would move on other labels; ``None`` where there is none."""
    found = tuned.recommendation
    if found is None or found.threshold is None:
        return None
    low, high = found.equivalent
    same = f"any threshold above {low:g} up to {high:g} does the same on these labels"
    if found.interval is None:
        return f"{same}; resampling the {found.resampled} gives no interval"
    text = f"{same}; resampling the {found.resampled}, 95 % lie from {found.interval.low:g} to {found.interval.high:g}"
    if found.met_share < _SURE:
        text += f", and only {_whole(found.met_share)} of the resamples have such a threshold"
    return text


def how_to_set(tuned: TunedDecider) -> str | None:
    """What to type; ``None`` where nothing is to be changed."""
    found = tuned.recommendation
    if found is None or found.threshold is None or found.threshold == tuned.now.threshold:
        return None
    return f"{tuned.setting}={found.threshold:g}"


def chosen_threshold(tuned: TunedDecider) -> float | None:
    """The recommended threshold, if there is one."""
    return tuned.recommendation.threshold if tuned.recommendation else None


def table_points(tuned: TunedDecider) -> list[CurvePoint]:
    """The rows of the table: 50, 60, 70 and 80 %, the threshold in force, and the recommended one."""
    told = {point.threshold: point for point in (*tuned.rows, tuned.now)}
    if tuned.recommendation is not None and tuned.recommendation.threshold is not None:
        told[tuned.recommendation.threshold] = tuned.recommendation.point
    return [told[threshold] for threshold in sorted(told)]
