"""What one SELECT of a loop asks for, read from its normalised text: the table, the key, the order, the aggregate.

It reads what query builders write and gives up on the rest: advice names a column only if it is sure of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_QUOTED_NAME = re.compile(r'"(\w+)"|`(\w+)`|\[(\w+)\]')
_CLAUSE = re.compile(
    r"(SELECT|FROM|WHERE|GROUP\s+BY|HAVING|ORDER\s+BY|LIMIT|OFFSET|FETCH|FOR|WINDOW|UNION|INTERSECT|EXCEPT)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
_SINGLE_TABLE = re.compile(r"(?:\w+\.)?(\w+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_EQUALITY = re.compile(
    r"(?:(\w+)\.)?(\w+)\s*=\s*\?|\?\s*=\s*(?:(\w+)\.)?(\w+)|(?:(\w+)\.)?(\w+)\s+IN\s*\(\?\)", re.IGNORECASE
)
_ORDERED_BY = re.compile(r"(?:(\w+)\.)?([a-z_]\w*)(?:\s+(ASC|DESC))?", re.IGNORECASE)
_AGGREGATE = re.compile(
    r"(count|sum|avg|min|max)\((distinct\s+)?(\*|(?:(?:\w+\.)?\w+\.)?\w+)\)(?:\s+AS\s+\w+)?", re.IGNORECASE
)
_COUNTED_SUBQUERY = re.compile(
    r"SELECT\s+count\([*?]\)(?:\s+AS\s+\w+)?\s+FROM\s+\((SELECT\s.*)\)(?:\s+(?:AS\s+)?\w+)?(?:\s+LIMIT\s+\?)?",
    re.IGNORECASE,
)
_EXISTS = re.compile(r"SELECT\s+EXISTS\s*\((SELECT\s.*)\)(?:\s+AS\s+\w+)?(?:\s+LIMIT\s+\?)?", re.IGNORECASE)
_NO_PLAIN_ROWS = frozenset({"GROUP BY", "HAVING", "LIMIT", "OFFSET", "FETCH", "UNION", "INTERSECT", "EXCEPT"})
_DEEPER, _HIGHER = "([", ")]"


class Aggregate(NamedTuple):
    """The one aggregate that a statement selects."""

    function: str
    """``count``, ``sum``, ``avg``, ``min`` or ``max``."""
    column: str | None
    """Of the statement's own table; ``None`` for ``count(*)``."""
    distinct: bool


class LookupStatement(NamedTuple):
    """A SELECT, as far as it could be read."""

    table: str
    """The first of FROM."""
    is_joined: bool
    """There are further tables."""
    selected: str
    """The select list."""
    conditions: tuple[str, ...]
    """What has to hold, all of them."""
    order: tuple[str, ...] | None
    """Columns of its own table, a ``-`` in front of those that descend; ``None`` if it is ordered by anything else."""
    is_limited: bool
    aggregate: Aggregate | None
    clauses: tuple[tuple[str, str], ...]
    """All clauses as they are written, identifiers unquoted."""

    @property
    def is_aggregate(self) -> bool:
        """Whether it selects an aggregate, one that could be read or not."""
        return bool(re.match(r"(?:coalesce\(|cast\()?\s*(?:count|sum|avg|min|max)\s*\(", self.selected, re.IGNORECASE))

    @property
    def is_exists(self) -> bool:
        """Whether it asks only if there is a row."""
        return bool(re.match(r"EXISTS\s*\(|\?(?:\s+AS\s+\w+)?$", self.selected, re.IGNORECASE))

    def key_condition(self, column: str) -> str | None:
        """The only condition that compares ``column`` with one value."""
        found = [text for text in self.conditions if column in _compared(text)[1:]]
        return found[0] if len(found) == 1 else None

    def owns(self, column: str) -> bool:
        """Whether the condition on ``column`` is on the statement's own table, and not on a joined one."""
        condition = self.key_condition(column)
        if condition is None:
            return False
        qualifier = _compared(condition)[0]
        return qualifier == self.table if qualifier else not self.is_joined


@lru_cache(maxsize=1024)
def read_lookup(statement: str) -> LookupStatement | None:
    """Read a normalised SELECT; ``None`` if it is none, or a compound one.

    Examples
    --------
    >>> where = '("bill"."shop_id" = ? AND NOT "bill"."paid")'
    >>> lookup = read_lookup(f'SELECT sum("bill"."total") FROM "bill" WHERE {where}')
    >>> lookup.aggregate, lookup.owns("shop_id"), lookup.conditions
    (Aggregate(function='sum', column='total', distinct=False), True, ('bill.shop_id = ?', 'NOT bill.paid'))
    >>> lookup = read_lookup("SELECT count(*) FROM goal JOIN player ON player.id = player_id WHERE player.club_id = ?")
    >>> lookup.owns("club_id")
    False
    """
    text = _QUOTED_NAME.sub(lambda found: found[1] or found[2] or found[3], statement.strip())
    for pattern, selected in ((_COUNTED_SUBQUERY, "count(*)"), (_EXISTS, "EXISTS (SELECT)")):
        outer = pattern.fullmatch(text)
        inner = _clauses(outer[1]) if outer else None
        if inner is not None and not _NO_PLAIN_ROWS & set(inner) and not inner["SELECT"].upper().startswith("DISTINCT"):
            return _lookup({**inner, "SELECT": selected})
    clauses = _clauses(text)
    return None if clauses is None else _lookup(clauses)


def _lookup(clauses: dict[str, str]) -> LookupStatement | None:
    if "FROM" not in clauses or {"UNION", "INTERSECT", "EXCEPT"} & set(clauses):
        return None
    tables = _split_top(
        clauses["FROM"], re.compile(r",|\b(?:LEFT|RIGHT|FULL|INNER|CROSS|OUTER)\b|\bJOIN\b", re.IGNORECASE)
    )
    first = _SINGLE_TABLE.fullmatch(tables[0].strip())
    if first is None:
        return None
    table = first[2] or first[1]
    selected = clauses["SELECT"]
    return LookupStatement(
        table,
        is_joined=len(tables) > 1,
        selected=selected,
        conditions=tuple(_conditions(clauses.get("WHERE", ""))),
        order=_order(clauses.get("ORDER BY", ""), table, is_joined=len(tables) > 1),
        is_limited=bool({"LIMIT", "FETCH"} & set(clauses)),
        aggregate=_aggregate(selected, table, is_joined=len(tables) > 1),
        clauses=tuple(clauses.items()),
    )


def _clauses(text: str) -> dict[str, str] | None:
    """The outermost clauses by name; ``None`` if one is there twice or the text begins with none."""
    found: dict[str, str] = {}
    name, start = "", 0
    for index in _top_level(text):
        match = _CLAUSE.match(text, index) if index == 0 or text[index - 1] in " \n)" else None
        if match is None or match.start() < start:
            continue
        if not name and index:
            return None
        if name:
            found[name] = text[start:index].strip()
        name, start = " ".join(match[1].upper().split()), match.end()
        if name in found:
            return None
    if not name:
        return None
    found[name] = text[start:].strip()
    return found if "SELECT" in found else None


def _top_level(text: str) -> list[int]:
    """Positions outside of all brackets."""
    depth, positions = 0, []
    for index, character in enumerate(text):
        depth -= character in _HIGHER
        if depth == 0:
            positions.append(index)
        depth += character in _DEEPER
    return positions


def _split_top(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split outside of brackets."""
    parts, start = [], 0
    outside = set(_top_level(text))
    for match in separator.finditer(text):
        if match.start() in outside and match.start() >= start:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _conditions(where: str) -> list[str]:
    """The parts of a conjunction; one part if it is none."""
    text = _unwrapped(where.strip())
    if not text:
        return []
    if len(_split_top(text, re.compile(r"\s+OR\s+", re.IGNORECASE))) > 1 or re.search(
        r"\bBETWEEN\b", text, re.IGNORECASE
    ):
        return [text]
    parts = [_unwrapped(part.strip()) for part in _split_top(text, _AND)]
    return parts if len(parts) == 1 else [inner for part in parts for inner in _conditions(part)]


def _unwrapped(text: str) -> str:
    while text.startswith("(") and text.endswith(")") and _top_level(text[:-1]) == [0]:
        text = text[1:-1].strip()
    return text


def _compared(condition: str) -> tuple[str, str] | tuple[str]:
    """Qualifier and column of an equality with one value; a single empty text for anything else."""
    match = _EQUALITY.fullmatch(condition)
    if match is None:
        return ("",)
    groups = match.groups()
    column = next(index for index in (1, 3, 5) if groups[index])
    return groups[column - 1] or "", str(groups[column])


def _order(text: str, table: str, *, is_joined: bool) -> tuple[str, ...] | None:
    terms: list[str] = []
    for part in _split_top(text, re.compile(",")) if text else []:
        match = _ORDERED_BY.fullmatch(part.strip())
        if match is None or (match[1] or ("" if is_joined else table)) != table:
            return None
        terms.append(("-" if (match[3] or "").upper() == "DESC" else "") + match[2])
    return tuple(terms)


def _aggregate(selected: str, table: str, *, is_joined: bool) -> Aggregate | None:
    match = _AGGREGATE.fullmatch(selected.strip())
    if match is None:
        return None
    qualifier, _, column = match[3].rpartition(".")
    if column != "*" and (qualifier.rpartition(".")[2] or ("" if is_joined else table)) != table:
        return None
    return Aggregate(match[1].lower(), None if column == "*" else column, bool(match[2]))
