"""What each ``?`` of a normalised statement is for: an equality, a range, a page, a list.

A small scanner, not a parser: it runs on every distinct statement before anything is decided, and has to be cheap.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Role = Literal["equal", "list", "range", "pattern", "page", "value", "assign", "select", "other"]
"""``equal``: key or column equality; ``list``: element of an IN list; ``page``: LIMIT or OFFSET; ``value``: inserted;
``assign``: right side of SET; ``select``: in the select list."""

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\w+|::|<=>|[<>=!~|@#&-]+|[(),.?*+/%]|\S")
_CLAUSES = frozenset(
    {
        "SELECT",
        "FROM",
        "WHERE",
        "SET",
        "VALUES",
        "LIMIT",
        "OFFSET",
        "FETCH",
        "HAVING",
        "ON",
        "GROUP",
        "ORDER",
        "RETURNING",
    }
)
_RANGES = frozenset({"<", ">", "<=", ">=", "<>", "!=", "BETWEEN"})
_PATTERNS = frozenset({"LIKE", "ILIKE", "REGEXP", "GLOB", "SIMILAR", "ESCAPE", "~", "~*"})
_KEY_NAME = re.compile(r"(?:^|_)(?:id|pk|uuid|guid|key|ptr_id)$|^rowid$|[a-z]Id$", re.IGNORECASE)


class ParameterRole(NamedTuple):
    """Role of one ``?`` and the column it is compared with, ``""`` where there is none."""

    role: Role
    column: str

    @property
    def is_key(self) -> bool:
        """Whether the column's name is that of a key."""
        return bool(_KEY_NAME.search(self.column))


class StatementRoles(NamedTuple):
    """Roles of all ``?`` in order, and what the statement says besides."""

    roles: tuple[ParameterRole, ...]
    has_limit: bool
    locks_rows: bool
    """``FOR UPDATE`` and the like."""


@lru_cache(maxsize=4096)
def roles_of(statement: str) -> StatementRoles:
    """Roles of the placeholders of a normalised statement.

    Examples
    --------
    >>> statement = "SELECT a FROM t WHERE t.id = ? AND t.day >= ? LIMIT ?"
    >>> [(role.role, role.column) for role in roles_of(statement).roles]
    [('equal', 'id'), ('range', 'day'), ('page', '')]
    """
    tokens = _TOKEN.findall(statement)
    words = [token.upper() for token in tokens]
    clause = ""
    clauses: list[str] = []
    roles: list[ParameterRole] = []
    for index, word in enumerate(words):
        if word in _CLAUSES:
            clause = word
        elif word == "(":
            clauses.append(clause)
        elif word == ")" and clauses:
            clause = clauses.pop()
        elif word == "?":
            roles.append(_role(words, tokens, index, clause))
    text = " ".join(words)
    return StatementRoles(
        tuple(roles), "LIMIT" in words or "FETCH" in words, " FOR UPDATE" in text or "SKIP LOCKED" in text
    )


def _role(words: list[str], tokens: list[str], index: int, clause: str) -> ParameterRole:
    if clause in ("LIMIT", "OFFSET", "FETCH"):
        return ParameterRole("page", "")
    if clause == "VALUES":
        return ParameterRole("value", "")
    before = _skip_back(words, index - 1)
    previous = words[before] if before >= 0 else ""
    if previous == "(" and before >= 1 and words[before - 1] == "IN":
        return ParameterRole("list", _column(tokens, before - 2))
    if previous == "AND" and "BETWEEN" in words[max(0, before - 4) : before]:
        return ParameterRole("range", "")
    return _compared(words, tokens, before, clause)


def _compared(words: list[str], tokens: list[str], before: int, clause: str) -> ParameterRole:
    previous = words[before] if before >= 0 else ""
    column = _column(tokens, before - 1)
    if previous in ("=", "==", "<=>", "IS"):
        return ParameterRole("assign" if clause == "SET" else "equal", column)
    if previous in _RANGES:
        return ParameterRole("range", column)
    if previous in _PATTERNS:
        return ParameterRole("pattern", column)
    if clause in ("SELECT", "RETURNING", ""):
        return ParameterRole("select", "")
    return ParameterRole("other", "")


def _skip_back(words: list[str], index: int) -> int:
    """Step over casts, signs and wrapping calls: ``= CAST(?``, ``= ANY(?``, ``= UPPER(?``, ``= (?``."""
    while (
        index >= 1 and words[index] == "(" and (words[index - 1] in ("=", "==") or _is_call_after_equal(words, index))
    ):
        index -= 1 if words[index - 1] in ("=", "==") else 2
    return index


def _is_call_after_equal(words: list[str], index: int) -> bool:
    return index >= 2 and words[index - 1].isidentifier() and words[index - 2] in ("=", "==", "LIKE")  # noqa: PLR2004


def _column(tokens: list[str], index: int) -> str:
    while index >= 0 and tokens[index] in ("NOT", "not", ")"):
        index -= 1
    if index < 0:
        return ""
    name = tokens[index].strip('"`[]')
    return name if re.match(r"\w", name) else ""
