"""Normalised SQL and its fingerprint: equal for statements that differ only in values, layout and lengths of lists.

Runs on the text alone, without a parser and mostly without knowing the database. Known limits:

- Without a dialect, ``"text"`` counts as a name unless backticks stand in the statement or every double-quoted word
  stands where only a value makes sense; pass ``dialect="mysql"`` where it is known.
- Redundant brackets, ``CAST(a AS int)`` against ``a::int`` and ``public.t`` against ``t`` make different fingerprints.
- A statement beyond 100,000 characters is cut; its normalised form ends in an ellipsis.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from ennead.agent.sql_casts import without_casts
from ennead.agent.sql_folding import Folder
from ennead.agent.sql_lexemes import Lexeme, lower, vocabulary_of
from ennead.agent.sql_summary import operation_of, tables_of
from ennead.agent.sql_tokens import Quoting, read

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_STATEMENT_CHARACTERS: Final = 100_000
_CUT: Final = "…"
_TAIL: Final = " " + _CUT


@dataclass(frozen=True, slots=True)
class NormalizedStatement:
    """What is known about a statement from its text alone.

    Examples
    --------
    >>> found = normalize("SELECT * FROM Book WHERE id IN (1, 2) AND title = %s LIMIT 10")
    >>> found.statement
    'SELECT * FROM book WHERE id IN (?) AND title = ? LIMIT ?'
    >>> found.operation, found.tables, found.literals, found.slots, found.list_sizes
    ('select', ('book',), (1, 2, 10), (0, 1, None, 2), (2,))
    """

    statement: str
    """Normalised SQL: every literal and placeholder is ``?``, each kind of element of a list stands once."""
    fingerprint: str
    """16 hexadecimal digits; neither the case of unquoted words nor the style of quoting a name changes it."""
    operation: str
    """select, insert, update, delete, merge, begin, commit, rollback, savepoint, release, set, pragma, ddl, explain,
    call or other."""
    tables: tuple[str, ...]
    """Names after FROM, JOIN, INTO, UPDATE and USING, in order, each once, without common table expressions."""
    literals: tuple[object, ...]
    """The values of the literals in the text, in order."""
    slots: tuple[int | None, ...]
    """For each ``?`` before lists were folded: the index of its literal, ``None`` for a placeholder."""
    list_sizes: tuple[int, ...]
    """The number of elements of each IN list, and of each array after ANY."""
    row_count: int
    """The number of tuples after VALUES; 1 without. Of a statement that was cut, those in front of the cut."""


def normalize(sql: str | bytes, dialect: str | None = None) -> NormalizedStatement:
    """Normalise a statement. Never raises, whatever the text; takes time linear in its length.

    Parameters
    ----------
    sql
        The statement as it was sent to the driver; bytes are decoded as UTF-8.
    dialect
        ``"mysql"``, ``"mariadb"``, or another name for standard quoting; without it the text decides.

    Returns
    -------
    NormalizedStatement
        Normalising its ``statement`` again yields the same statement and fingerprint.
    """
    text = sql.decode("utf-8", "replace") if isinstance(sql, bytes | bytearray | memoryview) else str(sql)
    normalized = _normalize(text, dialect)
    if len(normalized.statement) <= MAX_STATEMENT_CHARACTERS:
        return normalized
    # Spaces made it longer than any statement may be: cut it as if it had come like this.
    shorter = _normalize(normalized.statement, dialect)
    return replace(normalized, statement=shorter.statement, fingerprint=shorter.fingerprint)


def _normalize(text: str, dialect: str | None) -> NormalizedStatement:
    tokens, quoting, is_cut = _read(text, dialect)
    vocabulary = vocabulary_of(quoting)
    if "::" in text:
        tokens = without_casts(tokens, vocabulary)
    folder = Folder(tokens, vocabulary, backslash_escapes=quoting == "mysql")
    folder.run(is_cut=is_cut)
    lexemes = folder.out
    words = [lexeme[3] for lexeme in lexemes]
    return NormalizedStatement(
        _text(lexemes, is_cut=is_cut),
        _hash(words, is_cut=is_cut),
        operation_of(words),
        tables_of(lexemes, words),
        tuple(folder.literals),
        tuple(folder.slots),
        tuple(folder.list_sizes),
        folder.row_count,
    )


def _read(text: str, dialect: str | None) -> tuple[list[str], Quoting, bool]:
    """The tokens, the manner of quoting, and whether the text was cut, now or when it was normalised before."""
    is_cut = len(text) > MAX_STATEMENT_CHARACTERS
    tokens, quoting = read(text[: MAX_STATEMENT_CHARACTERS - len(_TAIL)] if is_cut else text, dialect)
    if is_cut:
        tokens[-1:] = []  # it may be a part of a token only
        while tokens and tokens[-1][0] == "#":  # with nothing behind it, it would start a comment
            tokens.pop()
    while tokens and tokens[-1] == ";":
        tokens.pop()
    if tokens and tokens[-1] == _CUT:
        tokens.pop()
        is_cut = True
    if tokens and lower(tokens[0]) in _SESSION_STARTS:
        _hide_session_name(tokens)
    return tokens, quoting, is_cut


_SESSION_NAME: Final = re.compile(
    r"""(?:savepoint|release(?:\ savepoint)?|rollback(?:\ (?:work|transaction))?\ to(?:\ savepoint)?
    |declare|deallocate(?:\ prepare)?|close|(?:fetch|move)\ .*from)$""",
    re.VERBOSE,
)
_SESSION_STARTS: Final = frozenset(
    {"savepoint", "release", "rollback", "declare", "deallocate", "close", "fetch", "move"},
)
_SESSION_WORDS: Final = frozenset({"all", "to", "savepoint", "prepare"})
_LONGEST_SESSION_PREFIX: Final = 6


def _hide_session_name(tokens: list[str]) -> None:
    """Turn the name of a savepoint, cursor or prepared statement, which drivers number, into a literal."""
    words = [lower(token) for token in tokens[:_LONGEST_SESSION_PREFIX]]
    for index in range(len(words) - 1, 0, -1):
        if _SESSION_NAME.match(" ".join(words[:index])) and _is_session_name(words[index]):
            tokens[index] = "'" + tokens[index].replace("'", "''").replace("\\", "\\\\") + "'"
            return


def _is_session_name(word: str) -> bool:
    return (word[0].isalpha() or word[0] in '_"`') and word not in _SESSION_WORDS


def _text(lexemes: Iterable[Lexeme], *, is_cut: bool) -> str:
    pieces: list[str] = []
    tight = True
    append = pieces.append
    for lexeme in lexemes:
        append(lexeme[1] if tight else lexeme[2])
        tight = lexeme[5]
    if is_cut:
        pieces.append(_TAIL)
    return "".join(pieces)


def _hash(words: Iterable[str], *, is_cut: bool) -> str:
    canonical = " ".join(filter(None, words)) + _CUT * is_cut
    return blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_PAIR: Final = re.compile(r"([^\s=,'*/]+)='((?:[^'\\]|\\.)*)'")


def trace_comment(sql: str) -> dict[str, str]:
    """Read the ``key='value'`` pairs of the comment at a statement's end, as sqlcommenter writes them.

    Source: https://google.github.io/sqlcommenter/spec/

    Examples
    --------
    >>> trace_comment("SELECT 1 /*route='%2Fbooks',traceparent='00-ab-cd-01'*/;")
    {'route': '/books', 'traceparent': '00-ab-cd-01'}
    """
    from urllib.parse import unquote

    end = sql.rstrip().rstrip(";").rstrip()
    start = end.rfind("/*")
    if start < 0 or not end.endswith("*/"):
        return {}
    return {unquote(key): unquote(value.replace("\\'", "'")) for key, value in _PAIR.findall(end[start + 2 : -2])}
