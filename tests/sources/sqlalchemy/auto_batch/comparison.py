"""One scenario run twice, as the ORM loads and with automatic batching, and what both have seen."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.exc import CircularDependencyError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from ennead.sources.sqlalchemy.auto_batch import hooks
from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from tests.sources.sqlalchemy.auto_batch import models

Scenario = Callable[[Session, "Seen"], None]


@dataclass
class Seen:
    """What a scenario saw: values in order, statements, warnings."""

    values: list[object] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    ordinals: dict[int, int] = field(default_factory=dict)
    held: list[object] = field(default_factory=list)

    def see(self, value: object) -> None:
        """Note a value; objects by class, key and which one of those seen it is."""
        self.values.append(self._described(value))

    def read(self, owner: object, attribute: str) -> Any:
        """Read an attribute and note what it gives, or raises."""
        try:
            value = getattr(owner, attribute)
        except SQLAlchemyError as error:
            self.fail(error)
            return None
        self.see(value)
        return value

    def fail(self, error: Exception) -> None:
        """Note an error, but neither at which address its object lives nor in which order a set names its members."""
        words = "" if isinstance(error, CircularDependencyError) else re.sub(r"0x[0-9a-f]+", "0x", str(error))
        self.values.append((type(error).__name__, words))

    @property
    def select_count(self) -> int:
        return sum(statement.startswith("SELECT") for statement in self.statements)

    def _described(self, value: object) -> object:
        if isinstance(value, dict):
            return [(key, self._described(item)) for key, item in value.items()]
        if isinstance(value, list | tuple):
            return [self._described(item) for item in value]
        if not isinstance(value, models.Base):
            return value
        self.held.append(value)  # an address is taken once only while its object lives
        state = inspect(value)
        return type(value).__name__, state.identity, self.ordinals.setdefault(id(value), len(self.ordinals))

    def states(self) -> list[object]:
        """State of every object seen: loaded attributes, and what the session thinks of it."""
        unique = {id(value): value for value in self.held}
        return [self._state(value) for value in unique.values()]

    def _state(self, value: Any) -> object:
        state = inspect(value)
        kinds = (state.transient, state.pending, state.persistent, state.deleted, state.detached)
        return type(value).__name__, state.identity, kinds, state.modified, state.expired, sorted(state.dict)


@contextmanager
def batching(*, enabled: bool = True) -> Iterator[None]:
    """Automatic batching switched on; our own code must not fail in it."""
    if not enabled:
        yield
        return
    COUNTS.clear()
    hooks.install()
    try:
        yield
    finally:
        hooks.uninstall()
    assert COUNTS["internal error"] == 0


@contextmanager
def listened(engine: Engine, seen: Seen) -> Iterator[None]:
    """Note all statements."""

    def note(_connection: Any, _cursor: Any, statement: str, *_details: object) -> None:
        seen.statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


ENGINES: list[Engine] = []
"""Those that a test has asked for; they are disposed of after it."""


def new_engine() -> Engine:
    """A company of eight in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    ENGINES.append(engine)
    models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        models.fill(session)
    return engine


def run(scenario: Scenario, *, enabled: bool, engine: Engine | None = None, **options: Any) -> Seen:
    """Run a scenario in a session of its own, on a fresh database unless one is given."""
    own = engine or new_engine()
    seen = Seen()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with batching(enabled=enabled), listened(own, seen), Session(own, **options) as session:
            scenario(session, seen)
            seen.values.append(sorted(map(repr, (len(session.new), len(session.dirty), len(session.deleted)))))
            seen.values.append(seen.states())
    seen.values += [str(warning.message) for warning in caught if "unclosed" not in str(warning.message)]
    if engine is None:
        own.dispose()
    return seen


def compare(scenario: Scenario, *, engine: Engine | None = None, **options: Any) -> tuple[Seen, Seen]:
    """Run a scenario both ways; what it sees must be the same, with no more queries."""
    plain = run(scenario, enabled=False, engine=engine, **options)
    batched = run(scenario, enabled=True, engine=engine, **options)
    assert batched.values == plain.values
    assert batched.select_count <= plain.select_count, (plain.statements, batched.statements)
    return plain, batched
