"""From recorded units of work and what is known of their groups to examples at the three levels of evidence.

Candidates are reads that ran at least twice. A truth is told about the groups of the full recording; with less evidence
several call paths fall into one group, which is an N+1 if one of them is.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.features import QueryFeatureExtractor
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.levels import LEVELS, Level, reduce_to
from ennead.training.baselines import Baselines
from ennead.training.examples import Example, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext

_MIN_COUNT = 2
_EXTRACTOR = QueryFeatureExtractor()


class Truth(NamedTuple):
    """What is known of one group."""

    is_n_plus_one: bool
    source: Source


class Unit(NamedTuple):
    """Where a context comes from."""

    application: str
    release: str
    name: str
    """The action or scenario."""
    rows: int = 0
    """Data size; 0 where there is none."""


def examples_of(
    context: QueryExecutionContext,
    truth_of: Callable[[QueryGroup], Truth | None],
    unit: Unit,
    levels: Iterable[Level] = LEVELS,
) -> Iterator[Example]:
    """The examples of one unit of work.

    Parameters
    ----------
    context
        As it was recorded.
    truth_of
        Asked about each group of the recording; ``None`` says that nobody knows, and leaves the group out.
    unit
        Where it comes from.
    levels
        The levels of evidence to derive.
    """
    truths = {group: truth_of(group) for group in group_queries(context) if group.first.is_read}
    by_index = {index: truth for group, truth in truths.items() for index in group.indexes}
    by_level = {level: reduce_to(context, level) for level in levels}
    for level, reduced in by_level.items():
        baselines = Baselines(reduced)
        for group in candidates(reduced):
            truth = _of_all(by_index, group)
            if truth is not None:
                yield _example(group, truth, unit, level, baselines)


def candidates(context: QueryExecutionContext) -> Iterator[QueryGroup]:
    """The groups that can be examples."""
    return (group for group in group_queries(context) if group.first.is_read and group.count >= _MIN_COUNT)


def site_of(application: str, group: QueryGroup) -> str:
    """Hash of the application, the statement and the functions of the call path: the same in each release and run.

    Lines are not in it, nor folders: both differ between releases.
    """
    functions = (f"{site.module}:{site.function}" for site in group.call_path)
    text = "\n".join((application, group.first.statement_fingerprint, *functions))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def merge_duplicates(examples: Iterable[Example], at_most: int = 3) -> list[Example]:
    """Keep a few examples of each call site, label, level and data size, from as many units and releases as there are.

    The order of what is kept is that of the examples.
    """
    by_site: defaultdict[tuple[object, ...], list[Example]] = defaultdict(list)
    everything = list(examples)
    for example in everything:
        by_site[example.application, example.site, example.level, example.rows, example.label].append(example)
    kept = {id(example) for same in by_site.values() for example in _spread(same)[:at_most]}
    return [example for example in everything if id(example) in kept]


def _spread(examples: Sequence[Example]) -> list[Example]:
    """Those first whose unit and release have had fewest; among equals by a hash, so that no order is favoured."""
    units: Counter[str] = Counter()
    releases: Counter[str] = Counter()
    left = sorted(examples, key=_shuffled)
    ordered: list[Example] = []
    while left:
        chosen = min(left, key=lambda example: (units[example.unit], releases[example.release]))
        left.remove(chosen)
        ordered.append(chosen)
        units[chosen.unit] += 1
        releases[chosen.release] += 1
    return ordered


def _shuffled(example: Example) -> str:
    return hashlib.sha256(f"{example.release}\n{example.unit}\n{example.site}".encode()).hexdigest()


def _of_all(by_index: Mapping[int, Truth | None], group: QueryGroup) -> Truth | None:
    """An N+1 if a part is one, unknown if a part is unknown and none is one."""
    truths = [by_index.get(index) for index in group.indexes]
    positive = next((truth for truth in truths if truth is not None and truth.is_n_plus_one), None)
    if positive is not None or None in truths:
        return positive
    return truths[0]


def _example(group: QueryGroup, truth: Truth, unit: Unit, level: Level, baselines: Baselines) -> Example:
    confidence, veto = baselines.rules(group)
    return Example(
        application=unit.application,
        release=unit.release,
        unit=unit.name,
        rows=unit.rows,
        level=level,
        site=site_of(unit.application, group),
        source=truth.source,
        label=truth.is_n_plus_one,
        baselines={"rules": confidence, **baselines.confidences(group)},
        veto=veto,
        features=_EXTRACTOR.extract_group(group),
    )
