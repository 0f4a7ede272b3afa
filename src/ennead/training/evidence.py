"""The kinds of evidence that the group features come from: what can be taken away from a model, to see what is left."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan
from typing import TYPE_CHECKING

from ennead.domains.nplusone.group_features import GROUP_FEATURES
from ennead.domains.nplusone.sequence_features import SEQUENCE_FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ennead.training.examples import Example

_TIMES = (
    "share_of_database_time",
    "gap_regularity",
    "burst_density",
    "log_mean_duration",
    "duration_variation",
    "log_median_pause",
)
_PARAMETERS = (
    "distinct_parameter_ratio",
    "top_parameter_share",
    "same_as_previous_ratio",
    "shared_parameter_ratio",
    "interleaved_distinct_ratio",
    "varies_by_key",
    "varies_by_page",
    "varies_by_list",
    "varying_ratio",
    "largest_list",
)
_ROWS = ("mean_rows", "single_row_ratio", "last_differs", "log_earlier_rows", "rows_match")
_ORM = ("lazy_load_ratio", "is_relation", "is_eager", "is_to_one")
_PROVENANCE = ("supplied_ratio", "origin_supplied_ratio", "origin_rows", "chain_ratio")
_PLACES = ("call_path_depth", "loop_over_rows", "loop_over_steps", "loop_over_constants", "loop_asks")
_COUNTS = ("log_count", "count_to_largest", "companion_count", "share_of_queries")
_NAMED = {*_TIMES, *_PARAMETERS, *_ROWS, *_ORM, *_PROVENANCE, *_PLACES, *_COUNTS}
_SEQUENCE = {spec.name for spec in SEQUENCE_FEATURES}

EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "counts": _COUNTS,
    "times": _TIMES,
    "order": tuple(spec.name for spec in SEQUENCE_FEATURES if spec.name not in _NAMED),
    "form": tuple(spec.name for spec in GROUP_FEATURES if spec.name not in _NAMED | _SEQUENCE),
    "parameters": _PARAMETERS,
    "rows": _ROWS,
    "orm": _ORM,
    "provenance": _PROVENANCE,
    "places": _PLACES,
}
"""Each feature stands in one kind."""
MAY_LACK = ("rows", "orm", "provenance", "places")
"""Kinds that an agent may not have, driver by driver, though it has others."""


def without(features: Iterable[str], kind: str) -> tuple[str, ...]:
    """The features that are left without one kind of evidence."""
    gone = set(EVIDENCE[kind])
    return tuple(name for name in features if name not in gone)


def with_less_evidence(examples: Iterable[Example]) -> Iterator[Example]:
    """Of each example one copy that lacks a kind of evidence which it has, each kind in turn.

    Missing evidence is normal, and a model that never saw it missing would take a gap for whatever it was trained on.
    """
    for number, example in enumerate(examples):
        kind = MAY_LACK[number % len(MAY_LACK)]
        if not all(isnan(example.features[name]) for name in EVIDENCE[kind]):
            yield replace(example, features={**example.features, **dict.fromkeys(EVIDENCE[kind], nan)})
