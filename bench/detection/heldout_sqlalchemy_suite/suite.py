# mypy: ignore-errors
"""What the probe asks of this suite: set up, put back, record."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, event

from . import data, league

_filled: list[Path] = []


def set_up(directory: Path, size: int) -> None:
    """Fill one file in `directory`, and open copies of it for the scenarios."""
    filled = directory / "filled.sqlite3"
    engine = create_engine(f"sqlite:///{filled}", poolclass=NullPool)
    data.populate(engine, size)
    engine.dispose()
    _filled[:] = [filled]
    league.open_files(directory)


def restore() -> None:
    """Every connection is closed when it is given back, so that the files can simply be copied."""
    league.put_back(_filled[0])


@contextmanager
def record() -> Iterator[list[str]]:
    """Collect the statements that any engine executes, in every thread."""
    statements: list[str] = []

    def keep(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
