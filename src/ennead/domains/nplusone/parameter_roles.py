"""What each ``?`` of a normalised statement is for: an equality, a range, a page, a list.

A small scanner, not a parser: it runs on every distinct statement before anything is decided, and has to be cheap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

Role = Literal["equal", "list", "range", "pattern", "page", "value", "assign", "select", "other"]
"""``equal``: key or column equality; ``list``: element of an IN list; ``page``: LIMIT or OFFSET; ``value``: inserted;
``assign``: right side of SET; ``select``: in the select list."""

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|`[^`]*`|\[\w[^\]?]*\]|\w+|::|!?~~?\*?|<=>|[<>=!~|@#&-]+|[(),.?*+/%]|\S")
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
_EQUALS = frozenset({"=", "==", "<=>", "IS"})
_RANGES = frozenset({"<", ">", "<=", ">=", "<>", "!=", "BETWEEN"})
_MODIFIERS = frozenset({"BINARY", "ANY", "ALL", "SOME", "TO"})
_QUERY_STARTS = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
_OPERAND_STARTS = frozenset({"WHERE", "HAVING", "ON", "AND", "OR", "NOT", "WHEN", "("})
_PATTERNS = frozenset({"LIKE", "ILIKE", "REGEXP", "GLOB", "SIMILAR", "ESCAPE", "~", "~*", "!~", "!~*", "~~", "~~*"})
_KEY_NAME = re.compile(r"(?i:(?:^|_)(?:id|pk|uuid|guid|key|ptr_id)$|^rowid$)|[a-z]I[dD]$")


class ParameterRole(NamedTuple):
    """Role of one ``?`` and the column it is compared with, ``""`` where there is none."""

    role: Role
    column: str

    @property
    def is_key(self) -> bool:
        """Whether the column's name is that of a key."""
        return bool(_KEY_NAME.search(self.column))


class ListPlaces(NamedTuple):
    """The ``?`` of one folded list."""

    place_count: int
    """How many there are in the statement: two in ``IN ((?, ?))``."""
    element_width: int
    """How many values each element of the list has."""


class StatementRoles(NamedTuple):
    """Roles of all ``?`` in order, and what the statement says besides."""

    roles: tuple[ParameterRole, ...]
    has_limit: bool
    locks_rows: bool
    """``FOR UPDATE`` and the like."""
    lists: tuple[ListPlaces, ...] = ()
    """In order; their sizes differ between executions and are told with each."""


@lru_cache(maxsize=4096)
def roles_of(statement: str) -> StatementRoles:
    """Roles of the placeholders of a normalised statement; never raises.

    Examples
    --------
    >>> statement = "SELECT a FROM t WHERE t.id = ? AND t.day >= ? LIMIT ?"
    >>> [(role.role, role.column) for role in roles_of(statement).roles]
    [('equal', 'id'), ('range', 'day'), ('page', '')]
    """
    scanner = _Scanner(_TOKEN.findall(statement))
    scanner.run()
    words = scanner.words
    text = " ".join(words)
    return StatementRoles(
        tuple(scanner.roles),
        "LIMIT" in words or "FETCH" in words or "SELECT TOP ?" in text,
        " FOR UPDATE" in text or "SKIP LOCKED" in text,
        tuple(found.places for found in scanner.lists),
    )


@dataclass
class _List:
    """A list being read: ``IN (?)``, ``IN ((?, ?))``, ``ANY (ARRAY[?])``."""

    column: str
    place_count: int = 0
    kind_count: int = 1

    @property
    def places(self) -> ListPlaces:
        return ListPlaces(self.place_count, self.place_count if self.kind_count == 1 else 1)


class _Scanner:
    """Goes over the tokens once, knowing the clause and the list it is in."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.words = [token.upper() for token in tokens]
        self.roles: list[ParameterRole] = []
        self.lists: list[_List] = []
        self._clause = ""
        self._brackets: list[tuple[str, _List | None]] = []
        """For each open bracket, the clause outside and the list inside."""

    def run(self) -> None:
        """Read all tokens."""
        words = self.words
        for index, word in enumerate(words):
            if word == "?":
                self.roles.append(self._role(index))
            elif word in _CLAUSES and not (index and words[index - 1] == "."):
                self._clause = word
            elif word in ("(", "["):
                self._open(index)
            elif word in (")", "]") and self._brackets:
                self._clause, _ = self._brackets.pop()
            elif word == ",":
                self._separate()

    def _open(self, index: int) -> None:
        self._brackets.append((self._clause, self._list_opened_by(index)))

    def _list_opened_by(self, index: int) -> _List | None:
        words = self.words
        if index + 1 < len(words) and words[index + 1] in _QUERY_STARTS:
            return None
        if index and words[index - 1] == "IN":
            return self._begin_list(_column(self.tokens, index - 2))
        if words[max(index - 3, 0) : index] == ["ANY", "(", "ARRAY"]:
            return self._begin_list(_column(self.tokens, index - 5))
        return self._brackets[-1][1] if self._brackets else None

    def _begin_list(self, column: str) -> _List:
        self.lists.append(_List(column))
        return self.lists[-1]

    def _separate(self) -> None:
        """A comma right inside a list's own bracket, not in an element's, parts two kinds of elements."""
        if self._brackets and (inside := self._brackets[-1][1]) is not None:
            outside = self._brackets[-2][1] if len(self._brackets) > 1 else None
            inside.kind_count += outside is not inside

    def _role(self, index: int) -> ParameterRole:
        inside = self._brackets[-1][1] if self._brackets else None
        if inside is not None:
            inside.place_count += 1
            return ParameterRole("list", inside.column)
        previous = self.words[index - 1] if index else ""
        if self._clause in ("LIMIT", "OFFSET", "FETCH") or previous == "TOP":
            return ParameterRole("page", "")
        if self._clause == "VALUES":
            return ParameterRole("value", "")
        before = _skip_back(self.words, index - 1)
        if before >= 0 and self.words[before] == "AND" and "BETWEEN" in self.words[max(0, before - 4) : before]:
            return ParameterRole("range", "")
        return self._compared(index, before)

    def _compared(self, index: int, before: int) -> ParameterRole:
        """By the operator in front of the ``?``, else by the one behind it, else by the clause."""
        role = self._role_by_operator(before)
        if role is not None:
            return ParameterRole(role, _column(self.tokens, before - 1))
        behind = _skip_cast(self.words, index + 1)
        role = self._role_by_operator(behind)
        if role is not None and index and self.words[index - 1] in _OPERAND_STARTS:
            return ParameterRole(role, _column_behind(self.tokens, behind + 1))
        return ParameterRole("select" if self._clause in ("SELECT", "RETURNING", "") else "other", "")

    def _role_by_operator(self, index: int) -> Role | None:
        word = self.words[index] if 0 <= index < len(self.words) else ""
        if word in _EQUALS:
            return "assign" if self._clause == "SET" else "equal"
        if word in _RANGES:
            return "range"
        return "pattern" if word in _PATTERNS else None


def _skip_back(words: list[str], index: int) -> int:
    """Step over modifiers and wrapping calls: ``LIKE BINARY ?``, ``= CAST(?``, ``= ANY(?``, ``= UPPER(?``, ``= (?``."""
    while index >= 1:
        if words[index] in _MODIFIERS or (words[index] == "(" and words[index - 1] in _EQUALS):
            index -= 1
        elif words[index] == "(" and _is_call_after_operator(words, index):
            index -= 2
        else:
            break
    return index


def _is_call_after_operator(words: list[str], index: int) -> bool:
    return index >= 2 and words[index - 1].isidentifier() and words[index - 2] in ("=", "==", "LIKE", "ILIKE")  # noqa: PLR2004


def _skip_cast(words: list[str], index: int) -> int:
    return index + 2 if index < len(words) and words[index] == "::" else index


def _column(tokens: list[str], index: int) -> str:
    """The column whose name ends at ``index``, casts and closing brackets aside."""
    while index >= 0:
        if index >= 1 and tokens[index - 1] == "::":
            index -= 2
        elif tokens[index] == ")" or tokens[index].upper() == "NOT":
            index -= 1
        else:
            return _bare_name(tokens[index])
    return ""


def _column_behind(tokens: list[str], index: int) -> str:
    """The column whose name begins at ``index``."""
    while index + 2 < len(tokens) and tokens[index + 1] == ".":
        index += 2
    is_call = index + 1 < len(tokens) and tokens[index + 1] == "("
    return "" if is_call or index >= len(tokens) else _bare_name(tokens[index])


def _bare_name(token: str) -> str:
    name = token.strip('"`[]')
    return name if re.match(r"\w", name) and token.upper() not in ("NULL", "TRUE", "FALSE") else ""
