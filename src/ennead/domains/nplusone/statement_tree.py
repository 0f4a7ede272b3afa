"""How complex a statement is, read from a real parser's tree (sqlglot), once per distinct normalised statement."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import NamedTuple

_DIALECTS = {"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_LONGEST_PARSED = 20_000


class StatementShape(NamedTuple):
    """Counts read from the syntax tree."""

    node_count: int
    join_count: int
    subquery_count: int
    """SELECTs below the first one; the arms of a UNION are among them."""
    predicate_count: int
    aggregate_count: int
    parsed: bool
    """``False``: no tree could be made, the counts are 0."""

    @property
    def complexity(self) -> float:
        """0 for nothing; 1 for ``SELECT 1``; a join counts 3, a subquery 5, an aggregate 2, a predicate 1."""
        if not self.parsed:
            return 0.0
        return 1.0 + 3 * self.join_count + 5 * self.subquery_count + 2 * self.aggregate_count + self.predicate_count


_UNPARSED = StatementShape(0, 0, 0, 0, 0, parsed=False)


@lru_cache(maxsize=4096)
def shape_of(statement: str, database: str = "") -> StatementShape:
    """Shape of a normalised statement; never raises.

    Examples
    --------
    >>> shape = shape_of("SELECT COUNT(*) FROM a JOIN b ON a.id = b.a_id WHERE a.x = ?")
    >>> shape.join_count, shape.aggregate_count, shape.complexity
    (1, 1, 8.0)
    """
    if len(statement) > _LONGEST_PARSED:
        return _UNPARSED
    import sqlglot  # a third of a second to import: not before something is analysed
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        tree = sqlglot.parse_one(statement, dialect=_DIALECTS.get(database))
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return _UNPARSED
    nodes = joins = selects = predicates = aggregates = 0
    for node in tree.walk():
        nodes += 1
        joins += isinstance(node, exp.Join)
        selects += isinstance(node, exp.Select)
        predicates += isinstance(node, exp.Predicate)
        aggregates += isinstance(node, exp.AggFunc)
    own = isinstance(tree, exp.Query)  # the first SELECT is the statement itself, except below an INSERT and the like
    return StatementShape(nodes, joins, max(selects - own, 0), predicates, aggregates, parsed=True)
