"""`python -m bench.ml.tuning`: the labels that `ennead tune` measures on, each scored by a model that never saw it.

Those of the training applications are scored out of fold, those of the evaluation applications by the models that
ship. The scenarios are no measure: they are not distributed as applications are. `python -m bench.ml --train` writes
the file, too, with the models that ship.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ml.environment import run_where_lightgbm_is
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.training.examples import Example
from ennead.training.tuning_labels import LabelledGroup, write_labels

if TYPE_CHECKING:
    from bench.ml.evaluation import Trial
    from ennead.training.trained_model import TrainedModel

SHIPPED = Path(__file__).parents[2] / "src" / "ennead" / "domains" / "nplusone" / "models" / "tuning.csv"
MOST_BYTES = 300_000


def main() -> None:
    run_where_lightgbm_is("bench.ml.tuning")
    from bench.ml.evaluation import read_corpus, read_split  # they import what trains
    from bench.ml.shipping import learnt_from
    from ennead.training.trained_model import train

    corpus, split = read_corpus(), read_split()
    groups: list[LabelledGroup] = []
    for level in LEVELS:
        print(f"training at level {level} ...", file=sys.stderr, flush=True)
        model = train(learnt_from(corpus, split, level))
        groups += [*out_of_fold(level, model), *scored(level, corpus.at(level, split.evaluation), model)]
    lines = _write(groups)
    print(f"{SHIPPED.name}: {lines:,} lines, {SHIPPED.stat().st_size:,} bytes")


def write_tuning(models: "Mapping[Level, TrainedModel]", trials: "Sequence[Trial]") -> int:
    """Write what rules and trees say of applications that the trees never saw; returns the number of lines."""
    groups = [group for level, model in models.items() for group in out_of_fold(level, model)]
    return _write([*groups, *(group for trial in trials for group in held_out(trial))])


def _write(groups: Iterable[LabelledGroup]) -> int:
    lines = write_labels(SHIPPED, groups)
    assert SHIPPED.stat().st_size < MOST_BYTES, f"{SHIPPED} has {SHIPPED.stat().st_size:,} bytes"
    return lines


def out_of_fold(level: Level, model: "TrainedModel") -> Iterator[LabelledGroup]:
    """The training applications, each by a model of the others."""
    for example, score in model.held_out:
        if example.source != "scenario":
            yield _labelled(level, example, 100.0 * model.calibration.probability(score))


def held_out(trial: "Trial") -> Iterator[LabelledGroup]:
    """An evaluation application, by the model of all training applications."""
    for example, confidence in zip(trial.examples, trial.confidences["trees"], strict=True):
        yield _labelled(trial.level, example, confidence)


def scored(level: Level, examples: Iterable[Example], model: "TrainedModel") -> Iterator[LabelledGroup]:
    """The same, without a trial."""
    for example in examples:
        yield _labelled(level, example, 100.0 * model.probability(example.features))


def _labelled(level: Level, example: Example, confidence: float) -> LabelledGroup:
    """What the rules take for a look-alike is not flagged, whoever decides."""
    rules, model = (0.0, 0.0) if example.veto else (example.baselines["rules"], confidence)
    return LabelledGroup(level, example.application, example.label, rules, model)


if __name__ == "__main__":
    main()
