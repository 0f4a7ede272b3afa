"""Deciders on held-out applications: the split, the look-alikes, and what is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bench.ml.evaluation import Corpus, all_of, confidences, held_out, read_corpus, read_split
from ennead.kernel.errors import EnneadError
from ennead.training.examples import Example, write_examples
from ennead.training.trained_model import TrainedModel
from tests.bench.ml.labelled_trials import trial
from tests.training.labelled import example


@dataclass
class Fixed:
    """A model that is always as sure."""

    told: float

    def probability(self, features: Mapping[str, float]) -> float:
        return self.told


MODELS = cast("dict[str, TrainedModel]", {"trees": Fixed(0.7), "logistic": Fixed(0.4)})


def _corpus(*applications: Example, generated: int = 0) -> Corpus:
    made = [example(label=True, application="generated", source="generated")] * generated
    return Corpus(applications, [example(label=False, application="suite", source="scenario")], made)


def test_nothing_is_both_learnt_from_and_measured() -> None:
    split = read_split()
    assert set(split.training).isdisjoint(split.evaluation)
    assert set(split.tuned_the_rules) <= set(split.training)


def test_a_look_alike_stands_beside_a_model() -> None:
    examples = [example(label=True), replace(example(label=False), veto="pages")]
    told = confidences(examples, MODELS)
    assert told["trees"] == pytest.approx([70.0, 0.0])
    assert told["logistic"] == pytest.approx([40.0, 0.0])
    assert told["trees alone"] == pytest.approx([70.0, 70.0])


def test_only_evaluation_applications_are_held_out() -> None:
    split = read_split()
    corpus = _corpus(*(example(label=True, application=name) for name in (*split.training, *split.evaluation)))
    models: dict[Any, Any] = dict.fromkeys(("full", "sql", "spans"), MODELS)
    trials = list(held_out(corpus, split, models))
    assert [found.application for found in trials] == list(split.evaluation)
    assert {found.level for found in trials} == {"sql"}


def test_many_generated_examples_are_thinned_out() -> None:
    assert len(_corpus(generated=10).made("sql")) == 11
    assert len(_corpus(generated=4_500).made("sql")) == 1 + 1_500


def test_trials_of_a_level_are_one_over_all_groups() -> None:
    whole = all_of(
        [trial([True], [90.0], [10.0], name="a"), trial([False, True], [90.0, 90.0], [10.0, 90.0], name="b")]
    )
    assert whole["sql"].figures("rules").error_count == 1
    assert whole["sql"].figures("trees").error_count == 1
    assert len(whole["sql"].examples) == 3


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    write_examples(tmp_path / "applications.csv", [example(label=True)])
    with pytest.raises(EnneadError, match=r"scenarios\.csv is missing: python -m bench\.ml\.corpus"):
        read_corpus(tmp_path)
