"""Which objects came out of one query: identity keys only, so that nothing is kept alive."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ennead.sources.sqlalchemy.auto_batch.waiting import WaitingRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import InstanceState, RelationshipProperty, Session

    Key = tuple[Any, ...]

MOST_ROWS = 20_000
"""Of one session; the oldest are forgotten first."""
MOST_NEAR = 1_000
"""Rows looked at in either direction when a batch is made."""


class LazyLoads:
    """The lazy loads of one relation by the rows of one result."""

    __slots__ = ("covered", "first", "had_batch_of_one")

    def __init__(self, first: Key) -> None:
        self.first = first
        self.had_batch_of_one = False
        self.covered = {first}
        """Rows that need no further batch: each is in one at most, so there are never more queries than without."""


class ResultRows:
    """What one execution of a query has made, or all lazy loads of one relation by the rows of one result."""

    __slots__ = ("_dropped_count", "_keys", "_ordinals", "_related", "loads", "session_rows")

    def __init__(self, session_rows: SessionRows) -> None:
        self.session_rows = session_rows
        self.loads: dict[RelationshipProperty[Any], LazyLoads] = {}
        self._keys: list[Key] = []
        self._ordinals: dict[Key, int] = {}
        self._dropped_count = 0
        self._related: dict[RelationshipProperty[Any], ResultRows] = {}

    def add(self, state: InstanceState[Any]) -> None:
        """A row became an object."""
        key = state.key
        if key is not None:
            self._ordinals[key] = self._dropped_count + len(self._keys)
            self._keys.append(key)
            self.session_rows.belongs_to(key, self)
            if len(self._keys) > 2 * MOST_ROWS:
                del self._keys[:MOST_ROWS]
                self._dropped_count += MOST_ROWS

    def forget(self, key: Key) -> None:
        """There are too many rows."""
        self._ordinals.pop(key, None)
        for loads in self.loads.values():
            loads.covered.discard(key)

    def related_by(self, relationship: RelationshipProperty[Any]) -> ResultRows:
        """What the rows load through a relation: siblings, too."""
        return self._related.setdefault(relationship, ResultRows(self.session_rows))

    def is_batch_due(self, relationship: RelationshipProperty[Any], key: Key) -> bool:
        """Note that a row loads the relation; whether it is the second one, or one that no batch has covered."""
        loads = self.loads.get(relationship)
        if loads is None:
            self.loads[relationship] = LazyLoads(key)
            return False
        return key not in loads.covered

    def near(self, key: Key) -> Iterator[Key]:
        """The other rows around one, those behind it first: a loop is likely to come to them."""
        position = self._ordinals[key] - self._dropped_count
        yield from self._keys[position + 1 : position + 1 + MOST_NEAR]
        yield from reversed(self._keys[max(position - MOST_NEAR, 0) : max(position, 0)])


class SessionRows:
    """What the queries of one session have made, and what waits for its rows."""

    __slots__ = ("_result_of", "waiting")

    def __init__(self) -> None:
        self._result_of: OrderedDict[Key, ResultRows] = OrderedDict()
        self.waiting = WaitingRows()

    def belongs_to(self, key: Key, result: ResultRows) -> None:
        """An object was made by a result; the last one counts."""
        self._result_of[key] = result
        if len(self._result_of) > MOST_ROWS:
            oldest, its_result = self._result_of.popitem(last=False)
            its_result.forget(oldest)

    def result_of(self, key: Key) -> ResultRows | None:
        """The result that made an object."""
        return self._result_of.get(key)


_ROWS = "ennead_auto_batch"
"""In the session's ``info``: what waits may lead back to the session, and must not keep it alive from outside."""
_SESSIONS: WeakSet[Session] = WeakSet()


def rows_of(session: Session) -> SessionRows | None:
    """What is known of a session."""
    rows: SessionRows | None = session.info.get(_ROWS)
    return rows


def new_result(session: Session) -> ResultRows:
    """A query begins."""
    rows = rows_of(session)
    if rows is None:
        rows = session.info[_ROWS] = SessionRows()
        _SESSIONS.add(session)
    return ResultRows(rows)


def forget_sessions() -> None:
    """Forget everything."""
    while _SESSIONS:
        _SESSIONS.pop().info.pop(_ROWS, None)
