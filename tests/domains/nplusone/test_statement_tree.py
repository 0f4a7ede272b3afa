"""Shapes of statements, read from a real parser's tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.agent.fingerprint import normalize
from ennead.domains.nplusone.statement_tree import StatementShape, shape_of

VOCABULARY = (
    "SELECT FROM WHERE ( ) [ ] , . ? = IN NOT AND LIKE :: id 'a' `c` * UPDATE INTO VALUES JOIN ON UNION AS ; --"
)
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.mark.parametrize(
    ("sql", "joins", "subqueries", "aggregates"),
    [
        ("SELECT 1", 0, 0, 0),
        ("SELECT a FROM t WHERE id = ?", 0, 0, 0),
        ("SELECT a FROM t JOIN u ON u.id = t.u_id LEFT JOIN v ON v.id = u.v_id", 2, 0, 0),
        ("SELECT a FROM t, u WHERE t.id = u.t_id", 1, 0, 0),
        ("SELECT COUNT(*), MAX(a) FROM t GROUP BY b", 0, 0, 2),
        ("SELECT a FROM (SELECT b AS a FROM u) s", 0, 1, 0),
        ("SELECT a FROM t WHERE id IN (SELECT t_id FROM u)", 0, 1, 0),
        ("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id)", 0, 1, 0),
        ("SELECT a, (SELECT COUNT(*) FROM u WHERE u.t_id = t.id) FROM t", 0, 1, 1),
        ("WITH s AS (SELECT a FROM t) SELECT a FROM s", 0, 1, 0),
        ("SELECT a FROM t UNION SELECT a FROM u", 0, 1, 0),
        ("INSERT INTO t (a) VALUES (?)", 0, 0, 0),
        ("INSERT INTO t (a) SELECT a FROM u", 0, 1, 0),
        ("DELETE FROM t WHERE id = ?", 0, 0, 0),
    ],
)
def test_counts_joins_subqueries_and_aggregates(sql: str, joins: int, subqueries: int, aggregates: int) -> None:
    shape = shape_of(normalize(sql).statement)
    assert (shape.join_count, shape.subquery_count, shape.aggregate_count) == (joins, subqueries, aggregates)


def test_complexity_weighs_what_a_statement_is_made_of() -> None:
    assert StatementShape(9, 0, 0, 0, 0, parsed=True).complexity == 1.0
    assert StatementShape(9, 2, 1, 3, 1, parsed=True).complexity == 1.0 + 6 + 5 + 3 + 2


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT `t`.`a` FROM `t` WHERE `t`.`id` = %s LIMIT 5, 10", "mysql"),
        ("SELECT a FROM t WHERE id = $1::uuid AND tags @> $2 AND data ->> 'k' ILIKE $3", "postgresql"),
        ('SELECT "t"."a" FROM "t" WHERE "t"."id" = ? AND "t"."b" GLOB ?', "sqlite"),
        ("SELECT a FROM t WHERE id = ?", "a database nobody knows"),
    ],
)
def test_reads_the_dialects(sql: str, dialect: str) -> None:
    assert shape_of(normalize(sql, dialect).statement, dialect).parsed


@pytest.mark.parametrize("sql", ["FROBNICATE (((", "SELECT ((((", "SELECT a FROM t WHERE id = " + "(" * 20_001])
def test_what_cannot_be_parsed_has_no_shape(sql: str) -> None:
    shape = shape_of(sql)
    assert not shape.parsed
    assert shape.complexity == 0.0


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(), st.sampled_from(["", "sqlite", "postgresql", "mysql"]))
def test_never_raises(sql: str, dialect: str) -> None:
    assert shape_of(sql, dialect).complexity >= 0.0
