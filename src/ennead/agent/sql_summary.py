"""What a statement does, and to which tables, read off its lexemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ennead.agent.sql_lexemes import COMMA, Kind, Lexeme, name_of

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
# Words between FROM, INTO or UPDATE and the table.
_MODIFIERS: Final = frozenset(
    {"only", "lateral", "ignore", "low_priority", "high_priority", "delayed", "quick", "table"}
)
_CONFLICT_MODIFIERS: Final = frozenset({"rollback", "abort", "replace", "fail", "ignore"})
# In these functions FROM stands between two values.
_FROM_FUNCTIONS: Final = frozenset({"extract", "substring", "substr", "trim", "overlay", "position"})
_NO_TABLE_AFTER: Final = frozenset({"for", "on", "do", "key", "distinct"})
_OPENING: Final = frozenset({Kind.OPEN, Kind.BRACKET})
# How far FROM may be from the function's name; bounded, so that the search stays linear.
_LONGEST_ARGUMENT: Final = 256
_LIST_ENDS: Final = frozenset({"where", "group", "order", "having", "limit", "set", "on", "union", "values", "select"})


def operation_of(lexemes: Sequence[Lexeme], words: Sequence[str]) -> str:
    """Name what a statement does; for WITH what its main statement does.

    Parameters
    ----------
    lexemes
        The statement.
    words
        The canonical form of each lexeme.
    """
    first = words[0] if words else ""
    if first == "(":
        first = next((word for word in words if word != "("), "")
    if first == "with":
        first = _main_after_with(lexemes)
    return _OPERATIONS.get(first, "other")


def _main_after_with(lexemes: Sequence[Lexeme]) -> str:
    depth = base = 0
    for lexeme in lexemes:
        if lexeme.kind in _OPENING:
            depth += 1
        elif lexeme.kind == Kind.CLOSE:
            depth -= 1
        elif lexeme.canonical == "with" and not base:
            base = depth + 1
        elif depth + 1 == base and lexeme.canonical in _MAIN:
            return lexeme.canonical
    return ""


def tables_of(lexemes: Sequence[Lexeme], words: Sequence[str]) -> tuple[str, ...]:
    """Name the tables after FROM, JOIN, INTO, UPDATE and USING, each once; no common table expressions."""
    positions: list[int] = []
    introducers = [index for index, word in enumerate(words) if word in _INTRODUCERS]
    has_from_functions = not _FROM_FUNCTIONS.isdisjoint(words)
    for index in introducers:
        if index and words[index - 1] in _NO_TABLE_AFTER:
            continue
        if has_from_functions and words[index] == "from" and _stands_in_function(lexemes, index):
            continue
        positions += _listed_tables(lexemes, index)
    found = dict.fromkeys([name_of(lexemes[position]) for position in positions])
    if found and "with" in words:
        for name in _common_table_expressions(lexemes):
            found.pop(name, None)
    return tuple(found)


def _stands_in_function(lexemes: Sequence[Lexeme], index: int) -> bool:
    """Whether a FROM separates two arguments, as in ``EXTRACT(year FROM a)``."""
    depth = 0
    for position in range(index - 1, max(index - _LONGEST_ARGUMENT, 0), -1):
        kind = lexemes[position].kind
        depth += (kind == Kind.CLOSE) - (kind in _OPENING)
        if depth < 0:
            return lexemes[position - 1].canonical in _FROM_FUNCTIONS
    return False


def _listed_tables(lexemes: Sequence[Lexeme], index: int) -> Iterator[int]:
    """The tables of ``FROM a, b AS c``; what stands in brackets has an introducer of its own."""
    position: int | None = index + 1
    takes_lists = lexemes[index].canonical in {"from", "using", "update"}
    takes_calls = lexemes[index].canonical == "into"
    while position is not None:
        position = _skip_modifiers(lexemes, position)
        if position < len(lexemes) and _is_table(lexemes, position, takes_calls=takes_calls):
            yield position
        position = _after_comma(lexemes, position) if takes_lists else None


def _skip_modifiers(lexemes: Sequence[Lexeme], position: int) -> int:
    while position < len(lexemes):
        word = lexemes[position].canonical
        if word == "or" and lexemes[position + 1 : position + 2]:
            position += 2
        elif word in _MODIFIERS:
            position += 1
        else:
            break
    return position


def _is_table(lexemes: Sequence[Lexeme], position: int, *, takes_calls: bool) -> bool:
    lexeme = lexemes[position]
    if lexeme.kind != Kind.PLAIN or not lexeme.is_operand or lexeme.is_keyword:
        return False
    is_call = position + 1 < len(lexemes) and lexemes[position + 1].kind == Kind.OPEN
    return takes_calls or not is_call


def _after_comma(lexemes: Sequence[Lexeme], position: int) -> int | None:
    """The place after the next comma of the same list; ``None`` at the list's end."""
    depth = 0
    for index in range(position, len(lexemes)):
        lexeme = lexemes[index]
        if lexeme.kind in _OPENING:
            depth += 1
        elif lexeme.kind == Kind.CLOSE:
            depth -= 1
        elif not depth and (lexeme.canonical in _LIST_ENDS or lexeme.canonical in _INTRODUCERS):
            return None
        elif lexeme is COMMA and not depth:
            return index + 1
        if depth < 0:
            return None
    return None


def _common_table_expressions(lexemes: Sequence[Lexeme]) -> Iterator[str]:
    """Names that stand before ``AS (``, with or without a list of columns."""
    for index, lexeme in enumerate(lexemes):
        if lexeme.shown == "AS" and index and _opens_query(lexemes, index + 1):
            position = index - 1
            if lexemes[position].kind == Kind.CLOSE:
                position = _opening(lexemes, position) - 1
            if position >= 0:
                yield name_of(lexemes[position])


def _opens_query(lexemes: Sequence[Lexeme], position: int) -> bool:
    words = [lexeme.canonical for lexeme in lexemes[position : position + 3]]
    while words and words[0] in {"not", "materialized"}:
        words.pop(0)
    return words[:1] == ["("]


def _opening(lexemes: Sequence[Lexeme], position: int) -> int:
    depth = 0
    while position >= 0:
        kind = lexemes[position].kind
        depth += (kind == Kind.CLOSE) - (kind in _OPENING)
        if not depth:
            break
        position -= 1
    return position
