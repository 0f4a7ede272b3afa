"""What an application's requests are told of: each finding as its story, by the lines of the source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import ennead
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import UnitOfWork
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.service import NPlusOneDetectionService
from tests.sources.listening import units_of_work


class Story(NamedTuple):
    """A finding: the relation, how many queries for how many rows, and the lines of origin, loop and access."""

    relation: str | None
    query_count: int
    row_count: int | None
    origin: str | None
    loop: str | None
    access: str | None


@contextmanager
def observed() -> Iterator[list[UnitOfWork]]:
    """The units of work that end meanwhile, with everything hooked as :func:`ennead.install` does."""
    ennead.install()
    with units_of_work() as units:
        yield units


def findings_of(unit: UnitOfWork) -> tuple[ennead.Finding, ...]:
    """What the rules find in a unit of work."""
    assert unit.internal_error_count == 0
    return NPlusOneDetectionService().analyze(QueryExecutionContext.from_raw(snapshot(unit))).findings


def story_of(finding: ennead.Finding) -> Story:
    """The finding as its story."""
    places = (finding.origin, finding.loop, finding.call_site)
    sources = (None if place is None else place.source for place in places)
    return Story(finding.relation, finding.query_count, finding.origin_row_count, *sources)


def stories_of(unit: UnitOfWork) -> list[Story]:
    """The findings of a unit of work as their stories."""
    return [story_of(finding) for finding in findings_of(unit)]
