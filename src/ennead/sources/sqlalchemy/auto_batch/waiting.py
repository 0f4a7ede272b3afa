"""Related rows that were loaded for siblings which have not asked for them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from sqlalchemy import inspect

from ennead.sources.sqlalchemy.auto_batch.writes import clear_on_write, mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import FrozenResult, Result, Row
    from sqlalchemy.orm import InstanceState, ORMExecuteState, RelationshipProperty, Session

    from ennead.sources.sqlalchemy.auto_batch.relation_key import RelationKey

    Key = tuple[Any, ...]

MOST_WAITING_ROWS = 10_000
"""Of one session; the oldest batches are dropped first."""


class Batch:
    """The outcome of one batched load.

    Parameters
    ----------
    state, parent, relationship
        The load that it was made for, already executed.
    relation_key
        What identifies a parent's related rows.
    values
        Identity key of each sibling to the values that its related rows were found by.
    template, rows
        An empty result of the batched statement, and its rows by the values that found them.
    """

    __slots__ = (
        *("_load_options", "_mark", "_path", "_relation_key", "_rows", "_template", "_transaction"),
        *("relationship", "values"),
    )

    def __init__(
        self,
        state: ORMExecuteState,
        parent: InstanceState[Any],
        relationship: RelationshipProperty[Any],
        relation_key: RelationKey,
        values: Mapping[Key, Key],
        template: FrozenResult[Any],
        rows: Mapping[Key, Sequence[Row[Any]]],
    ) -> None:
        self.relationship = relationship
        self.values = values
        self._relation_key = relation_key
        self._template = template
        self._rows = rows
        self._path = state.loader_strategy_path
        self._load_options = parent.load_options
        self._mark = mark()
        transaction = state.session.get_transaction()
        self._transaction = ref(transaction) if transaction is not None else None

    @property
    def row_count(self) -> int:
        """How many rows are held."""
        return sum(map(len, self._rows.values()))

    def rows_for(self, key: Key) -> Sequence[Row[Any]]:
        """The related rows of one sibling."""
        return self._rows[self.values[key]]

    def result(self, rows: Sequence[Row[Any]]) -> Result[Any]:
        """Rows as the result of the statement that the ORM would have sent."""
        return self._template.with_new_rows(rows)()

    def holds(self, state: ORMExecuteState, parent: InstanceState[Any], rows: Sequence[Row[Any]]) -> bool:
        """Whether the ORM would get these rows if it asked now."""
        session = state.session
        return (
            self._transaction is not None
            and self._transaction() is session.get_transaction()
            and self._mark == mark()
            and self._load_options is parent.load_options
            and self._path == state.loader_strategy_path
            and self._relation_key.values_of(parent) == self.values[parent.key or ()]
            and all(_is_as_loaded(row[0], session) for row in rows)
        )

    def is_beside(self, state: ORMExecuteState) -> bool:
        """Whether a SELECT that is about to run would make the same of an object as this batch has made of it.

        What an object is loaded with the first time (options for what it loads later, columns left out) stays with it.
        """
        parent = state.lazy_loaded_from if state.loader_strategy_path is not None else None
        is_alike = not self._load_options or state.loader_strategy_path == self._path  # an option is for one path
        if parent is not None and parent.load_options is self._load_options and is_alike:
            return True
        has_options = bool(getattr(state.statement, "_with_options", True))
        if not state.is_relationship_load and has_options:
            return False  # it may load any object, by a join
        of_other_models = self.relationship.mapper.base_mapper not in {
            mapper.base_mapper for mapper in state.all_mappers
        }
        return of_other_models or not (has_options or self._load_options)


class WaitingRows:
    """The batches of one session whose rows still wait. They are held strongly: until asked for, or in vain."""

    __slots__ = ("__weakref__", "_batches", "_row_count", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[tuple[RelationshipProperty[Any], Key], Batch] = {}
        self._batches: list[Batch] = []
        self._row_count = 0

    def add(self, batch: Batch, asking: Key) -> None:
        """Keep a batch's rows for all its siblings but the one that gets them now."""
        clear_on_write(self)
        self._batches.append(batch)
        self._row_count += batch.row_count
        self._waiting.update({(batch.relationship, key): batch for key in batch.values if key != asking})
        while self._row_count > MOST_WAITING_ROWS and self._batches:
            self._drop(self._batches[0])

    def take(
        self, state: ORMExecuteState, parent: InstanceState[Any], relationship: RelationshipProperty[Any]
    ) -> Result[Any] | None:
        """The rows that wait for a load, once; ``None`` if none do or they may have changed in the meantime."""
        key = parent.key or ()
        batch = self._waiting.pop((relationship, key), None)
        if batch is None:
            return None
        rows = batch.rows_for(key)
        if batch.holds(state, parent, rows):
            return batch.result(rows)
        self._drop(batch)
        return None

    def make_way_for(self, state: ORMExecuteState) -> None:
        """Let go of what a statement that is about to run would load in another way."""
        for batch in tuple(self._batches):
            if not state.is_select or not batch.is_beside(state):
                self._drop(batch)

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
        self._batches.clear()
        self._row_count = 0

    def _drop(self, batch: Batch) -> None:
        if batch in self._batches:
            self._batches.remove(batch)
            self._row_count -= batch.row_count
        self._waiting = {key: other for key, other in self._waiting.items() if other is not batch}

    def __len__(self) -> int:
        return len(self._batches)


def _is_as_loaded(related: Any, session: Session) -> bool:
    state: InstanceState[Any] = inspect(related)
    return state.persistent and state.session is session and not state.expired
