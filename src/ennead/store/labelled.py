"""Findings with a verdict as labelled examples: what ``ennead train`` and ``ennead tune`` learn from."""

from __future__ import annotations

from hashlib import blake2b
from math import nan
from typing import TYPE_CHECKING, TypedDict

from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import Level
from ennead.store.verdicts import labels_of, read_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.store.memory import Memory


class LabelledFeatures(TypedDict):
    """One finding with a verdict: no statement, no name, no place, no value."""

    pattern: str
    """The pattern's hash: examples of one pattern never straddle a split."""
    project: str
    """Hash of the project's name."""
    code: str
    """``n-plus-one``, ``repeated-query`` or ``write-n-plus-one``."""
    level: Level
    label: bool
    """Whether it is worth reporting: ``useful`` and ``wontfix`` say so, ``noise`` does not."""
    share: float
    """How far its verdicts agree, 0 to 1: the label is whether they are at least 0.5."""
    confidence: float
    """0-100, what was said of it when it was judged."""
    features: Mapping[str, float]
    """By name of the group features; ``nan`` where the evidence was missing, all of them where it was not kept."""


def labelled_features(memory: Memory) -> Iterator[LabelledFeatures]:
    """The findings with verdicts, one example for each pattern, those first whose last verdict is oldest.

    Verdicts that were undone are not among them. Nothing is learnt from a single click: whoever learns from these
    decides how many it takes.

    Parameters
    ----------
    memory
        Of the project: :func:`ennead.store.memory.open_memory`.
    """
    project = blake2b(memory.project.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    for told in labels_of(memory):
        known = read_features(told.features)
        yield LabelledFeatures(
            pattern=told.judged.pattern,
            project=project,
            code=told.code,
            level=told.level,
            label=told.judged.share >= 0.5,  # noqa: PLR2004 -- as many votes for it as against it
            share=told.judged.share,
            confidence=told.judged.confidence,
            features={spec.name: known.get(spec.name, nan) for spec in GROUP_FEATURES},
        )
