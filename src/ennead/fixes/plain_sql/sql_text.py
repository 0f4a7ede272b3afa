"""A SELECT for one key, as the user wrote it, turned into a SELECT for many."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = "\x00{}\x00"
"""Stands for a value in the text: the number of the placeholder."""
_MARKED = re.compile("\x00(\\d+)\x00")
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):(\w+)|%\((\w+)\)s|(\?)|(%s)")
_UNCLEAR = re.compile(
    r"\b(group\s+by|limit|union|intersect|except|having|distinct|offset|fetch|or|between)\b|;", re.IGNORECASE
)
_AGGREGATE = re.compile(r"^(count|sum|min|max|avg|total)\s*\([^()]*\)(\s+(as\s+)?\w+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class SetStatement:
    """The statement for many keys."""

    text: str
    """With ``\\0keys\\0`` where the list of keys goes, and the marks of other values."""
    column: str
    aggregate: str | None
    """``count``, ``sum`` ... if that is all it selects."""
    is_ordered: bool


def placeholders(text: str) -> tuple[str, list[str | int]]:
    """The text with marks for placeholders, and what each is called: a name, or its place among those without.

    >>> placeholders("SELECT a FROM b WHERE c = :c AND d = ':x'")[1]
    ['c']
    """
    names: list[str | int] = []

    def mark(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name is None and not (match[3] or match[4]):
            return match[0]
        names.append(name if name is not None else sum(isinstance(item, int) for item in names))
        return MARK.format(len(names) - 1)

    return _PLACEHOLDER.sub(mark, text), names


def set_statement(text: str, number: int) -> SetStatement | None:
    r"""The statement for all values of the placeholder of a number; ``None`` if it cannot be told.

    Examples
    --------
    >>> found = set_statement("SELECT max(price) FROM line WHERE order_id = \x000\x00", 0)
    >>> found.text.replace("\x00", "/"), found.aggregate
    ('SELECT max(price), order_id FROM line WHERE order_id IN /keys/ GROUP BY order_id', 'max')
    """
    mark = re.escape(MARK.format(number))
    condition = re.search(rf"([\w.\"`\[\]]+)\s*=\s*['\"]?{mark}['\"]?", text) or re.search(
        rf"([\w.\"`\[\]]+)\s+in\s*\(\s*{mark}\s*\)", text, re.IGNORECASE
    )
    start = re.match(r"\s*select\s+", text, re.IGNORECASE)
    if condition is None or start is None or _UNCLEAR.search(_bare(text)) or text.lower().count("select") != 1:
        return None
    end = _from(text, start.end())
    if end is None or len(re.findall(mark, text)) != 1:
        return None
    selected = text[start.end() : end].strip()
    column = condition[1]
    aggregate = _AGGREGATE.match(selected)
    if aggregate is None and re.search(r"\b(count|sum|min|max|avg)\s*\(", selected, re.IGNORECASE):
        return None
    many = text[: condition.start()] + f"{column} IN \x00keys\x00" + text[condition.end() :]
    order = re.search(r"\border\s+by\b", many, re.IGNORECASE)
    head = f"{many[: start.end()]}{selected}, {column} {many[end:]}"
    if aggregate is not None:
        if order is not None:
            return None
        head = f"{head.rstrip()} GROUP BY {column}"
    return SetStatement(head, column, aggregate[1].lower() if aggregate else None, order is not None)


def fill(text: str, values: dict[str, str]) -> str:
    """The text with its marks replaced."""
    for name, value in values.items():
        text = text.replace(f"\x00{name}\x00", value)
    return text


def marks(text: str) -> list[int]:
    """The numbers of the marks in a text, in order."""
    return [int(found[1]) for found in _MARKED.finditer(text)]


def _bare(text: str) -> str:
    """Without what is quoted."""
    return re.sub(r"'(?:[^']|'')*'", "''", text)


def _from(text: str, start: int) -> int | None:
    """Where the ``FROM`` of the outermost SELECT begins."""
    depth = 0
    for match in re.compile(r"[()]|\bfrom\b|'(?:[^']|'')*'", re.IGNORECASE).finditer(text, start):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        elif match[0].lower() == "from" and depth == 0:
            return match.start()
    return None
