"""Every decider's answer on every labelled group of applications that no model was trained on."""

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError
from ennead.training.examples import BASELINES, Example, read_examples
from ennead.training.figures import Figures, Scored, figures_of
from ennead.training.trained_model import TrainedModel, train

CORPUS = Path(__file__).with_name("corpus")
SPLIT = Path(__file__).with_name("split.toml")
MOST_GENERATED = 1_500
"""At each level, about: they count little together, and more of them only take time."""
Protocol = Literal["held-out", "leave-one-out"]
THRESHOLDS: Mapping[str, float] = {
    **dict.fromkeys(BASELINES, 50.0),
    "logistic": 60.0,
    "trees": 60.0,
    "trees alone": 60.0,
}
"""By decider: `ENNEAD_MIN_CONFIDENCE` for the rules, `NPLUSONE_ML_CONFIDENCE_THRESHOLD` for models.

The rules' look-alikes stand whoever decides, so a model's answer counts where none of them explains the group;
"trees alone" is the model without them.
"""


class Split(NamedTuple):
    """Of the applications, as it was committed before any model was trained."""

    training: Sequence[str]
    evaluation: Sequence[str]
    tuned_the_rules: Sequence[str]


@dataclass(frozen=True)
class Corpus:
    """All labelled groups."""

    applications: Sequence[Example]
    scenarios: Sequence[Example]
    generated: Sequence[Example]

    def at(self, level: Level, applications: Sequence[str]) -> list[Example]:
        """Examples of real applications."""
        return [each for each in self.applications if each.level == level and each.application in applications]

    def made(self, level: Level) -> list[Example]:
        """Examples that are always learnt from: scenarios and generated ones, the latter evenly if there are many."""
        generated = [each for each in self.generated if each.level == level]
        kept = generated[:: max(len(generated) // MOST_GENERATED, 1)]
        return [*(each for each in self.scenarios if each.level == level), *kept]

    @property
    def names(self) -> list[str]:
        """The applications."""
        return sorted({each.application for each in self.applications})


class Trial(NamedTuple):
    """One application that was held out, at one level."""

    protocol: Protocol
    level: Level
    application: str
    examples: Sequence[Example]
    confidences: Mapping[str, Sequence[float]]
    """By decider, one for each example, 0 to 100."""

    def scored(self, decider: str) -> list[Scored]:
        """Its confidences with the labels."""
        told = zip(self.confidences[decider], self.examples, strict=True)
        return [Scored(confidence, example.label) for confidence, example in told]

    def figures(self, decider: str) -> Figures:
        """At the decider's threshold."""
        return figures_of(self.scored(decider), THRESHOLDS[decider])

    def is_right(self, decider: str, number: int) -> bool:
        """Whether the answer about one example is right."""
        flagged = self.confidences[decider][number] >= THRESHOLDS[decider]
        return flagged == self.examples[number].label


def read_split() -> Split:
    return Split(**tomllib.loads(SPLIT.read_text(encoding="utf-8")))


def read_corpus(folder: Path = CORPUS) -> Corpus:
    """Read what `python -m bench.ml.corpus` derived.

    Raises
    ------
    EnneadError
        A file is missing.
    """
    return Corpus(*(_read(folder / f"{name}.csv") for name in ("applications", "scenarios", "generated")))


def _read(path: Path) -> list[Example]:
    if not path.exists():
        message = f"{path} is missing: python -m bench.ml.corpus"
        raise EnneadError(message)
    return list(read_examples(path))


def read_other_sizes(folder: Path = CORPUS) -> Corpus | None:
    """The evaluation applications at data sizes that no model has seen, if they were derived."""
    path = folder / "other_sizes.csv"
    return Corpus(list(read_examples(path)), (), ()) if path.exists() else None


def train_on(corpus: Corpus, level: Level, applications: Sequence[str]) -> dict[str, TrainedModel]:
    """Trees and the logistic baseline, trained on some applications, the scenarios and what was generated."""
    examples = [*corpus.at(level, applications), *corpus.made(level)]
    return {"trees": train(examples, "trees"), "logistic": train(examples, "logistic")}


def held_out(corpus: Corpus, split: Split, models: Mapping[Level, Mapping[str, TrainedModel]]) -> Iterator[Trial]:
    """The evaluation applications, by models of the training applications."""
    for level in LEVELS:
        for application in split.evaluation:
            examples = corpus.at(level, [application])
            if examples:
                yield Trial("held-out", level, application, examples, confidences(examples, models[level]))


def leave_one_out(corpus: Corpus) -> Iterator[Trial]:
    """Each application, by a model of all others; scenarios and generated examples are always learnt from."""
    for level in LEVELS:
        for application in corpus.names:
            examples = corpus.at(level, [application])
            if not examples:
                continue
            print(f"{level}: without {application} ...", file=sys.stderr, flush=True)
            models = train_on(corpus, level, [name for name in corpus.names if name != application])
            yield Trial("leave-one-out", level, application, examples, confidences(examples, models))


def confidences(examples: Sequence[Example], models: Mapping[str, TrainedModel]) -> dict[str, list[float]]:
    """Of every decider, by name."""
    told = {name: [example.baselines[name] for example in examples] for name in BASELINES}
    for name, model in models.items():
        alone = [100.0 * model.probability(example.features) for example in examples]
        told[name] = [0.0 if example.veto else value for value, example in zip(alone, examples, strict=True)]
        if name == "trees":
            told["trees alone"] = alone
    return told


def all_of(trials: Sequence[Trial]) -> dict[Level, Trial]:
    """The trials of each level as one, over all applications."""
    by_level: defaultdict[Level, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_level[trial.level].append(trial)
    return {level: _merged(level, members) for level, members in by_level.items()}


def _merged(level: Level, trials: Sequence[Trial]) -> Trial:
    examples = [example for trial in trials for example in trial.examples]
    told = {name: [value for trial in trials for value in trial.confidences[name]] for name in THRESHOLDS}
    return Trial(trials[0].protocol, level, "all", examples, told)
