"""`python -m bench.ml.tuning`: the labels that `ennead tune` measures on, each scored by a model that never saw it.

`python -m bench.ml --train` writes them, too, with the models that ship.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.ml.environment import run_where_lightgbm_is
from bench.ml.evaluation import Trial
from ennead.training.tuning_labels import LabelledGroup, write_labels

SHIPPED = Path(__file__).parents[2] / "src" / "ennead" / "domains" / "nplusone" / "models" / "tuning.csv"
MOST_BYTES = 300_000


def main() -> None:
    run_where_lightgbm_is("bench.ml.tuning")
    from bench.ml.evaluation import leave_one_out, read_corpus  # they import what trains

    lines = write_tuning(leave_one_out(read_corpus()))
    print(f"{SHIPPED.name}: {lines:,} lines, {SHIPPED.stat().st_size:,} bytes")


def write_tuning(trials: Iterable[Trial], file: Path = SHIPPED) -> int:
    """Write the answers of rules and trees on each application, by models of all others; returns the lines."""
    lines = write_labels(file, (group for trial in trials for group in labelled(trial)))
    assert file.stat().st_size < MOST_BYTES, f"{file} has {file.stat().st_size:,} bytes"
    return lines


def labelled(trial: Trial) -> Iterator[LabelledGroup]:
    """What was said of each group; what the rules take for a look-alike is not flagged, whoever decides."""
    told = zip(trial.examples, trial.confidences["rules"], trial.confidences["trees"], strict=True)
    for example, rules, model in told:
        yield LabelledGroup(trial.level, trial.application, example.label, rules, model)


if __name__ == "__main__":
    main()
