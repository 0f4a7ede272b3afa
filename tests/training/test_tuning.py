from __future__ import annotations

import json
from math import nan

from ennead.training.recommendation import Targets
from ennead.training.tuning import Tuning, tune, tuning_to_dict
from ennead.training.tuning_labels import Decider, LabelledGroup

IN_FORCE: dict[Decider, float] = {"rules": 50.0, "model": 60.0}


def groups(
    *, positives: int = 40, negatives: int = 80, model: bool = True, application: str = "shop"
) -> list[LabelledGroup]:
    """The model tells all apart; the rules take the first look-alike for an N+1."""
    yes = [LabelledGroup("full", application, label=True, rules=80.0, model=90.0 if model else nan)] * positives
    first = LabelledGroup("full", application, label=False, rules=62.0, model=20.0 if model else nan)
    no = [first, *[first._replace(rules=0.0)] * (negatives - 1)] if negatives else []
    return [*yes, *no]


def tuned(labelled: list[LabelledGroup], targets: Targets | None = None, notes: tuple[str, ...] = ()) -> Tuning:
    return tune(labelled, "full", "made up", targets or Targets(), IN_FORCE, notes)


def test_rules_and_model_side_by_side() -> None:
    tuning = tuned(groups())
    rules, model = tuning.deciders
    assert (rules.decider, model.decider) == ("rules", "model")
    assert (rules.now.threshold, rules.now.false_positives) == (50.0, 1)
    assert (model.now.threshold, model.now.false_positives) == (60.0, 0)
    assert [point.threshold for point in rules.rows] == [50.0, 60.0, 70.0, 80.0]
    assert [point.false_positives for point in rules.rows] == [1, 1, 0, 0]
    assert rules.recommendation is not None
    assert rules.recommendation.threshold == 63.0
    assert model.average_precision == 1.0
    assert tuning.warnings == ()


def test_other_levels_are_left_out() -> None:
    other = [group._replace(level="sql") for group in groups()]
    tuning = tuned([*groups(positives=35, negatives=70), *other])
    assert (tuning.positive_count, tuning.negative_count) == (35, 70)
    assert tuned(other).deciders == ()


def test_without_a_model_the_rules_stand_alone() -> None:
    assert [each.decider for each in tuned(groups(model=False)).deciders] == ["rules"]


def test_few_labels_are_warned_of() -> None:
    few = tuned(groups(positives=20, negatives=30)).warnings
    assert len(few) == 2
    assert few[0].startswith("few look-alikes (30): it takes 60 without a false alarm")
    assert few[1].startswith("few N+1s (20): it takes 30 without a false alarm")
    assert len(tuned(groups(positives=30, negatives=60)).warnings) == 0
    assert len(tuned(groups(positives=30, negatives=60), Targets(0.99, 0.05)).warnings) == 1


def test_without_positives_or_negatives_it_is_told() -> None:
    (no_positives,) = tuned(groups(positives=0)).warnings
    (no_negatives,) = tuned(groups(negatives=0)).warnings
    assert "no labelled N+1" in no_positives
    assert "no labelled look-alike" in no_negatives
    assert tuned(groups(positives=0)).deciders[0].recommendation is None


def test_notes_come_first() -> None:
    assert tuned(groups(positives=0), notes=("of shown findings",)).warnings[0] == "of shown findings"


def test_json_is_json() -> None:
    for labelled in (groups(), groups(positives=0), groups(negatives=0), []):
        text = json.dumps(tuning_to_dict(tuned(labelled)), allow_nan=False)
        assert json.loads(text)["level"] == "full"
    document = tuning_to_dict(tuned(groups()))
    rules, model = document["deciders"]
    assert (rules["setting"], model["setting"]) == ("ENNEAD_MIN_CONFIDENCE", "NPLUSONE_ML_CONFIDENCE_THRESHOLD")
    assert [row["threshold"] for row in model["thresholds"]] == [50.0, 60.0, 70.0, 80.0]
    assert model["recommendation"]["threshold"] == 60.0
    assert model["recommendation"]["interval"] == [60.0, 60.0]
    assert len(rules["curve"]) == 4


def test_five_applications_are_resampled_as_wholes() -> None:
    labelled = [group for name in "abcde" for group in groups(positives=10, negatives=20, application=name)]
    assert _resampled(tuned(labelled)) == {"applications"}
    assert _resampled(tuned(groups())) == {"groups"}


def _resampled(tuning: Tuning) -> set[str]:
    return {each.recommendation.resampled for each in tuning.deciders if each.recommendation}
