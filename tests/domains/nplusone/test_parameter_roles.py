"""What each ``?`` is for, on statements as the drivers of three databases are given them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.agent.fingerprint import normalize
from ennead.domains.nplusone.parameter_roles import ListPlaces, StatementRoles, roles_of

VOCABULARY = (
    "SELECT FROM WHERE SET VALUES LIMIT FETCH TOP ( ) [ ] , . ? = IN ANY ARRAY NOT AND BETWEEN LIKE :: id `b` *"
)
WORDS = st.sampled_from(VOCABULARY.split())
STATEMENTS = st.lists(WORDS, max_size=20).map(" ".join)


def _roles(sql: str, dialect: str) -> StatementRoles:
    return roles_of(normalize(sql, dialect).statement)


TABLE = [
    # SQLite, as Django and SQLAlchemy write for it
    ("sqlite", 'SELECT "t"."a" FROM "t" WHERE "t"."id" = ? LIMIT 21', "equal:id page"),
    ("sqlite", "SELECT b.a_id AS b_a_id FROM b WHERE ? = b.a_id", "equal:a_id"),
    ("sqlite", 'SELECT a FROM t WHERE ? = "t"."a_id" AND b = ?', "equal:a_id equal:b"),
    ("sqlite", "SELECT a FROM t WHERE ? < t.day", "range:day"),
    ("sqlite", "SELECT a FROM t WHERE name LIKE ? ESCAPE '\\'", "pattern:name pattern"),
    ("sqlite", "SELECT a FROM t WHERE name GLOB ?", "pattern:name"),
    ("sqlite", "SELECT a FROM t WHERE a IS NOT NULL AND b IS ?", "equal:b"),
    ("sqlite", "SELECT a FROM t WHERE id IN (?, ?, ?) AND b NOT IN (?)", "list:id list:b"),
    ("sqlite", "SELECT a FROM t WHERE (a, b) IN ((?, ?), (?, ?)) AND c = ?", "list:b list:b equal:c"),
    ("sqlite", "SELECT a FROM t WHERE id IN (SELECT t_id FROM u WHERE x = ?) AND y = ?", "equal:x equal:y"),
    ("sqlite", "SELECT a FROM t WHERE django_date_extract('year', d, NULL) = ?", "other equal"),
    ("sqlite", "SELECT a FROM t WHERE date(d) = ?", "equal:d"),
    ("sqlite", "SELECT a FROM t WHERE d BETWEEN ? AND ? AND id = ?", "range:d range equal:id"),
    ("sqlite", "SELECT a FROM t WHERE a <> ? AND b != ? AND c >= ?", "range:a range:b range:c"),
    ("sqlite", "SELECT a FROM t WHERE NOT (id = ?) AND NOT b = ?", "equal:id equal:b"),
    ("sqlite", "SELECT a FROM t WHERE id = (?)", "equal:id"),
    ("sqlite", "SELECT a FROM t WHERE id=-1", "equal:id"),
    ("sqlite", "SELECT a FROM t JOIN u ON u.id = t.u_id AND u.kind = ? WHERE t.x = ?", "equal:kind equal:x"),
    ("sqlite", "SELECT CASE WHEN a = ? THEN ? ELSE ? END FROM t", "equal:a select select"),
    ("sqlite", "SELECT ? AS one FROM t GROUP BY a HAVING COUNT(*) > ? LIMIT ? OFFSET ?", "select range page page"),
    ("sqlite", "INSERT INTO t (a, b) VALUES (?, ?)", "value value"),
    ("sqlite", "INSERT INTO t (a, b) SELECT ?, b FROM u WHERE id = ?", "select equal:id"),
    ("sqlite", "UPDATE t SET a = ?, b = b + ? WHERE id = ?", "assign:a other equal:id"),
    ("sqlite", "DELETE FROM t WHERE t.id = ? AND t.values = ?", "equal:id equal:values"),
    ("sqlite", "SELECT a FROM t WHERE t.limit = ? AND id = ?", "equal:limit equal:id"),
    ("sqlite", "WITH s AS (SELECT a FROM t WHERE t.id = ?) SELECT a FROM s LIMIT ?", "equal:id page"),
    ("sqlite", "SELECT a FROM t", ""),
    # PostgreSQL, as psycopg and asyncpg are given it
    ("postgresql", "SELECT a FROM t WHERE id = $1::uuid", "equal:id"),
    ("postgresql", "SELECT a FROM t WHERE id = CAST(%s AS integer)", "equal:id"),
    ("postgresql", "SELECT a FROM t WHERE $1::int = t.id", "equal:id"),
    ("postgresql", "SELECT a FROM t WHERE id = ANY(%s)", "equal:id"),
    ("postgresql", "SELECT a FROM t WHERE id = ANY(ARRAY[1, 2, 3]) AND b = 4", "list:id equal:b"),
    ("postgresql", "SELECT a FROM t WHERE id IN ($1::uuid, $2::uuid)", "list:id"),
    ("postgresql", "SELECT a FROM t WHERE UPPER(name::text) LIKE UPPER(%s)", "pattern:name"),
    ("postgresql", "SELECT a FROM t WHERE name::text = %s", "equal:name"),
    ("postgresql", "SELECT a FROM t WHERE name ILIKE %s", "pattern:name"),
    ("postgresql", "SELECT a FROM t WHERE name ~* %s AND b !~ %s", "pattern:name pattern:b"),
    ("postgresql", "SELECT a FROM t WHERE name SIMILAR TO %s", "pattern:name"),
    ("postgresql", "SELECT a FROM t WHERE data ->> 'key' = %s", "other equal"),
    ("postgresql", "SELECT a FROM t WHERE tags @> %s", "other"),
    ("postgresql", "SELECT a FROM t WHERE tags[1] = %s", "other equal"),
    ("postgresql", "SELECT a FROM t ORDER BY a OFFSET 5 FETCH FIRST 10 ROWS ONLY", "page page"),
    (
        "postgresql",
        "INSERT INTO t (a, b) VALUES (%s, %s) ON CONFLICT (a) DO UPDATE SET b = %s RETURNING id",
        "value value assign:b",
    ),
    # MySQL and MariaDB, as mysqlclient and PyMySQL are given it
    ("mysql", "SELECT `t`.`a` FROM `t` WHERE `t`.`order_id` = %s LIMIT 5, 10", "equal:order_id page page"),
    ("mysql", "SELECT `a` FROM `t` WHERE `name` LIKE BINARY %s", "pattern:name"),
    ("mysql", "SELECT `a` FROM `t` WHERE `b` <=> %s", "equal:b"),
    ("mysql", 'SELECT `a` FROM `t` WHERE `name` = "O\'Hara"', "equal:name"),
    ("mysql", "SELECT `a` FROM `t` WHERE `name` REGEXP %s", "pattern:name"),
    ("mysql", "REPLACE INTO `t` (`a`, `b`) VALUES (1, 2)", "value value"),
    ("mysql", "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE b = 2", "value equal:b"),
    # and a guest
    ("mssql", "SELECT TOP 5 [t].[a] FROM [t] WHERE [t].[id] = ?", "page equal:id"),
]


@pytest.mark.parametrize(("dialect", "sql", "expected"), TABLE)
def test_roles(dialect: str, sql: str, expected: str) -> None:
    roles = _roles(sql, dialect).roles
    assert " ".join(f"{role}:{column}".rstrip(":") for role, column in roles) == expected


@pytest.mark.parametrize(
    ("sql", "limits"),
    [
        ("SELECT a FROM t LIMIT 5", True),
        ("SELECT a FROM t FETCH FIRST ROW ONLY", True),
        ("SELECT TOP 5 a FROM t", True),
        ("SELECT a FROM t", False),
        ('SELECT "limit" FROM t', False),
        ("SELECT top FROM t WHERE a = 1", False),
    ],
)
def test_has_a_limit(sql: str, limits: bool) -> None:  # noqa: FBT001 -- a parameter
    assert _roles(sql, "sqlite").has_limit is limits


@pytest.mark.parametrize(
    ("sql", "locks"),
    [
        ("SELECT a FROM t LIMIT 1 FOR UPDATE SKIP LOCKED", True),
        ("SELECT a FROM t WHERE id = 1 FOR UPDATE", True),
        ("SELECT a FROM t WHERE id = 1", False),
        ("SELECT a FROM t WHERE state = 'FOR UPDATE'", False),
    ],
)
def test_locks_rows(sql: str, locks: bool) -> None:  # noqa: FBT001 -- a parameter
    assert _roles(sql, "postgresql").locks_rows is locks


@pytest.mark.parametrize(
    ("sql", "lists"),
    [
        ("SELECT a FROM t WHERE id IN (1, 2, 3)", [(1, 1)]),
        ("SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4))", [(2, 2)]),
        ("SELECT a FROM t WHERE id IN (1, LOWER('x'))", [(2, 1)]),
        ("SELECT a FROM t WHERE id IN (1) AND b = ANY(ARRAY[1, 2])", [(1, 1), (1, 1)]),
        ("SELECT a FROM t WHERE id IN (SELECT 1)", []),
        ("SELECT a FROM t WHERE id = 1", []),
    ],
)
def test_lists_are_told_apart(sql: str, lists: list[tuple[int, int]]) -> None:
    found = normalize(sql)
    assert roles_of(found.statement).lists == tuple(ListPlaces(*each) for each in lists)
    assert len(found.list_sizes) == len(lists)


@pytest.mark.parametrize("column", ["id", "order_id", "uuid", "external_key", "pk", "rowid", "orderId", "node_ptr_id"])
def test_keys_are_known_by_their_names(column: str) -> None:
    (role,) = roles_of(f'SELECT a FROM t WHERE "{column}" = ?').roles
    assert role.is_key


@pytest.mark.parametrize("column", ["name", "paid", "identity", "keyboard", "slug", "valid", "grid"])
def test_other_columns_are_no_keys(column: str) -> None:
    (role,) = roles_of(f'SELECT a FROM t WHERE "{column}" = ?').roles
    assert not role.is_key


@given(STATEMENTS | st.text())
def test_never_raises_and_tells_every_placeholder(statement: str) -> None:
    found = roles_of(statement)
    bare = statement.replace("?", "")
    if not set(bare) & set("\"`['"):
        assert len(found.roles) == statement.count("?")
    assert sum(places.place_count for places in found.lists) == sum(role == "list" for role, _ in found.roles)


@given(st.text(max_size=200), st.sampled_from([None, "mysql", "postgresql", "sqlite"]))
def test_never_raises_on_what_was_normalised(sql: str, dialect: str | None) -> None:
    roles_of(normalize(sql, dialect).statement)
