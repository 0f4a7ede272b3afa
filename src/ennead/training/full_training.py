"""A model trained anew on a project's own labels: for those who have hundreds of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ennead.training.learning import (
    FEWEST_IN_FULL,
    FEWEST_OF_EACH_IN_FULL,
    Check,
    Learnt,
    Thresholds,
    compare,
    fold_numbers,
    missing_labels,
)
from ennead.training.trained_model import train

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ennead.domains.nplusone.levels import Level
    from ennead.domains.nplusone.model import LevelModel
    from ennead.training.examples import Example
    from ennead.training.trained_model import TrainedModel

_MOST_SCORES = 400
_DIGITS = 4


def learn_in_full(
    examples: Sequence[Example],
    level: Level,
    in_force: LevelModel | None,
    thresholds: Thresholds,
    *,
    decide: bool = False,
) -> Learnt:
    """Train boosted trees, and measure them on what they did not see beside the model in force, or the rules.

    Applications are left out one at a time; the labels of a single application in five parts, by pattern.

    Parameters
    ----------
    examples
        Of one level. Look-alikes of the rules are left out: they stand apart.
    in_force
        The model that is used now; without one the rules' confidence is compared with.
    thresholds
        Those in force.
    decide
        Whether the new model may decide where the rules do now, if it errs less often than they do.

    Raises
    ------
    EnneadError
        LightGBM is not installed.
    """
    kept = [example for example in examples if not example.veto]
    positives = sum(example.label for example in kept)
    refusal = missing_labels(kept, FEWEST_IN_FULL, FEWEST_OF_EACH_IN_FULL)
    if refusal:
        return Learnt(level, positives, len(kept) - positives, refusal)
    trained = train(list(_in_parts(kept)))
    check = _check(trained, in_force, thresholds)
    decides = (in_force is not None and in_force.decides) or (decide and check.beats_rules)
    data = _data(level, trained, decides=decides) if check.is_better else None
    return Learnt(level, positives, len(kept) - positives, None, check, data)


def _in_parts(examples: Sequence[Example]) -> Iterator[Example]:
    """The examples, those of a single application as if it were five."""
    if len({example.application for example in examples if example.source != "generated"}) > 1:
        yield from examples
        return
    for example, fold in zip(examples, fold_numbers(examples), strict=True):
        yield replace(example, application=f"part {fold + 1}")


def _check(trained: TrainedModel, in_force: LevelModel | None, thresholds: Thresholds) -> Check:
    unseen = [example for example, _ in trained.held_out]
    after = [trained.calibration.probability(score) for _, score in trained.held_out]
    if in_force is not None:
        before = [in_force.probability(example.features) for example in unseen]
    else:
        before = [example.baselines.get("rules", 0.0) / 100.0 for example in unseen]
    return compare(unseen, before, after, thresholds)


def _data(level: Level, trained: TrainedModel, *, decides: bool) -> Mapping[str, Any]:
    """The model file."""
    scores = sorted((round(score, _DIGITS), int(example.label)) for example, score in trained.held_out)
    kept = scores[:: max(-(-len(scores) // _MOST_SCORES), 1)]
    return {
        **trained.data,
        "form": 1,
        "name": "own trees",
        "version": f"{datetime.now(UTC):%Y-%m-%d}",
        "level": level,
        "decides": decides,
        "calibrator": trained.calibration.to_json(),
        "calibration": {"form": 1, "scores": [score for score, _ in kept], "labels": [label for _, label in kept]},
    }
