"""What a token of SQL is: how it is shown, what it equals, and how it stands between its neighbours."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final, NamedTuple

from ennead.agent.sql_tokens import NUMBER, Quoting

_MAX_KNOWN: Final = 16_384
_LONGEST_KNOWN: Final = 128
_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Kind(IntEnum):
    """What the normaliser has to do about a lexeme; nothing for a plain one."""

    PLAIN = 0
    PLACEHOLDER = 1
    QUESTION = 2
    LITERAL = 3
    NULL = 4
    BOOLEAN = 5
    OPEN = 6
    CLOSE = 7
    BRACKET = 8
    QUESTION_OPERATOR = 9
    CAST = 10


class Lexeme(NamedTuple):
    """One token, understood."""

    kind: int
    shown: str
    spaced: str
    """As shown after a token that leaves room: with a space before it, or without."""
    canonical: str
    """Equal for equal meaning, whatever the case and the quotes; empty where the word changes nothing."""
    is_operand: bool = False
    """Whether it may stand to the left of an operator."""
    glues_next: bool = False
    """Whether the next token follows without a space."""
    is_keyword: bool = False


# Words that are shown in capitals and make no tables: the reserved ones, after which a value may follow but no
# operator, and some that are names as well, after which both may.
_RESERVED_LIST: Final = """
    all analyze and any as asc between by case check collate column constraint create cross cube desc distinct do drop
    else escape except exists explain fetch first for foreign from full glob group having ilike in inner insert
    intersect interval into is isnull join lateral left like limit merge minus natural next not notnull offset on only
    or order outer over primary references regexp returning right rlike select set similar straight_join table
    tablesample then to union unique using values when where window with xor
"""
_UNRESERVED_LIST: Final = """
    add alter array begin call cascade commit conflict current cursor deallocate declare default delete describe
    duplicate end exec execute filter following if ignore index lock match matched materialized nothing partition
    pragma preceding prepare range recursive release rename replace rollback row rows savepoint show start transaction
    truncate unbounded update use vacuum work
"""
_UNRESERVED: Final = frozenset(_UNRESERVED_LIST.split())
_KEYWORDS: Final = _UNRESERVED | frozenset(_RESERVED_LIST.split())
_CONSTANTS: Final = {"null": Kind.NULL, "true": Kind.BOOLEAN, "false": Kind.BOOLEAN}
_SILENT: Final = frozenset({"as", "inner", "outer"})


def _spaced(kind: int, shown: str, canonical: str | None = None) -> Lexeme:
    return Lexeme(kind, shown, " " + shown, shown if canonical is None else canonical)


def _tight(kind: int, shown: str) -> Lexeme:
    return Lexeme(kind, shown, shown, shown)


PLACE: Final = _spaced(Kind.PLACEHOLDER, "?")._replace(is_operand=True)
QUESTION: Final = PLACE._replace(kind=Kind.QUESTION)
LITERAL: Final = PLACE._replace(kind=Kind.LITERAL)
MINUS: Final = _spaced(Kind.PLAIN, "-")
OR: Final = _spaced(Kind.PLAIN, "|")
AND: Final = _spaced(Kind.PLAIN, "&")
COMMA: Final = _tight(Kind.PLAIN, ",")
SEMICOLON: Final = _tight(Kind.PLAIN, ";")
SPACED_CAST: Final = _spaced(Kind.CAST, "::")
OPEN: Final = _spaced(Kind.OPEN, "(")._replace(glues_next=True)
OPEN_CALL: Final = _tight(Kind.OPEN, "(")._replace(glues_next=True)
CLOSE: Final = _tight(Kind.CLOSE, ")")._replace(is_operand=True)
BRACKET: Final = _spaced(Kind.BRACKET, "[")._replace(glues_next=True)
SUBSCRIPT: Final = _tight(Kind.BRACKET, "[")._replace(glues_next=True)
UNBRACKET: Final = _tight(Kind.CLOSE, "]")._replace(is_operand=True)

_FIXED: Final[dict[str, Lexeme]] = {
    "?": QUESTION,
    "?|": _spaced(Kind.QUESTION_OPERATOR, "?|"),
    "?&": _spaced(Kind.QUESTION_OPERATOR, "?&"),
    "-": MINUS,
    ",": COMMA,
    ";": SEMICOLON,
    "(": OPEN,
    ")": CLOSE,
    "[": BRACKET,
    "]": UNBRACKET,
    ".": _tight(Kind.PLAIN, "."),
    "::": _tight(Kind.CAST, "::")._replace(glues_next=True),
    "!=": _spaced(Kind.PLAIN, "!=", "<>"),
    "%%": _spaced(Kind.PLAIN, "%"),
}
_PART: Final = re.compile(r'(?:[uU]&)?"(?:[^"]|"")*+"?|`(?:[^`]|``)*+`?|\[[^\]]*+\]|[^\s."`\[]++')
_BARE: Final = re.compile(r"[a-z_][a-z0-9_$]*+")
_PLACEHOLDER: Final = re.compile(r"\?[0-9]+|%[sbt]|%\(.*\)[sbt]|:\w+|\$\w+|@[^\W\d].*|__\[POSTCOMPILE_.*", re.DOTALL)
_OTHER_NAME: Final = re.compile(r"[_\"`]|\[.|@@.", re.DOTALL)


class Vocabulary:
    """Lexemes by the token's text, learnt as they come; one vocabulary for each manner of quoting.

    Literals are never remembered, and the number of remembered texts is bounded.
    """

    __slots__ = ("_double_quotes_strings", "known")

    def __init__(self, *, double_quotes_strings: bool) -> None:
        self._double_quotes_strings = double_quotes_strings
        self.known: dict[str, Lexeme] = dict(_FIXED)

    def learn(self, text: str) -> Lexeme:
        """Understand a token that is not known yet."""
        if self._is_literal(text):
            return LITERAL
        lexeme = _understand(text)
        if len(text) <= _LONGEST_KNOWN:
            if len(self.known) >= _MAX_KNOWN:
                self.forget()
            self.known[text] = lexeme
        return lexeme

    def forget(self) -> None:
        """Start anew."""
        self.known = dict(_FIXED)

    def _is_literal(self, text: str) -> bool:
        first = text[0]
        if first == "'" or (first == '"' and self._double_quotes_strings):
            return True
        if first.isascii() and first.isdigit():
            return is_number(text)
        if first == ".":
            return len(text) > 1
        return len(text) > 1 and (text[1] == "'" or text[1:3] == "&'")


_DIGITS: Final = re.compile(NUMBER)


def is_number(text: str) -> bool:
    """Whether a token that starts with a digit is a number, and no name of MySQL's such as ``2fa``."""
    return _DIGITS.fullmatch(text) is not None


def _understand(text: str) -> Lexeme:
    if _PLACEHOLDER.fullmatch(text):
        return PLACE
    if text[0].isalnum() or _OTHER_NAME.match(text):
        return _word(text)
    return _spaced(Kind.PLAIN, text)


def _word(text: str) -> Lexeme:
    lowered = lower(text)
    if lowered in _CONSTANTS:
        return _spaced(_CONSTANTS[lowered], lowered.upper(), lowered)._replace(is_operand=True)
    if lowered in _KEYWORDS:
        keyword = _spaced(Kind.PLAIN, lowered.upper(), "" if lowered in _SILENT else lowered)
        return keyword._replace(is_operand=lowered in _UNRESERVED, is_keyword=True)
    return _name(text)


def _name(text: str) -> Lexeme:
    parts = _PART.findall(text)
    shown = ".".join([part if _is_quoted(part) else lower(part) for part in parts])
    return _spaced(Kind.PLAIN, shown, ".".join(map(_canonical_part, parts)))._replace(is_operand=True)


def _is_quoted(part: str) -> bool:
    return part[0] in '"`[' or part[1:3] == '&"'


def _canonical_part(part: str) -> str:
    """A name without its quotes, where it means the same without; else in double quotes."""
    if not _is_quoted(part):
        return lower(part)
    content = unquoted(part)
    if _BARE.fullmatch(content) and content not in _KEYWORDS and content not in _CONSTANTS:
        return content
    return '"' + content.replace('"', '""') + '"'


def unquoted(part: str) -> str:
    """The name inside of quotes of any kind; one without quotes in lower case, as databases read it."""
    if not _is_quoted(part):
        return lower(part)
    if part[0] == "[":
        return part[1:-1].strip()
    start = part.index('"') if part[0] not in '"`' else 0
    quote = part[start]
    content = part[start + 1 : -1] if len(part) > start + 1 and part[-1] == quote else part[start + 1 :]
    return content.replace(quote * 2, quote)


def name_of(lexeme: Lexeme) -> str:
    """The dotted name of a table as people say it."""
    if '"' not in lexeme.canonical:
        return lexeme.canonical
    return ".".join(map(unquoted, _PART.findall(lexeme.shown)))


def lower(text: str) -> str:
    """Lower case of the ASCII letters only: no other folding keeps every word one word."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


_VOCABULARIES: Final[dict[Quoting, Vocabulary]] = {
    "standard": Vocabulary(double_quotes_strings=False),
    "mysql": Vocabulary(double_quotes_strings=True),
}


def vocabulary_of(quoting: Quoting) -> Vocabulary:
    """The process's vocabulary for a manner of quoting."""
    return _VOCABULARIES[quoting]
