"""What the probe asks of this suite: set up, restore, record."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, event

from . import data
from .database import databases, open_databases


def set_up(directory: Path, size: int) -> None:
    """Fill a template database in `directory` and open copies of it for the scenarios."""
    engine = create_engine(f"sqlite:///{directory / 'template.sqlite3'}", poolclass=NullPool)
    data.create(engine, size)
    open_databases(directory)


def restore() -> None:
    """Put the rows of the working database back as `set_up` made them."""
    databases().restore()


@contextmanager
def record() -> Iterator[list[str]]:
    """Yield a list that collects the statements all engines execute, whatever the thread."""
    statements: list[str] = []

    def remember(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", remember)
