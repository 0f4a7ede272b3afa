"""What a statement does, and to which tables, read off its lexemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ennead.agent.sql_lexemes import Kind, Lexeme, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPERATIONS: Final = {
    "select": "select",
    "values": "select",
    "table": "select",
    "declare": "select",
    "insert": "insert",
    "replace": "insert",
    "update": "update",
    "delete": "delete",
    "merge": "merge",
    "begin": "begin",
    "start": "begin",
    "commit": "commit",
    "end": "commit",
    "rollback": "rollback",
    "abort": "rollback",
    "savepoint": "savepoint",
    "release": "release",
    "set": "set",
    "reset": "set",
    "pragma": "pragma",
    "create": "ddl",
    "alter": "ddl",
    "drop": "ddl",
    "truncate": "ddl",
    "rename": "ddl",
    "comment": "ddl",
    "grant": "ddl",
    "revoke": "ddl",
    "explain": "explain",
    "describe": "explain",
    "desc": "explain",
    "call": "call",
    "exec": "call",
    "execute": "call",
    "do": "call",
}
_MAIN: Final = frozenset({"select", "values", "table", "insert", "replace", "update", "delete", "merge"})
_INTRODUCERS: Final = frozenset({"from", "join", "into", "update", "using", "straight_join"})
_LISTING: Final = frozenset({"from", "using", "update"})
_DELETING: Final = frozenset({"delete", "merge", "with"})
# Words between FROM, INTO or UPDATE and the table.
_MODIFIERS: Final = frozenset(
    {"only", "lateral", "ignore", "low_priority", "high_priority", "delayed", "quick", "table"}
)
_MOST_MODIFIERS: Final = 3
# In these functions FROM stands between two values.
_FROM_FUNCTIONS: Final = frozenset({"extract", "substring", "substr", "trim", "overlay", "position"})
_NO_TABLE_AFTER: Final = frozenset({"for", "on", "do", "key", "distinct"})
_LIST_ENDS: Final = frozenset({"where", "group", "order", "having", "limit", "set", "union", "values", "select"})
_CLOSERS: Final = frozenset({")", "]"})
_OPENERS: Final = frozenset({"(", "["})


def operation_of(words: Sequence[str]) -> str:
    """Name what a statement does; for WITH what its main statement does.

    Parameters
    ----------
    words
        The canonical form of each lexeme.
    """
    first = words[0] if words else ""
    if first == "(":
        first = next((word for word in words if word != "("), "")
    if first == "with":
        first = _main_after_with(words)
    return _OPERATIONS.get(first, "other")


def _main_after_with(words: Sequence[str]) -> str:
    depth = base = 0
    for word in words:
        if word in _OPENERS:
            depth += 1
        elif word in _CLOSERS:
            depth -= 1
        elif word == "with" and not base:
            base = depth + 1
        elif depth + 1 == base and word in _MAIN:
            return word
    return ""


def tables_of(lexemes: Sequence[Lexeme], words: Sequence[str]) -> tuple[str, ...]:
    """Name the tables after FROM, JOIN, INTO, UPDATE and USING, in order, each once; no common table expressions."""
    present = frozenset(words)
    if _INTRODUCERS.isdisjoint(present):
        return ()
    introducers = [index for index, word in enumerate(words) if word in _INTRODUCERS]
    if not _FROM_FUNCTIONS.isdisjoint(present):
        separators = _separators(words)
        introducers = [index for index in introducers if index not in separators]
    brackets = _Brackets(words)
    found: dict[str, None] = {}
    for index in introducers:
        if _introduces(words, index):
            found.update(dict.fromkeys(_listed_tables(lexemes, words, index, brackets)))
    if found and "with" in present:
        for name in _common_table_expressions(lexemes, brackets):
            found.pop(name, None)
    return tuple(found)


class _Brackets:
    """For each opening bracket the place of its closing one, so that lists are walked without their insides."""

    __slots__ = ("_closing", "_words")

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._closing: dict[int, int] | None = None

    @property
    def closing(self) -> dict[int, int]:
        """Found on first need: the tables of most statements stand in no list."""
        if self._closing is None:
            self._closing = {}
            openings: list[int] = []
            for index, word in enumerate(self._words):
                if word in _OPENERS:
                    openings.append(index)
                elif word in _CLOSERS and openings:
                    self._closing[openings.pop()] = index
        return self._closing


def _introduces(words: Sequence[str], index: int) -> bool:
    if words[index] == "using":
        return words[0] in _DELETING
    return not index or words[index - 1] not in _NO_TABLE_AFTER


def _separators(words: Sequence[str]) -> set[int]:
    """Where FROM stands between two arguments of a function, as in ``EXTRACT(year FROM a)``."""
    separators: set[int] = set()
    functions: list[str] = []
    for index, word in enumerate(words):
        if word in _OPENERS:
            functions.append(words[index - 1] if index else "")
        elif word in _CLOSERS:
            functions[-1:] = []
        elif word == "from" and functions and functions[-1] in _FROM_FUNCTIONS:
            separators.add(index)
    return separators


def _listed_tables(
    lexemes: Sequence[Lexeme],
    words: Sequence[str],
    index: int,
    brackets: _Brackets,
) -> Iterator[str]:
    """The tables of ``FROM a, b AS c``; what stands in brackets has an introducer of its own."""
    position: int | None = index
    while position is not None:
        position = _skip_modifiers(words, position + 1)
        if position < len(lexemes) and _is_table(lexemes, position, takes_columns=words[index] == "into"):
            yield name_of(lexemes[position])
        position = _next_comma(words, position, brackets) if words[index] in _LISTING else None


def _skip_modifiers(words: Sequence[str], position: int) -> int:
    if words[position : position + 1] == ["or"]:  # UPDATE OR ROLLBACK
        position += 2
    for word in words[position : position + _MOST_MODIFIERS]:
        if word not in _MODIFIERS:
            break
        position += 1
    return position


def _is_table(lexemes: Sequence[Lexeme], position: int, *, takes_columns: bool) -> bool:
    lexeme = lexemes[position]
    if lexeme.kind != Kind.PLAIN or not lexeme.is_operand or lexeme.is_keyword:
        return False
    is_function = position + 1 < len(lexemes) and lexemes[position + 1].kind == Kind.OPEN
    return takes_columns or not is_function


def _next_comma(words: Sequence[str], position: int, brackets: _Brackets) -> int | None:
    """The next comma of the same list; ``None`` at the list's end."""
    while position < len(words):
        word = words[position]
        if word == ",":
            return position
        if word in _LIST_ENDS or word in _INTRODUCERS or word in _CLOSERS:
            return None
        if word in _OPENERS:
            position = brackets.closing.get(position, position)
        position += 1
    return None


def _common_table_expressions(lexemes: Sequence[Lexeme], brackets: _Brackets) -> Iterator[str]:
    """Names that stand before ``AS (``, with or without a list of columns."""
    opening = {end: start for start, end in brackets.closing.items()}
    for index, lexeme in enumerate(lexemes):
        if lexeme.shown == "AS" and index and _opens_query(lexemes, index + 1):
            position = opening.get(index - 1, index) - 1
            if position >= 0:
                yield name_of(lexemes[position])


def _opens_query(lexemes: Sequence[Lexeme], position: int) -> bool:
    words = [lexeme.canonical for lexeme in lexemes[position : position + 3]]
    while words and words[0] in {"not", "materialized"}:
        words.pop(0)
    return words[:1] == ["("]
