"""Cuts SQL of PostgreSQL, MySQL/MariaDB and SQLite into tokens, with one regular expression for each manner of quoting.

Everything here is linear in the length of the text: strings, names and comments that nobody closed run to the end,
no alternative of the expressions gives back what it has consumed, and every bracketed scan has a constant bound.

Which manner of quoting a text uses is decided from the text where nobody says (see :func:`quoting_of`).
"""

from __future__ import annotations

import re
from typing import Final, Literal

Quoting = Literal["standard", "mysql"]

_STRING: Final = r"'[^']*+(?:''[^']*+)*+(?:'|\Z)"
_ESCAPED: Final = r"'[^'\\]*+(?:(?:''|\\[\s\S]?)[^'\\]*+)*+(?:'|\Z)"
_DOUBLE: Final = r'"[^"]*+(?:""[^"]*+)*+(?:"|\Z)'
_DOUBLE_ESCAPED: Final = r'"[^"\\]*+(?:(?:""|\\[\s\S]?)[^"\\]*+)*+(?:"|\Z)'
_BACKTICK: Final = r"`[^`]*+(?:``[^`]*+)*+(?:`|\Z)"
# [name] of SQLite; after an operand a bracket is a subscript, and a name never starts with a digit.
_BRACKET: Final = r"(?<![\w\])\[\"`?'$])\[\s*+[^\W\d][\w \t\r\n]{0,128}+\]"
_AFTER_DOT: Final = r"\[[^\W\d][\w ]{0,128}+\]"
_WORD: Final = r"[^\W\d][\w$]*+"
NUMBER: Final = (
    r"(?:0[xX][0-9a-fA-F_]++|0[bB][01_]++|0[oO][0-7_]++"
    r"|[0-9][0-9_]*+(?:\.(?:[0-9][0-9_]*+)?+)?(?:[eE][+-]?[0-9]++)?)(?![\w$])"
    r"|\.[0-9][0-9_]*+(?:[eE][+-]?[0-9]++)?"
)
_PLACEHOLDER: Final = (
    r"(?<![\w)\]\"`])%[sbt](?!\w)"
    r"|%\([^()%]{0,128}+\)[sbt](?!\w)"
    r"|(?<![\w:)\]\"`?']):\w++"
    r"|\$\w++"
    r"|(?<![\w@'\"`])@[^\W\d][\w$]*+"
)
_OPERATOR: Final = (
    r"\?[|&](?![|&])"
    r"|\?[0-9]*+"
    r"|::|:=|->>|->|#>>|#>|#-|#++|@@|@>|@\?|<@(?!\w)|<[-#+%~]>|-\|-|%%"
    r"|(?:[<>=!~&|^]|\*(?!/)|/(?!\*))++"
)


def _tokens(string: str, names: str, first_part: str) -> re.Pattern[str]:
    """The pattern of all tokens; a dotted name is one token, whatever stands around the dots."""
    dotted = rf"(?:\s*+\.\s*+(?:{names}|{_AFTER_DOT}|{_WORD}|\*))*+"
    # The white space in front belongs to the match: twice as fast as searching over it.
    return re.compile(
        rf"\s*+({first_part}{dotted}"
        rf"|__\[POSTCOMPILE_[^\]]{{0,256}}+\]"
        rf"|{_WORD}(?!['&]){dotted}"
        rf"|[(),;\])]"
        rf"|{string}"
        rf"|[eE]{_ESCAPED}"
        rf"|[bBnNxX]{string}"
        rf"|[uU]&(?:{_STRING}|{_DOUBLE})"
        rf"|{_WORD}{dotted}"
        rf"|{NUMBER}"
        rf"|[0-9][\w$]*+"
        rf"|@@{_WORD}{dotted}"
        rf"|{_PLACEHOLDER}"
        rf"|{_OPERATOR}"
        rf"|{_BRACKET}{dotted}"
        rf"|\S)",
    )


_PATTERNS: Final[dict[Quoting, re.Pattern[str]]] = {
    "standard": _tokens(_STRING, rf"{_DOUBLE}|{_BACKTICK}", rf"(?:{_DOUBLE}|{_BACKTICK})"),
    "mysql": _tokens(rf"{_ESCAPED}|{_DOUBLE_ESCAPED}", _BACKTICK, _BACKTICK),
}

_TAG: Final = r"\$(?:[^\W\d]\w*+)?\$"


def _up_to_sign(quoted: str, dash: str, other_sign: str) -> re.Pattern[str]:
    """The pattern of all text up to the next comment sign that stands outside of quotes, and of that sign."""
    text = rf"{quoted}|[^\w'\"`/*#$-]++|\w[\w$]*+|/(?!\*)|\*(?!/)|-(?!{dash})"
    return re.compile(rf"((?:{text})*+)(-{dash}|/\*!?[0-9]*+|\*/|{other_sign}|\Z)")


_COMMENTS: Final[dict[Quoting, re.Pattern[str]]] = {
    "standard": _up_to_sign(
        rf"[eE]{_ESCAPED}|{_STRING}|{_DOUBLE}|{_BACKTICK}|\$(?!(?:[^\W\d]\w*+)?\$)",
        "-",
        rf"#++|{_TAG}",
    ),
    "mysql": _up_to_sign(rf"{_ESCAPED}|{_DOUBLE_ESCAPED}|{_BACKTICK}|\$", r"-(?=\s|\Z)", "#"),
}
_STRINGS: Final[dict[Quoting, re.Pattern[str]]] = {
    "standard": re.compile(rf"{_DOUBLE}|{_BACKTICK}|((?<![\w$])[eE]{_ESCAPED}|{_STRING})"),
    "mysql": re.compile(rf"{_DOUBLE_ESCAPED}|{_BACKTICK}|({_ESCAPED})"),
}
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_DOLLAR_QUOTE: Final = re.compile(_TAG)
# PostgreSQL's exclusive or has an operand behind its sign, and there are operators that start with the sign.
_HASH_OPERATOR: Final = re.compile(r"#(?:[>#]|[ \t]*+(?:['\"$%(:?@0-9.+]|-(?!-)))")
# Nothing before it could hide the name: what Django and SQLAlchemy send to MySQL needs no second look.
_QUOTES_BACKTICK_FIRST: Final = re.compile(r"[^'\"`#/$-]*+`")
_MYSQL_DIALECTS: Final = frozenset({"mysql", "mariadb"})


def read(sql: str, dialect: str | None = None) -> tuple[list[str], Quoting]:
    r"""Cut a text into tokens after deciding how it quotes.

    Without a dialect a text quotes like MySQL (backslash escapes, ``"text"`` is a string, ``#`` starts a comment)

    - when a `` `name` `` stands outside its strings: SQLite takes backticks, too, but no SQLite library writes them;
    - when a ``\'`` makes sense in no other way;
    - when double quotes stand around values only, as in ``WHERE a = "text"``, and around no name.

    Parameters
    ----------
    sql
        The text.
    dialect
        A name as Django and SQLAlchemy use them: ``"mysql"`` and ``"mariadb"`` decide, any other name means standard
        quoting.

    Returns
    -------
    tuple
        The tokens, without comments and white space, and the manner of quoting.

    Examples
    --------
    >>> read("SELECT t.a FROM t -- all")
    (['SELECT', 't.a', 'FROM', 't'], 'standard')
    >>> read('SELECT * FROM t WHERE a = "text"')[1], read('SELECT * FROM t WHERE "a" = "b"')[1]
    ('mysql', 'standard')
    """
    if dialect is not None:
        quoting: Quoting = "mysql" if dialect in _MYSQL_DIALECTS else "standard"
        return tokenize(sql, quoting), quoting
    if _QUOTES_BACKTICK_FIRST.match(sql):
        return tokenize(sql, "mysql"), "mysql"
    tokens = tokenize(sql, "standard")
    if ("`" in sql or '"' in sql or "\\'" in sql) and _quotes_like_mysql(sql, tokens):
        return tokenize(sql, "mysql"), "mysql"
    return tokens, "standard"


def _quotes_like_mysql(sql: str, tokens: list[str]) -> bool:
    if "`" in sql and any("`" in text for text in tokens if text[0] not in "'\"" and text[1:2] not in {"'", "&"}):
        return True
    if '"' in sql and _double_quotes_values(tokens):
        return True
    return "\\'" in sql and _is_broken(sql, "standard") and not _is_broken(sql, "mysql")


_BEFORE_VALUES: Final = frozenset({"=", "<", ">", "<>", "!=", "<=", ">=", "<=>", "like", "rlike", "regexp", "between"})


def _double_quotes_values(tokens: list[str]) -> bool:
    """Whether double quotes stand somewhere, and everywhere where only a value can be meant."""
    list_depth = 0
    found = False
    for index, text in enumerate(tokens):
        before = tokens[index - 1].lower() if index else ""
        if text == "(":
            list_depth += bool(list_depth) or before in {"in", "values"}
        elif text == ")":
            list_depth -= bool(list_depth)
        elif text[0] == '"':
            if '"."' in text or not (list_depth or before in _BEFORE_VALUES):
                return False
            found = True
    return found


def _is_broken(sql: str, quoting: Quoting) -> bool:
    """Whether a string ends inside a word, or never."""
    for found in _STRINGS[quoting].finditer(sql):
        text, end = found[1], found.end()
        if text and (text[-1] != "'" or len(text) == 1 or sql[end : end + 1].isalnum()):
            return True
    return False


def tokenize(sql: str, quoting: Quoting) -> list[str]:
    """Cut a text whose manner of quoting is known; a dollar-quoted string appears in single quotes."""
    if "--" in sql or "/*" in sql or "#" in sql or ("$" in sql and _DOLLAR_QUOTE.search(sql)):
        sql = strip_comments(sql, quoting)
    # White space at the very end would be tried from each of its characters.
    return _PATTERNS[quoting].findall(sql.rstrip())


def strip_comments(sql: str, quoting: Quoting) -> str:
    """Replace comments by a space; the code in MySQL's ``/*! */`` stays, dollar quotes become single quotes."""
    return _Stripper(sql, quoting).run()


class _Stripper:
    """One walk over a text from comment sign to comment sign."""

    __slots__ = ("_kept", "_nests", "_open_conditionals", "_quoting", "_sql")

    def __init__(self, sql: str, quoting: Quoting) -> None:
        self._sql = sql
        self._quoting: Quoting = quoting
        self._kept: list[str] = []
        self._open_conditionals = 0
        self._nests = quoting == "standard"

    def run(self) -> str:
        sql, position, end = self._sql, 0, len(self._sql)
        match = _COMMENTS[self._quoting].match
        while position < end and (found := match(sql, position)):
            self._kept.append(found[1])
            position = self._after(found[2], found.start(2), found.end()) if found[2] else end
        return "".join(self._kept)

    def _after(self, sign: str, start: int, end: int) -> int:
        """Keep or drop what starts at ``start``; return where to go on."""
        match sign[0]:
            case "-":
                return self._drop(self._line_end(end))
            case "/":
                return self._block(sign, start, end)
            case "*" if self._open_conditionals:
                self._open_conditionals -= 1
                return self._drop(end)
            case "#" if self._is_comment(start):
                return self._drop(self._line_end(end))
            case "$":
                return self._dollar_quote(sign, end)
        self._kept.append(sign)
        return end

    def _drop(self, end: int) -> int:
        self._kept.append(" ")
        return end

    def _line_end(self, position: int) -> int:
        end = self._sql.find("\n", position)
        return len(self._sql) if end < 0 else end

    def _block(self, sign: str, start: int, end: int) -> int:
        if sign.startswith("/*!"):
            self._open_conditionals += 1
            return self._drop(end)
        if self._nests:
            closed = self._nested_end(start)
            if closed >= 0:
                return self._drop(closed)
            self._nests = False  # MySQL and SQLite do not nest; deciding once keeps the walk linear
        closed = self._sql.find("*/", start + 2)
        return self._drop(len(self._sql) if closed < 0 else closed + 2)

    def _nested_end(self, start: int) -> int:
        depth = 0
        for edge in _COMMENT_EDGE.finditer(self._sql, start):
            depth += 1 if edge[0] == "/*" else -1
            if not depth:
                return edge.end()
        return -1

    def _is_comment(self, start: int) -> bool:
        if self._quoting == "mysql":
            return True
        return self._starts_line() or not _HASH_OPERATOR.match(self._sql, start)

    def _starts_line(self) -> bool:
        for kept in reversed(self._kept):
            head, newline, line = kept.rpartition("\n")
            if line.strip():
                return False
            if newline or head:
                return True
        return True

    def _dollar_quote(self, tag: str, end: int) -> int:
        closed = self._sql.find(tag, end)
        body = self._sql[end:] if closed < 0 else self._sql[end:closed]
        self._kept.append("'" + body.replace("'", "''") + "'")
        return len(self._sql) if closed < 0 else closed + len(tag)
