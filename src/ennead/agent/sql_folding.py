"""One walk over the tokens of a statement: literals become ``?``, lists of values become one element."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from ennead.agent.sql_lexemes import (
    AND,
    CLOSE,
    COMMA,
    MINUS,
    OPEN,
    OPEN_CALL,
    OR,
    PLACE,
    SPACED_CAST,
    SUBSCRIPT,
    Kind,
    Lexeme,
    Vocabulary,
)
from ennead.agent.sql_literals import LiteralValue, literal_value

# Lists of deeper elements are left as they are: every lexeme is looked at a bounded number of times.
_DEEPEST_ELEMENT: Final = 3
_TYPES_BEFORE_LITERALS: Final = frozenset({"date", "time", "timestamp", "timestamptz", "datetime"})
_BEFORE_COLUMNS: Final = frozenset({"into", "table"})
_SUBQUERY_STARTS: Final = frozenset({"select", "with", "values", "table"})
_OPERAND_KINDS: Final = frozenset(
    {Kind.PLACEHOLDER, Kind.QUESTION, Kind.LITERAL, Kind.NULL, Kind.BOOLEAN, Kind.OPEN},
)


_OPENING: Final = frozenset({Kind.OPEN, Kind.BRACKET})


class _Role(Enum):
    """Why a bracket was opened."""

    OTHER = 0
    LIST = 1
    ROW = 2
    ELEMENT = 3


class _Frame:
    """An open bracket."""

    __slots__ = ("height", "role", "rows", "start")

    def __init__(self, role: _Role, start: int, rows: _Rows | None = None) -> None:
        self.role = role
        self.start = start
        self.rows = rows
        self.height = 0


class _Rows:
    """The tuples after one VALUES."""

    __slots__ = ("count", "end", "shapes")

    def __init__(self) -> None:
        self.count = 0
        self.end = -1
        self.shapes: set[tuple[str, ...]] = set()


class Folder:
    """Turns tokens into lexemes without literals; read the attributes after :meth:`run`."""

    __slots__ = (
        "_backslash_escapes",
        "_frames",
        "_last_string",
        "_open_rows",
        "_tokens",
        "_vocabulary",
        "list_sizes",
        "literals",
        "out",
        "row_count",
        "slots",
    )

    def __init__(self, tokens: list[str], vocabulary: Vocabulary, *, backslash_escapes: bool) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary
        self._backslash_escapes = backslash_escapes
        self._frames: list[_Frame] = []
        self._open_rows: dict[int, _Rows] = {}
        self._last_string = -2
        self.out: list[Lexeme] = []
        self.slots: list[int | None] = []
        self.literals: list[LiteralValue] = []
        self.list_sizes: list[int] = []
        self.row_count = 1

    def run(self, *, is_cut: bool = False) -> None:
        """Read all tokens.

        Parameters
        ----------
        is_cut
            Whether the text was longer: what its end left unfinished is dropped, so that it does not matter where.
        """
        known, learn, append = self._vocabulary.known, self._vocabulary.learn, self.out.append
        handlers = _HANDLERS
        for index, text in enumerate(self._tokens):
            lexeme = known.get(text) or learn(text)
            if lexeme[0]:
                handlers[lexeme[0]](self, index, lexeme)
            else:
                append(lexeme)
        if is_cut:
            self._drop_unfinished()

    # ---------------------------------------------------------------- values
    def _plain(self, _index: int, lexeme: Lexeme) -> None:
        self.out.append(lexeme)

    def _placeholder(self, _index: int, _lexeme: Lexeme) -> None:
        self.slots.append(None)
        self._put_place()

    def _question(self, index: int, _lexeme: Lexeme) -> None:
        """A placeholder, or PostgreSQL's "has this key" between two operands."""
        if self.out and self.out[-1].is_operand and self._starts_operand(self._next(index)):
            self.out.append(PLACE._replace(kind=Kind.PLAIN, is_operand=False))
        else:
            self._placeholder(index, PLACE)

    def _question_operator(self, _index: int, lexeme: Lexeme) -> None:
        """PostgreSQL's "has any" and "has all of these keys" behind an operand, else a placeholder and an operator."""
        if self.out and self.out[-1].is_operand:
            self.out.append(lexeme)
        else:
            self.slots.append(None)
            self._put_place()
            self.out.append(OR if lexeme.shown == "?|" else AND)

    def _literal(self, index: int, _lexeme: Lexeme) -> None:
        text = self._tokens[index]
        value = literal_value(text, backslash_escapes=self._backslash_escapes)
        if text[-1] in "'\"" or isinstance(value, str):
            if self._last_string == index - 1:
                self._last_string = index
                self._continue_string(value)
                return
            self._last_string = index
            if self.out and self.out[-1].canonical in _TYPES_BEFORE_LITERALS:
                self.out.pop()
        elif self._is_signed():
            self.out.pop()
            value = -value if isinstance(value, int | float) else value
        self._put_literal(value)

    def _continue_string(self, value: LiteralValue) -> None:
        last = self.literals[-1]
        if isinstance(last, str) and isinstance(value, str):
            self.literals[-1] = last + value

    def _is_signed(self) -> bool:
        out = self.out
        return bool(out) and out[-1] is MINUS and (len(out) == 1 or not out[-2].is_operand)

    def _null(self, index: int, lexeme: Lexeme) -> None:
        """In a list of values NULL is one of them; anywhere else it is part of the statement."""
        if self._frames and self._frames[-1].role is not _Role.OTHER and self._stands_alone(index):
            self._put_literal(None)
        else:
            self.out.append(lexeme)

    def _boolean(self, _index: int, lexeme: Lexeme) -> None:
        before = [previous.canonical for previous in self.out[-2:]]
        if before[-1:] == ["is"] or before == ["is", "not"]:
            self.out.append(lexeme)
        else:
            self._put_literal(lexeme.canonical == "true")

    def _put_literal(self, value: LiteralValue) -> None:
        self.slots.append(len(self.literals))
        self.literals.append(value)
        self._put_place()

    def _put_place(self) -> None:
        out = self.out
        if out and out[-1].canonical == "in":
            out += (OPEN, PLACE, CLOSE)
            self.list_sizes.append(1)
        else:
            out.append(PLACE)

    def _next(self, index: int) -> str:
        return self._tokens[index + 1] if index + 1 < len(self._tokens) else ""

    def _stands_alone(self, index: int) -> bool:
        return self._next(index) in {",", ")"} and self.out[-1].shown in {",", "("}

    def _starts_operand(self, text: str) -> bool:
        if not text:
            return False
        lexeme = self._vocabulary.known.get(text) or self._vocabulary.learn(text)
        return lexeme.kind in _OPERAND_KINDS or (lexeme.kind == Kind.PLAIN and lexeme.is_operand)

    def _cast(self, _index: int, lexeme: Lexeme) -> None:
        self.out.append(lexeme if self.out and self.out[-1].is_operand else SPACED_CAST)

    # ---------------------------------------------------------------- brackets
    def _open(self, _index: int, _lexeme: Lexeme) -> None:
        out = self.out
        previous = out[-1] if out else COMMA
        rows = self._rows_here(previous)
        if rows is not None:
            role = _Role.ROW
        elif previous.canonical == "in":
            role = _Role.LIST
        elif self._frames and self._frames[-1].role is _Role.LIST and previous.shown in {",", "("}:
            role = _Role.ELEMENT
        else:
            role = _Role.OTHER
        out.append(OPEN_CALL if self._is_call(previous) else OPEN)
        self._frames.append(_Frame(role, len(out), rows))

    def _is_call(self, previous: Lexeme) -> bool:
        if not previous.is_operand or previous.is_keyword or previous is PLACE:
            return False
        return len(self.out) < 2 or self.out[-2].canonical not in _BEFORE_COLUMNS  # noqa: PLR2004 -- two lexemes back

    def _rows_here(self, previous: Lexeme) -> _Rows | None:
        """The tuples that an opening bracket continues, or a new set of them after VALUES."""
        depth = len(self._frames)
        if previous.canonical == "row" and len(self.out) > 1:
            position, previous = len(self.out) - 1, self.out[-2]
        else:
            position = len(self.out)
        if previous.canonical == "values":
            rows = self._open_rows[depth] = _Rows()
            return rows
        found = self._open_rows.get(depth)
        if found is not None and previous is COMMA and found.end == position - 1:
            return found
        return None

    def _bracket(self, index: int, lexeme: Lexeme) -> None:
        out = self.out
        role = _Role.OTHER
        if out:
            previous = out[-1]
            if previous.canonical == "array":
                role = _Role.LIST
            if previous.shown[-1].isalnum() or previous.shown[-1] in "_$])\"`?'":
                lexeme = SUBSCRIPT
        following = self._next(index)
        if following[:1] == "[" != following:  # a name in brackets must not look like a nested array
            lexeme = lexeme._replace(glues_next=False)
        out.append(lexeme)
        self._frames.append(_Frame(role, len(out)))

    def _close(self, _index: int, lexeme: Lexeme) -> None:
        if not self._frames:
            self.out.append(lexeme)
            return
        frame = self._frames.pop()
        rows_inside = self._open_rows.pop(len(self._frames) + 1, None)
        if self._frames:
            self._frames[-1].height = max(self._frames[-1].height, frame.height + 1)
        if frame.role is _Role.LIST and frame.height <= _DEEPEST_ELEMENT:
            self._fold_list(frame.start, rows_inside)
        self.out.append(lexeme)
        if frame.rows is not None:
            self._fold_row(frame, frame.rows)

    def _fold_list(self, start: int, rows_inside: _Rows | None) -> None:
        """Keep each kind of element of an IN list or an ARRAY once; the tuples of ``IN (VALUES ...)`` are folded."""
        out = self.out
        lexemes = out[start:]
        if lexemes and lexemes[0].canonical in _SUBQUERY_STARTS:
            if rows_inside is not None and lexemes[0].canonical == "values":
                self.list_sizes.append(rows_inside.count)
            return
        places = lexemes.count(PLACE)
        if places and places + lexemes.count(COMMA) == len(lexemes) == 2 * places - 1:
            size = places
            out[start:] = [PLACE]
        else:
            elements = _split(lexemes)
            size = len(elements) if lexemes else 0
            out[start:] = _distinct(elements)
        if out[start - 1].shown == "(" or self._is_any_array(start):
            self.list_sizes.append(size)

    def _is_any_array(self, start: int) -> bool:
        before = [lexeme.canonical for lexeme in self.out[max(start - 4, 0) : start]]
        return before[:2] == ["any", "("]

    def _fold_row(self, frame: _Frame, rows: _Rows) -> None:
        """Keep each kind of tuple after VALUES once."""
        rows.count += 1
        if not (self._frames and self._frames[-1].role is _Role.LIST):
            self.row_count = max(self.row_count, rows.count)
        start = frame.start
        if frame.height <= _DEEPEST_ELEMENT:
            shape = tuple([lexeme.canonical for lexeme in self.out[start:]])
            if shape in rows.shapes:
                del self.out[rows.end :]
                return
            rows.shapes.add(shape)
        rows.end = len(self.out)

    def _drop_unfinished(self) -> None:
        """Drop the element or tuple that the end of the text cut off, and fold the list that it stood in."""
        innermost = next((frame for frame in reversed(self._frames) if frame.role is _Role.LIST), None)
        if innermost is not None:
            self._fold_open_list(innermost.start)
        for depth in range(len(self._frames) + 1):
            rows = self._open_rows.get(depth)
            if rows is not None and rows.end >= 0 and self.out[rows.end : rows.end + 1] == [COMMA]:
                del self.out[rows.end :]
                return

    def _fold_open_list(self, start: int) -> None:
        lexemes = self.out[start:]
        elements = _split(lexemes)
        if len(elements) > 1 and lexemes[0].canonical not in _SUBQUERY_STARTS:
            self.list_sizes.append(len(elements) - 1)
            self.out[start:] = [*_distinct(elements[:-1]), COMMA]


def _split(lexemes: list[Lexeme]) -> list[list[Lexeme]]:
    """The elements between a list's commas; brackets keep theirs together."""
    elements: list[list[Lexeme]] = [[]]
    depth = 0
    for lexeme in lexemes:
        if lexeme is COMMA and not depth:
            elements.append([])
            continue
        kind = lexeme[0]
        if kind == Kind.CLOSE:
            depth -= 1
        elif kind in _OPENING:
            depth += 1
        elements[-1].append(lexeme)
    return elements


def _distinct(elements: list[list[Lexeme]]) -> list[Lexeme]:
    """Each kind of element once, in the order of first appearance, with commas between them."""
    kept: dict[tuple[str, ...], list[Lexeme]] = {}
    for element in elements:
        kept.setdefault(tuple([lexeme[3] for lexeme in element]), element)
    joined: list[Lexeme] = []
    for element in kept.values():
        joined += [COMMA, *element]
    return joined[1:]


_HANDLERS: Final[tuple[Callable[[Folder, int, Lexeme], None], ...]] = (
    Folder._plain,  # noqa: SLF001 -- the table of this class's own methods
    Folder._placeholder,  # noqa: SLF001
    Folder._question,  # noqa: SLF001
    Folder._literal,  # noqa: SLF001
    Folder._null,  # noqa: SLF001
    Folder._boolean,  # noqa: SLF001
    Folder._open,  # noqa: SLF001
    Folder._close,  # noqa: SLF001
    Folder._bracket,  # noqa: SLF001
    Folder._question_operator,  # noqa: SLF001
    Folder._cast,  # noqa: SLF001
)
