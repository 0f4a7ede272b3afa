"""Listening to the units of work that end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import AGENT


@contextmanager
def units_of_work() -> Iterator[list[UnitOfWork]]:
    """The units of work that end meanwhile."""
    ended: list[UnitOfWork] = []
    AGENT.add_listener(ended.append)
    try:
        yield ended
    finally:
        AGENT.remove_listener(ended.append)


def texts(unit: UnitOfWork) -> list[str]:
    """The statements that were recorded."""
    assert unit.internal_error_count == 0
    return [hit.site.statement.sql for hit in unit.hits]


def wait_for(units: list[UnitOfWork], count: int) -> list[UnitOfWork]:
    """Wait until ``count`` units have ended in other threads."""
    deadline = time.monotonic() + 10
    while len(units) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    assert len(units) == count
    return units
