"""Candidates for a finding of Django's ORM, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.django.admin_joins import admin_joins
from ennead.fixes.django.batched_writes import batched_writes
from ennead.fixes.django.collection_loads import collection_loads
from ennead.fixes.django.declared_rows import declared_rows
from ennead.fixes.django.deferred_columns import loaded_columns
from ennead.fixes.django.hoisted_lookups import hoisted_lookups
from ennead.fixes.django.late_prefetches import fetch_modes, late_prefetches
from ennead.fixes.django.loaded_relations import relation_loads
from ennead.fixes.django.neighbouring_rows import neighbouring_rows
from ennead.fixes.django.own_model import own_model_loads
from ennead.fixes.django.refreshed_rows import refreshed_rows
from ennead.fixes.django.repeated_queries import repeated_queries
from ennead.fixes.django.tree_walks import tree_walks, walks_a_tree
from ennead.fixes.django.view_rows import view_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

    Strategy = Callable[[Finding, ProjectSources], Iterator[Candidate]]

MAX_CANDIDATES = 6
STRATEGIES: tuple[Strategy, ...] = (
    loaded_columns,
    relation_loads,
    collection_loads,
    refreshed_rows,
    hoisted_lookups,
    neighbouring_rows,
    batched_writes,
    repeated_queries,
)
"""In order of likelihood; one that does not apply yields nothing."""


def propose(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Ways to repair a finding of Django's ORM at the origin of its rows.

    Parameters
    ----------
    finding
        Its call sites must be those of ``sources``.
    sources
        The project as it stands.

    Yields
    ------
    Candidate
        At most :data:`MAX_CANDIDATES`; each has the whole new text of the files that it changes.
    """
    seen: list[dict[str, str]] = []
    for candidate in _all(finding, sources):
        files = dict(candidate.files)
        if files in seen or all(sources.text(file) == text for file, text in files.items()):
            continue
        seen.append(files)
        yield candidate
        if len(seen) == MAX_CANDIDATES:
            return


def _all(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    if walks_a_tree(finding):
        yield from tree_walks(finding, sources)
        return
    yield from admin_joins(finding, sources)
    for strategy in STRATEGIES:
        yield from strategy(finding, sources)
    yield from own_model_loads(finding, sources)
    for rows in (declared_rows, view_rows):
        for moved, changed in rows(finding, sources):
            for strategy in STRATEGIES:
                yield from strategy(moved, changed)
    yield from late_prefetches(finding, sources)
    yield from fetch_modes(finding, sources)
