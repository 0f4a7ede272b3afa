"""Where labelled groups come from: shipped, a corpus, or the user's own verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from ennead.cli import output
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ennead.domains.nplusone.levels import Level
    from ennead.domains.nplusone.model import GroupModel
    from ennead.store.labelled import LabelledFeatures
    from ennead.store.memory import Memory
    from ennead.training.examples import Example
    from ennead.training.tuning_labels import LabelledGroup

_OWN = "own"
_TUNED_THE_RULES = frozenset({"django-suite", "oscar", "sqlalchemy-suite", "wagtail"})
_OWN_NOTE = (
    "verdicts are given on what was shown: recall and false positives are those among shown findings, and a threshold "
    "below the one in force cannot be judged by them"
)


@dataclass(frozen=True, slots=True)
class Labels:
    """Labelled groups of all levels, with what is to be known of them."""

    groups: tuple[LabelledGroup, ...]
    origin: str
    """Where they come from, in words."""
    notes: tuple[str, ...] = ()
    """What they cannot show."""


def shipped_labels() -> Labels:
    """Those that travel with the package.

    Raises
    ------
    EnneadError
        There are none.
    """
    from ennead.training.tuning_labels import read_shipped

    groups = tuple(read_shipped())
    return Labels(groups, "shipped labels", tuple(_shipped_notes(groups)))


def _shipped_notes(groups: Sequence[LabelledGroup]) -> Iterator[str]:
    tuned = sorted({group.application for group in groups} & _TUNED_THE_RULES)
    if tuned:
        yield f"the rules were tuned on {', '.join(tuned)}: their figures are better there than on your project"
    if all(isnan(group.model) for group in groups):
        yield "the shipped labels have no scores of a model: the rules stand alone"


def corpus_labels(file: Path) -> Labels:
    """Those of a corpus.

    Raises
    ------
    EnneadError
        The file cannot be read, or is no corpus.
    """
    from ennead.training.tuning_labels import labels_of

    models = models_in_force()
    groups = labels_of(corpus_examples(file), models)
    return Labels(tuple(groups), f"corpus {output.shown_path(file)}", tuple(_adapted_note(models)))


def own_labels() -> Labels:
    """The user's verdicts.

    Raises
    ------
    EnneadError
        Nothing is remembered, or there is no verdict.
    """
    from ennead.training.tuning_labels import labels_of

    models = models_in_force()
    groups = tuple(labels_of(own_examples(), models))
    return Labels(groups, "your own verdicts", (_OWN_NOTE, *_adapted_note(models)))


def _adapted_note(models: Mapping[Level, GroupModel]) -> Iterator[str]:
    adapted = [level for level, model in models.items() if getattr(model, "adaptation", None) is not None]
    if adapted:
        yield f"the model was adapted at level {', '.join(adapted)}: on the labels it learnt from it looks too good"


def corpus_examples(file: Path) -> tuple[Example, ...]:
    """Read a corpus.

    Raises
    ------
    EnneadError
        The file cannot be read, or is no corpus.
    """
    from ennead.training.examples import read_examples

    output.check_readable(file)
    return tuple(read_examples(file))


def own_examples() -> tuple[Example, ...]:
    """The findings that the user judged, with what was known of their groups then.

    Raises
    ------
    EnneadError
        Nothing is remembered, there is no verdict, or SQLAlchemy is not installed.
    """
    memory = _memory()
    from ennead.store.labelled import labelled_features

    every = labelled_features(memory) if memory.database.exists else ()
    told = [each for each in every if each["code"] == "n-plus-one"]
    kept = [each for each in told if not all(map(isnan, each["features"].values()))]
    if not kept:
        without = f"; {len(told):,} have a verdict, but their queries were not kept" if told else ""
        message = f"no finding has a verdict to learn from{without}: ennead verdict FINDING useful|noise|wontfix"
        raise EnneadError(message)
    return tuple(map(_example, kept))


def _memory() -> Memory:
    """The memory of the project that one stands in."""
    from ennead.cli.memory import need_packages, project_memory

    try:
        need_packages()
    except ModuleNotFoundError as error:
        message = f"your own verdicts need {error.name}: pip install 'ennead[store]'"
        raise EnneadError(message) from error
    return project_memory()


def _example(told: LabelledFeatures) -> Example:
    from ennead.training.examples import Example

    return Example(
        application=_OWN,
        release="",
        unit="",
        rows=0,
        level=told["level"],
        site=told["pattern"],
        source="verdict",
        label=told["label"],
        baselines={"rules": told["confidence"]},
        veto="",
        features=told["features"],
    )


def models_in_force() -> Mapping[Level, GroupModel]:
    """The model of each level that has one."""
    from ennead.cli.project import nplusone_settings
    from ennead.domains.nplusone.levels import LEVELS
    from ennead.domains.nplusone.model import Models

    models = Models(nplusone_settings().models)
    found = {level: models.at(level) for level in LEVELS}
    return {level: model for level, model in found.items() if model is not None}
