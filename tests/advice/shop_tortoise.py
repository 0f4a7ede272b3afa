"""The shop of the source's tests with Tortoise ORM on SQLite, for trials of advice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tortoise import Tortoise

from tests.sources.tortoise import shop
from tests.sources.tortoise.shop import Country, Customer, Line, Node, Order, Product, Tag

__all__ = ["Country", "Customer", "Line", "Node", "Order", "Product", "Tag"]

_LOOP = asyncio.new_event_loop()


def run(trial: Coroutine[Any, Any, object]) -> object:
    """Run a trial to its end, on the loop that the database was opened on."""
    return _LOOP.run_until_complete(trial)


def fill() -> None:
    """Four orders with three lines and two tags each; a tree of seven nodes."""
    run(_fill())


async def _fill() -> None:
    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": [shop.__name__]}, _enable_global_fallback=True)
    await Tortoise.generate_schemas()
    await shop.fill()
    parents: list[Any] = [None]
    for number in range(7):
        parents.append(await Node.create(name=f"node {number}", parent=parents[(number + 1) // 2]))


def close() -> None:
    """Leave no thread behind."""
    run(Tortoise.close_connections())
    _LOOP.close()


class _Notes(logging.Handler):
    def __init__(self, statements: list[Any]) -> None:
        super().__init__()
        self._statements = statements

    def emit(self, record: logging.LogRecord) -> None:
        self._statements.append(record.getMessage())


@contextmanager
def count() -> Iterator[list[Any]]:
    """The statements that are executed, as Tortoise logs them."""
    statements: list[Any] = []
    logger, notes = logging.getLogger("tortoise.db_client"), _Notes(statements)
    logger.addHandler(notes)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.removeHandler(notes)
        logger.setLevel(logging.NOTSET)
