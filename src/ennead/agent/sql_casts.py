"""PostgreSQL's casts of values: ``%s::integer`` is one driver's way to write ``%s``."""

from __future__ import annotations

from typing import Final

from ennead.agent.sql_lexemes import Kind, Vocabulary, lower

_VALUES: Final = frozenset({Kind.LITERAL, Kind.PLACEHOLDER, Kind.QUESTION, Kind.BOOLEAN})
# Types of two words; and of four, with a precision after the first.
_SECOND_WORDS: Final = frozenset({"precision", "varying"})
_ZONES: Final = (["with", "time", "zone"], ["without", "time", "zone"])
_LONGEST_MODIFIER: Final = 5


def without_casts(tokens: list[str], vocabulary: Vocabulary) -> list[str]:
    """Leave out the casts behind literals and placeholders; casts of columns and expressions stay.

    Drivers differ in whether they write them, and PostgreSQL's own fingerprint leaves them out as well.

    Examples
    --------
    >>> from ennead.agent.sql_lexemes import vocabulary_of
    >>> without_casts(["$1", "::", "numeric", "(", "5", ")", "=", "a", "::", "text"], vocabulary_of("standard"))
    ['$1', '=', 'a', '::', 'text']
    """
    kept: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token == "::" and kept and _is_value(kept[-1], vocabulary):  # noqa: S105 -- a token of SQL
            end = _type_end(tokens, position + 1, vocabulary)
            if end > position + 1:
                position = end
                continue
        kept.append(token)
        position += 1
    return kept


def _is_value(token: str, vocabulary: Vocabulary) -> bool:
    return (vocabulary.known.get(token) or vocabulary.learn(token)).kind in _VALUES


def _type_end(tokens: list[str], start: int, vocabulary: Vocabulary) -> int:
    """The place behind the type that starts at a place; the same place where none does."""
    if start >= len(tokens):
        return start
    lexeme = vocabulary.known.get(tokens[start]) or vocabulary.learn(tokens[start])
    if lexeme.canonical != "interval" and (lexeme.kind != Kind.PLAIN or not lexeme.is_operand or lexeme.is_keyword):
        return start
    end = start + 1
    if end < len(tokens) and lower(tokens[end]) in _SECOND_WORDS:
        end += 1
    end = _modifier_end(tokens, end)
    if [lower(token) for token in tokens[end : end + 3]] in _ZONES:
        end += 3
    while tokens[end : end + 1] == ["["] and "]" in tokens[end + 1 : end + 3]:
        end = tokens.index("]", end) + 1
    return end


def _modifier_end(tokens: list[str], start: int) -> int:
    """The place behind ``(10, 2)``."""
    if tokens[start : start + 1] == ["("] and ")" in tokens[start : start + _LONGEST_MODIFIER]:
        return tokens.index(")", start) + 1
    return start
