"""What a few verdicts of a new project do for the shipped model: curves over their number."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from statistics import fmean
from typing import NamedTuple

from bench.ml.evaluation import Trial
from ennead.domains.nplusone.levels import Level
from ennead.learners.adaptation import Adaptation
from ennead.training.adapt import Verdict, adapt
from ennead.training.figures import Figures, Scored, figures_of
from ennead.training.trained_model import TrainedModel

VERDICT_COUNTS = (0, 10, 50, 200)
DRAWS = 20
NOISE = 0.05
"""Share of verdicts that are wrong."""
ON_FINDINGS = 0.8
"""Share of the verdicts on what the model reports; the others explore what it does not."""
THRESHOLD = 60.0
_HARM = 0.01


class Point(NamedTuple):
    """The shipped model after some verdicts, on the sites of an application that nobody gave a verdict on."""

    application: str
    level: Level
    wanted: int
    given: float
    """Mean number of verdicts: small applications have fewer groups than are asked for."""
    errors: float
    """Mean share of wrong answers."""
    brier: float
    calibration_error: float
    changed: float
    """Share of the draws in which the check let the correction pass."""
    harmed: float
    """Share of the draws with more wrong answers than without verdicts, by more than one in a hundred."""


def curves(trials: Sequence[Trial], models: Mapping[Level, TrainedModel]) -> Iterator[Point]:
    """Of each unseen application and level; half of the sites, drawn anew each time, get the verdicts."""
    for trial in trials:
        model = models[trial.level]
        draws = [_Draw(trial, model, seed) for seed in range(DRAWS)]
        for count in VERDICT_COUNTS:
            yield _point(trial, count, [draw.after(count) for draw in draws], [draw.after(0) for draw in draws])


class _Outcome(NamedTuple):
    given: int
    figures: Figures
    adaptation: Adaptation


class _Draw:
    """One partition of an application's sites, and one order of its verdicts."""

    def __init__(self, trial: Trial, model: TrainedModel, seed: int) -> None:
        chance = Random(seed)
        sites = sorted({example.site for example in trial.examples})
        chance.shuffle(sites)
        known = set(sites[: len(sites) // 2])
        probabilities = [model.probability(example.features) for example in trial.examples]
        pairs = list(zip(trial.examples, probabilities, strict=True))
        self._unseen = [pair for pair in pairs if pair[0].site not in known]
        asked = [(example, told) for example, told in pairs if example.site in known and not example.veto]
        chance.shuffle(asked)
        noisy = [
            Verdict(told, example.features, example.label != (chance.random() < NOISE), example.site)
            for example, told in asked
        ]
        self._verdicts = _in_turn(noisy, chance)
        self._known: dict[int, _Outcome] = {}

    def after(self, count: int) -> _Outcome:
        if count not in self._known:
            given = self._verdicts[:count]
            adaptation = adapt(given)
            scored = [
                Scored(0.0 if each.veto else 100.0 * adaptation.probability(told, each.features), each.label)
                for each, told in self._unseen
            ]
            self._known[count] = _Outcome(len(given), figures_of(scored, THRESHOLD), adaptation)
        return self._known[count]


def _in_turn(verdicts: Sequence[Verdict], chance: Random) -> list[Verdict]:
    """Mostly what is reported, now and then something else, as long as there are both."""
    reported = [each for each in verdicts if 100.0 * each.probability >= THRESHOLD]
    others = [each for each in verdicts if 100.0 * each.probability < THRESHOLD]
    ordered: list[Verdict] = []
    while reported or others:
        source = reported if reported and (not others or chance.random() < ON_FINDINGS) else others
        ordered.append(source.pop())
    return ordered


def _point(trial: Trial, count: int, found: Sequence[_Outcome], before: Sequence[_Outcome]) -> Point:
    worse = [
        after.figures.error_ratio > alone.figures.error_ratio + _HARM
        for after, alone in zip(found, before, strict=True)
    ]
    return Point(
        trial.application,
        trial.level,
        count,
        fmean(each.given for each in found),
        fmean(each.figures.error_ratio for each in found),
        fmean(each.figures.brier for each in found),
        fmean(each.figures.calibration_error for each in found),
        fmean(not each.adaptation.is_identity for each in found),
        fmean(worse),
    )
