"""Statements seen so far, keyed on the raw text: one dictionary look-up finds everything known about a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.fingerprint import NormalizedStatement, normalize

if TYPE_CHECKING:
    from ennead.agent.unit_of_work import Site

MAX_STATEMENTS = 4_096


class Statement:
    """One raw text. It is normalised on first need, after the unit of work, and its call paths are remembered."""

    __slots__ = ("_normalized", "sites", "sql")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.sites: list[Site] = []
        self._normalized: NormalizedStatement | None = None

    @property
    def normalized(self) -> NormalizedStatement:
        """The statement without literals, its fingerprint and its tables."""
        if self._normalized is None:
            self._normalized = normalize(self.sql)
        return self._normalized


class StatementMemo:
    """A bounded dictionary of statements in two generations: what was not asked for in the last one is dropped.

    Examples
    --------
    >>> memo = StatementMemo(2)
    >>> memo.get("SELECT 1") is memo.get("SELECT 1")
    True
    """

    __slots__ = ("_capacity", "_new", "_old")

    def __init__(self, capacity: int = MAX_STATEMENTS) -> None:
        self._capacity = capacity
        self._new: dict[str, Statement] = {}
        self._old: dict[str, Statement] = {}

    def get(self, sql: str) -> Statement:
        """Return the statement for a raw text; the same object while it is remembered."""
        try:
            found = self._new.get(sql)
        except TypeError:  # an unhashable query object of a driver
            found = None
        if found is not None:
            return found
        return self._remember(sql)

    def _remember(self, sql: object) -> Statement:
        text = sql if type(sql) is str else _text(sql)
        statement = self._old.get(text) or Statement(text)
        if len(self._new) >= self._capacity:
            self._old, self._new = self._new, {}
        self._new[text] = statement
        return statement


def _text(sql: object) -> str:
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    return str(sql)


STATEMENTS = StatementMemo()
