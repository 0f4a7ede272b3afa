"""Statements seen so far, keyed on the raw text: one dictionary look-up finds everything known about a statement."""

from __future__ import annotations

import re
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
_SAVEPOINT = re.compile(r"\A((?:RELEASE |ROLLBACK TO )?SAVEPOINT )[^\s;]+\Z")


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
        """Remember a site, the one that was met last first, and hand it back."""
        self.sites.insert(0, site)
        del self.sites[MAX_SITES_PER_STATEMENT:]
        return site

    def move_to_front(self, site: Site) -> None:
        """Look at this one first the next time: the turns of a loop come from the same place."""
        try:
            self.sites.remove(site)
        except ValueError:  # another thread has just made room for a new one
            return
        self.sites.insert(0, site)


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
        text = _without_numbered_name(sql if type(sql) is str else _text(sql))
        found = self._new.get(text)
        if found is not None:
            return found
        statement = self._old.get(text) or Statement(text)
        self._characters += len(text)
        if len(self._new) >= self._capacity or self._characters > MAX_CHARACTERS:
            self._old, self._new, self._characters = self._new, {}, len(text)
        self._new[text] = statement
        return statement


def _without_numbered_name(text: str) -> str:
    """The same text for all savepoints: frameworks number them, so that each of them would be a statement of its own.

    >>> _without_numbered_name('RELEASE SAVEPOINT "s139_x7"')
    'RELEASE SAVEPOINT s1'
    """
    savepoint = _SAVEPOINT.match(text)
    return text if savepoint is None else f"{savepoint[1]}s1"


def _text(sql: object) -> str:
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    return str(sql)


STATEMENTS = StatementMemo()
when_paths_are_forgotten(STATEMENTS.clear)
