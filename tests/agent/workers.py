"""What threads and tasks run in the tests, and what a unit of work says about who ran it."""

from __future__ import annotations

import asyncio

from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import Recording
from tests.agent.library import execute, path_of

QUERY = "SELECT name FROM customer WHERE id = ?"


def load(number: int = 0) -> int:
    execute(QUERY, (number,))
    return number


async def aload(number: int = 0) -> int:
    await asyncio.sleep(0)
    execute(QUERY, (number,))
    return number


def unit_of(recording: Recording) -> UnitOfWork:
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return recording.unit


def functions_of(unit: UnitOfWork) -> list[list[str]]:
    """The innermost names of the functions on each hit's path, the access first."""
    return [[place.function.rpartition(".")[2] for place in path_of(hit)] for hit in unit.hits]
