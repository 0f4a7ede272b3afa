"""Whether a level's goal is met on unseen applications, and whether the model decides there: a table decides."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.ml.evaluation import Trial, all_of
from ennead.domains.nplusone.levels import LEVELS, Level

MOST_FALSE_ALARMS = 0.05
LEAST_RECALL = 0.97
FEWER_ERRORS: Mapping[Level, float] = {"sql": 1 / 3, "spans": 1 / 2}


class Verdict(NamedTuple):
    """On one level."""

    goal: str
    measured: str
    is_met: bool
    decides: bool
    """Whether the model wins on the unseen applications."""
    reason: str


def verdicts(trials: Sequence[Trial]) -> dict[Level, Verdict]:
    """Of the trials on unseen applications."""
    whole = all_of(trials)
    return {
        level: _judge(level, whole[level], [trial for trial in trials if trial.level == level])
        for level in LEVELS
        if level in whole
    }


def _judge(level: Level, whole: Trial, trials: Sequence[Trial]) -> Verdict:
    decides, reason = _wins(whole, trials)
    if level == "full":
        return _at_full(whole, trials, decides=decides, reason=reason)
    wanted = FEWER_ERRORS[level]
    rules, model = whole.figures("rules").error_count, whole.figures("trees").error_count
    fewer = 1.0 - model / rules if rules else 0.0
    goal = f"errors down by {wanted:.0%} or more"
    return Verdict(goal, f"{rules} errors to {model}: down by {fewer:.0%}", fewer >= wanted - 1e-9, decides, reason)


def _at_full(whole: Trial, trials: Sequence[Trial], *, decides: bool, reason: str) -> Verdict:
    point = whole.figures("trees").point
    worse = _worse(trials)
    goal = "not worse than the rules anywhere; false-positive rate < 5 % at recall >= .97"
    measured = f"false-positive rate {point.false_positive_rate:.3f}, recall {point.recall:.3f}"
    measured += f"; worse on {', '.join(worse)}" if worse else "; nowhere worse"
    is_met = not worse and point.false_positive_rate < MOST_FALSE_ALARMS and point.recall >= LEAST_RECALL
    return Verdict(goal, measured, is_met, decides and is_met, reason)


def _wins(whole: Trial, trials: Sequence[Trial]) -> tuple[bool, str]:
    """Fewer errors over all groups and on the average application: a big one alone does not carry it."""
    rules, model = whole.figures("rules"), whole.figures("trees")
    mean = sum(trial.figures("rules").error_ratio - trial.figures("trees").error_ratio for trial in trials) / len(
        trials
    )
    wins = model.error_count < rules.error_count and mean > 0
    worse = _worse(trials)
    text = f"{rules.error_count} errors of the rules, {model.error_count} of the trees in {rules.count} groups; "
    text += f"worse on {', '.join(worse)}" if worse else "worse on no application"
    return wins, f"{text}; the average application has {mean:+.1%} fewer of them"


def _worse(trials: Sequence[Trial]) -> list[str]:
    return [
        trial.application for trial in trials if trial.figures("trees").error_count > trial.figures("rules").error_count
    ]
