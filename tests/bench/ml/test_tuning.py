from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bench.ml.tuning import held_out, out_of_fold, scored
from ennead.training.examples import Example, Source
from ennead.training.tuning_labels import LabelledGroup

if TYPE_CHECKING:
    from bench.ml.evaluation import Trial
    from ennead.training.trained_model import TrainedModel


def example(source: Source = "read", veto: str = "") -> Example:
    return Example("shop", "1", "", 6, "sql", "s", source, True, {"rules": 62.0}, veto, {})  # noqa: FBT003 -- the label


@dataclass
class Halved:
    """A model that halves each score, and gives whatever it has not seen 30 %."""

    held_out: tuple[tuple[Example, float], ...] = ()

    @property
    def calibration(self) -> Halved:
        return self

    def probability(self, score: object) -> float:
        return score / 2 if isinstance(score, float) else 0.3


@dataclass
class Told:
    examples: list[Example]
    confidences: dict[str, list[float]]
    level: str = "sql"


FLAGGED = LabelledGroup("sql", "shop", label=True, rules=62.0, model=40.0)


def test_scores_out_of_fold_are_calibrated_and_scenarios_are_no_measure() -> None:
    model = cast("TrainedModel", Halved(((example(), 0.8), (example("scenario"), 0.8), (example(veto="pages"), 0.8))))
    assert list(out_of_fold("sql", model)) == [FLAGGED, FLAGGED._replace(rules=0.0, model=0.0)]


def test_held_out_applications_keep_the_confidence_of_the_trial() -> None:
    trial = cast("Trial", Told([example(), example(veto="pages")], {"trees": [40.0, 0.0]}))
    assert list(held_out(trial)) == [FLAGGED, FLAGGED._replace(rules=0.0, model=0.0)]
    assert list(scored("sql", [example()], cast("TrainedModel", Halved()))) == [FLAGGED._replace(model=30.0)]
