"""Statements that name databases themselves: they get the names of the copies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = r"""("(?:[^"]|"")+"|`(?:[^`]|``)+`|[\w$]+)"""
_DEFINING = re.compile(
    rf"^(\s*(?:CREATE|DROP|ALTER)\s+(?:DATABASE|SCHEMA)\s+)(IF\s+(?:NOT\s+)?EXISTS\s+)?{_NAME}", re.IGNORECASE
)
_TEMPLATE = re.compile(rf"(\bTEMPLATE\s*=?\s*){_NAME}", re.IGNORECASE)
_ABOUT = re.compile(rf"^(\s*(?:GRANT|REVOKE|COMMENT)\b.*?\bON\s+DATABASE\s+){_NAME}", re.IGNORECASE | re.DOTALL)
_USE = re.compile(rf"^(\s*USE\s+){_NAME}", re.IGNORECASE)
_TEXT = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*\""""
# Functions whose arguments have a FROM that names no table.
_FUNCTION = r"\b(?:EXTRACT|TRIM|SUBSTRING|SUBSTR)\s*\([^()]*?\bFROM\b"
_BEFORE = (
    r"FROM|JOIN|INTO|(?<!KEY\s)UPDATE|TABLE|TRIGGER|VIEW|TRUNCATE|INSERT|REPLACE|DELETE|CALL"
    r"|IGNORE|LOW_PRIORITY|DELAYED|QUICK"
)
_QUALIFIED = re.compile(
    rf"{_TEXT}|{_FUNCTION}|(\b(?:{_BEFORE})\s+)"
    rf"{_NAME}(?=\s*\.\s*[`\w\"])",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(\bdatname\s*=\s*)'((?:[^']|'')*)'", re.IGNORECASE)


class NamedDatabases:
    """Puts the names of copies into statements.

    Parameters
    ----------
    known
        Name of the copy that stands for a database; ``None`` if there is none.
    defined
        The same for a database that the work creates, drops or alters itself: it gets a name of the replay.
    led
        The same for a database that is connected to: a copy is made if there is none.
    quote
        Of names.

    Examples
    --------
    >>> names = NamedDatabases(known=lambda name: None, defined=lambda name: f"r_{name}", led=str.upper, quote='"')
    >>> names.in_postgresql("CREATE DATABASE test_shop TEMPLATE template0")
    'CREATE DATABASE "r_test_shop" TEMPLATE template0'
    >>> names.in_postgresql('DROP DATABASE "shop"')
    'DROP DATABASE IF EXISTS "r_shop"'
    >>> names.in_mariadb("USE shop"), names.in_postgresql("SELECT 1")
    ('USE "SHOP"', 'SELECT 1')
    """

    def __init__(
        self,
        *,
        known: Callable[[str], str | None],
        defined: Callable[[str], str],
        led: Callable[[str], str],
        quote: str,
    ) -> None:
        self._known = known
        self._defined = defined
        self._led = led
        self._quote = quote

    def in_postgresql(self, sql: str) -> str:
        """A statement for PostgreSQL, where no statement reaches another database than the connection's."""
        found = _DEFINING.match(sql)
        if found and "SCHEMA" not in found[1].upper():
            return _TEMPLATE.sub(self._put_known, self._define(sql, found))
        if "pg_terminate_backend" in sql or "pg_cancel_backend" in sql:
            # It would end the connections of others, the user's own among them.
            if not _NAMED.search(sql):
                message = "a replay does not end connections of others: pg_terminate_backend() needs datname = '...'"
                raise EnneadError(message)
            return _NAMED.sub(lambda match: f"{match[1]}'{self._defined(match[2])}'", sql)
        return _ABOUT.sub(self._put_defined, sql)

    def in_mariadb(self, sql: str) -> str:
        """A statement for MariaDB, where statements may name tables of other databases."""
        found = _DEFINING.match(sql)
        if found:
            return self._define(sql, found)
        if _USE.match(sql):
            return _USE.sub(lambda match: match[1] + self._quoted(self._led(self._bare(match[2]))), sql)
        return _QUALIFIED.sub(self._put_led, sql) if "." in sql else sql

    def _define(self, sql: str, found: re.Match[str]) -> str:
        condition = found[2] or ("IF EXISTS " if "DROP" in found[1].upper() else "")
        return f"{found[1]}{condition}{self._quoted(self._defined(self._bare(found[3])))}{sql[found.end() :]}"

    def _put_known(self, match: re.Match[str]) -> str:
        copy = self._known(self._bare(match[2]))
        return match[0] if copy is None else match[1] + self._quoted(copy)

    def _put_defined(self, match: re.Match[str]) -> str:
        return match[1] + self._quoted(self._defined(self._bare(match[2])))

    def _put_led(self, match: re.Match[str]) -> str:
        return match[1] + self._quoted(self._led(self._bare(match[2]))) if match[1] else match[0]

    def _quoted(self, name: str) -> str:
        return self._quote + name.replace(self._quote, self._quote * 2) + self._quote

    def _bare(self, name: str) -> str:
        quote = name[0]
        if quote in '"`':
            return name[1:-1].replace(quote * 2, quote)
        return name.lower() if self._quote == '"' else name
