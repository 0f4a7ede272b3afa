"""SQLAlchemy's cases, on the models of the detection suite."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.detection.scenario import load_suite
from bench.overhead.case import LOADS, ROWS, SELECTS, Case


@contextmanager
def set_up() -> Iterator[None]:
    """Fresh databases, each of the main tables with as many rows as a case loads."""
    suite = load_suite("bench.detection.sqlalchemy_suite")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        suite.set_up(Path(directory), ROWS)
        yield
        from bench.detection.sqlalchemy_suite.database import close_databases

        close_databases()


def cases() -> tuple[Case, ...]:
    """All cases; after `set_up`."""
    return (
        Case("SQLAlchemy, lazy load in a loop", LOADS, lambda: accounts(LOADS), customers_of),
        Case("SQLAlchemy, Core SELECT 1", SELECTS, _connection, _select_one),
    )


def accounts(count: int) -> Any:
    from sqlalchemy import select

    from bench.detection.sqlalchemy_suite.database import Session
    from bench.detection.sqlalchemy_suite.models import Account

    session = Session()
    return session, session.scalars(select(Account).order_by(Account.id).limit(count)).all()


def customers_of(loaded: Any) -> None:
    session, rows = loaded
    for account in rows:
        account.customer  # noqa: B018 -- the access is the lazy load
    session.close()


def _connection() -> Any:
    from sqlalchemy import text

    from bench.detection.sqlalchemy_suite.database import connect

    return connect(), text("SELECT 1")


def _select_one(opened: Any) -> None:
    connection, statement = opened
    for _ in range(SELECTS):
        connection.execute(statement).scalar()
    connection.close()
