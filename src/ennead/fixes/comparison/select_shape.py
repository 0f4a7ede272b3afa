"""What decides which rows a SELECT gives: its tables, joins, conditions and limits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.In,
    exp.Is,
    exp.Like,
    exp.ILike,
    exp.Between,
    exp.Column,
)
_MOST_SHAPES = 4096
_CUT = "…"
"""Ends a statement that was too long to be kept."""


class Column(NamedTuple):
    """A column of a table, both in lower case."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Join:
    """Two columns that a join sets equal."""

    kept: Column
    """Of the table that was there first."""
    joined: Column
    is_inner: bool
    """Rows of the first table without a partner fall away."""

    @property
    def pair(self) -> frozenset[Column]:
        """The two columns, whichever comes first."""
        return frozenset({self.kept, self.joined})


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectShape:
    """What decides which rows a SELECT gives."""

    main: str
    """The table after FROM; empty for a subquery."""
    joins: tuple[Join, ...]
    conditions: frozenset[Column]
    """Columns that WHERE, or ON of an inner join, compares with something that is no other table's column."""
    keys: frozenset[Column]
    """Columns that WHERE compares with a list: rows that were looked up by keys at hand."""
    equal: frozenset[Column]
    """Columns that every row has one given value of."""
    limited: frozenset[str]
    """Tables whose rows LIMIT, OFFSET or FETCH cuts; not in EXISTS and not of a value that is selected."""
    is_reduced: bool
    """DISTINCT or GROUP BY make one row of several."""
    partner_conditions: frozenset[Column]
    """The same of an outer join's ON."""
    exists: frozenset[str]
    """Tables that WHERE asks for rows of, with EXISTS."""
    distinct: frozenset[str] | None
    """Columns that DISTINCT tells rows apart by; ``None`` without DISTINCT."""
    order: tuple[str, ...]
    """What ORDER BY sorts by, in its words."""


@lru_cache(maxsize=_MOST_SHAPES)
def select_shape(statement: str) -> SelectShape | None:
    """Read the shape of a SELECT; ``None`` for anything else, and for what cannot be parsed.

    >>> shape = select_shape("SELECT a.x FROM a INNER JOIN b ON a.b_id = b.id WHERE a.kind = ? LIMIT ?")
    >>> shape.main, str(shape.joins[0].kept), shape.joins[0].is_inner, [str(c) for c in shape.conditions]
    ('a', 'a.b_id', True, ['a.kind'])
    >>> shape.limited, select_shape("DELETE FROM a") is None, select_shape("SELECT FROM WHERE (") is None
    (frozenset({'a'}), True, True)
    """
    tree = None if statement.endswith(_CUT) else _parsed(statement)
    if not isinstance(tree, exp.Select):
        return None
    names = _tables(tree)
    return SelectShape(
        main=_main(tree),
        joins=tuple(_joins(tree, names)),
        conditions=frozenset([*_conditions(tree, names, _COMPARISONS), *_join_conditions(tree, names, is_outer=False)]),
        keys=frozenset(_conditions(tree, names, (exp.In,))),
        equal=frozenset(_equal(tree, names)),
        limited=frozenset(_limited(tree)),
        is_reduced=tree.args.get("distinct") is not None or tree.args.get("group") is not None,
        partner_conditions=frozenset(_join_conditions(tree, names, is_outer=True)),
        exists=frozenset(_exists(tree)),
        distinct=_distinct(tree),
        order=tuple(_order(tree)),
    )


def _parsed(statement: str) -> exp.Expression | None:
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        tree = sqlglot.parse_one(statement, read="mysql" if "`" in statement else None)
    except (SqlglotError, RecursionError):
        return None
    finally:
        logger.setLevel(level)
    return tree if isinstance(tree, exp.Expression) else None


def _sources(select: exp.Select) -> Iterator[tuple[exp.Expression, exp.Join | None]]:
    start = select.args.get("from_") or select.args.get("from")
    if start is not None:
        yield start.this, None
    for join in select.args.get("joins") or ():
        yield join.this, join


def _tables(select: exp.Select) -> dict[str, str]:
    """Names of tables by what the statement calls them, in the order in which they come."""
    return {
        source.alias_or_name.lower(): source.name.lower() if isinstance(source, exp.Table) else ""
        for source, _ in _sources(select)
    }


def _main(select: exp.Select) -> str:
    return next((source.name.lower() for source, _ in _sources(select) if isinstance(source, exp.Table)), "")


def _joins(select: exp.Select, names: dict[str, str]) -> Iterator[Join]:
    order = list(names)
    for source, join in _sources(select):
        condition = join.args.get("on") if join is not None else None
        if join is not None and condition is not None:
            is_inner = not join.side
            for equality in _and_parts(condition):
                yield from _join_of(equality, names, order, joined=source.alias_or_name.lower(), is_inner=is_inner)
    where = select.args.get("where")
    for equality in _and_parts(where.this) if where is not None else ():
        yield from _join_of(equality, names, order, joined=None, is_inner=True)


def _join_of(
    equality: Any, names: dict[str, str], order: list[str], *, joined: str | None, is_inner: bool
) -> Iterator[Join]:
    if not isinstance(equality, exp.EQ):
        return
    sides = [equality.this, equality.expression]
    if not all(isinstance(side, exp.Column) and side.table.lower() in names for side in sides):
        return
    first, second = sorted(sides, key=lambda side: order.index(side.table.lower()))
    if joined is not None and first.table.lower() == joined:
        first, second = second, first
    if first.table.lower() != second.table.lower():
        yield Join(_column(first, names), _column(second, names), is_inner)


def _column(column: exp.Column, names: dict[str, str]) -> Column:
    return Column(names[column.table.lower()], column.name.lower())


def _and_parts(condition: Any) -> Iterator[Any]:
    bare = condition.unnest()
    if isinstance(bare, exp.And):
        yield from _and_parts(bare.left)
        yield from _and_parts(bare.right)
    else:
        yield bare


def _conditions(select: exp.Select, names: dict[str, str], kinds: tuple[type[exp.Expression], ...]) -> Iterator[Column]:
    where = select.args.get("where")
    if where is not None:
        yield from _compared(where, select, names, kinds)


def _compared(
    condition: Any, select: exp.Select, names: dict[str, str], kinds: tuple[type[exp.Expression], ...]
) -> Iterator[Column]:
    alone = next(iter(names)) if len(names) == 1 else ""
    for comparison in condition.find_all(*kinds):
        if kinds == (exp.In,) and comparison.args.get("query") is not None:
            continue
        columns = [item for item in comparison.find_all(exp.Column) if item.find_ancestor(exp.Select) is select]
        called = {(item.table.lower() or alone, item.name.lower()) for item in columns}
        if len({table for table, _ in called}) == 1 and _is_condition(comparison):
            yield from (Column(names[table], name) for table, name in called if names.get(table))


def _join_conditions(select: exp.Select, names: dict[str, str], *, is_outer: bool) -> Iterator[Column]:
    for _, join in _sources(select):
        condition = join.args.get("on") if join is not None else None
        if join is not None and bool(join.side) is is_outer and condition is not None:
            yield from _compared(condition, select, names, _COMPARISONS)


def _exists(select: exp.Select) -> Iterator[str]:
    where = select.args.get("where")
    for part in where.find_all(exp.Exists) if where is not None else ():
        asked = part.find(exp.Select)
        if asked is not None and part.find_ancestor(exp.Select) is select:
            yield _main(asked)


def _distinct(select: exp.Select) -> frozenset[str] | None:
    if select.args.get("distinct") is None:
        return None
    columns = (item.unalias() for item in select.expressions)
    return frozenset(column.name.lower() for column in columns if isinstance(column, exp.Column))


def _order(select: exp.Select) -> Iterator[str]:
    """Names of columns without their tables, which have other names in a statement with joins."""
    order = select.args.get("order")
    for item in order.expressions if order is not None else ():
        names = ".".join(column.name.lower() for column in item.find_all(exp.Column))
        yield f"{names or item.this.sql()}{' desc' if item.args.get('desc') else ''}"


def _equal(select: exp.Select, names: dict[str, str]) -> Iterator[Column]:
    where = select.args.get("where")
    alone = next(iter(names)) if len(names) == 1 else ""
    for part in _and_parts(where.this) if where is not None else ():
        columns = (
            [side for side in (part.left, part.right) if isinstance(side, exp.Column)] if _is_equality(part) else []
        )
        if len(columns) == 1 and names.get(columns[0].table.lower() or alone):
            yield Column(names[columns[0].table.lower() or alone], columns[0].name.lower())


def _is_equality(part: Any) -> bool:
    return isinstance(part, exp.EQ)


def _is_condition(part: exp.Expression) -> bool:
    """Whether a column stands for itself, as a truth value, or the part is a comparison."""
    return not isinstance(part, exp.Column) or isinstance(
        part.parent, exp.Where | exp.Join | exp.Connector | exp.Not | exp.Paren
    )


def _limited(select: exp.Select) -> Iterator[str]:
    for limit in select.find_all(exp.Limit, exp.Offset, exp.Fetch):
        cut = limit.find_ancestor(exp.Select)
        if cut is not None and not _is_inside_value(cut):
            yield _main(cut)


def _is_inside_value(select: exp.Select) -> bool:
    """Whether a SELECT only tells that there is a row, or gives a value of a row of another SELECT."""
    if select.find_ancestor(exp.Exists) is not None or isinstance(select.parent, exp.Exists):
        return True
    outer = select.find_ancestor(exp.Select)
    return outer is not None and any(select in set(item.find_all(exp.Select)) for item in outer.expressions)
