"""Trials made by hand."""

from collections.abc import Sequence

from bench.ml.evaluation import THRESHOLDS, Trial
from ennead.domains.nplusone.levels import Level
from tests.training.labelled import example


def trial(
    labels: Sequence[bool], rules: Sequence[float], trees: Sequence[float], level: Level = "sql", name: str = "shop"
) -> Trial:
    """Of rules and trees; the other deciders say nothing."""
    examples = [example(label, application=name, site=f"s{number}") for number, label in enumerate(labels)]
    silent = dict.fromkeys(THRESHOLDS, [0.0] * len(labels))
    return Trial("held-out", level, name, examples, {**silent, "rules": list(rules), "trees": list(trees)})
