"""Statements seen so far, keyed on the raw text: one dictionary look-up finds everything known about a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.call_path import when_paths_are_forgotten
from ennead.agent.fingerprint import NormalizedStatement, normalize

if TYPE_CHECKING:
    from ennead.agent.unit_of_work import Site

MAX_STATEMENTS = 4_096
MAX_CHARACTERS = 8_000_000
MAX_SITES_PER_STATEMENT = 16
_WRITING = frozenset("iIuUrRmM")
"""First letters of INSERT, UPDATE, REPLACE and MERGE."""


class Statement:
    """One raw text. It is normalised on first need, after the unit of work, and its call paths are remembered."""

    __slots__ = ("_database", "_normalized", "sites", "sql", "writes")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.writes = sql[:64].lstrip()[:1] in _WRITING
        self.sites: list[Site] = []
        self._normalized: NormalizedStatement | None = None
        self._database = ""

    def normalized(self, database: str = "") -> NormalizedStatement:
        """The statement without literals, its fingerprint and its tables; ``database`` decides how it quotes."""
        if self._normalized is None or self._database != database:
            self._normalized = normalize(self.sql, database or None)
            self._database = database
        return self._normalized

    def add_site(self, site: Site) -> Site:
        """Remember a site, the newest first, and hand it back."""
        self.sites.insert(0, site)
        del self.sites[MAX_SITES_PER_STATEMENT:]
        return site


class StatementMemo:
    """A bounded dictionary of statements in two generations: what was not asked for in the last one is dropped.

    Examples
    --------
    >>> memo = StatementMemo(2)
    >>> memo.get("SELECT 1") is memo.get("SELECT 1")
    True
    """

    __slots__ = ("_capacity", "_characters", "_new", "_old")

    def __init__(self, capacity: int = MAX_STATEMENTS) -> None:
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._new: dict[str, Statement] = {}
        self._old: dict[str, Statement] = {}
        self._characters = 0

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
        self._characters += len(text)
        if len(self._new) >= self._capacity or self._characters > MAX_CHARACTERS:
            self._old, self._new, self._characters = self._new, {}, len(text)
        self._new[text] = statement
        return statement


def _text(sql: object) -> str:
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    return str(sql)


STATEMENTS = StatementMemo()
when_paths_are_forgotten(STATEMENTS.clear)
