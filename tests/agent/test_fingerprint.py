"""The oracles: named fixtures, PostgreSQL's own fingerprint (pglast), and another parser (sqlglot)."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from pglast.parser import fingerprint as postgresql_fingerprint
from sqlalchemy.dialects import registry
from sqlglot import expressions

from ennead.agent.fingerprint import (
    MAX_STATEMENT_CHARACTERS,
    NormalizedStatement,
    normalize,
    trace_comment,
)
from tests.agent.generated_sql import SECRET, Structure, mutated, structures, texts

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sql"
PAIRS = tomllib.loads((FIXTURES / "pairs.toml").read_text())
NORMALIZED = tomllib.loads((FIXTURES / "normalized.toml").read_text())["statement"]
ORDINARY = tomllib.loads((FIXTURES / "ordinary.toml").read_text())


def fingerprint(sql: str) -> str:
    return normalize(sql).fingerprint


# ---------------------------------------------------------------- what comes out
@pytest.mark.parametrize("case", NORMALIZED, ids=lambda case: str(case["name"]))
def test_normalized(case: dict[str, Any]) -> None:
    found = normalize(case["sql"], case.get("dialect"))
    expected = NormalizedStatement(
        case["normalized"],
        found.fingerprint,
        case["operation"],
        tuple(case["tables"]),
        ast.literal_eval(case.get("literals", "()")),
        ast.literal_eval(case.get("slots", "()")),
        tuple(case.get("list_sizes", ())),
        case.get("row_count", 1),
    )
    assert repr(found) == repr(expected)  # True and 1 are equal, and not the same literal


@pytest.mark.parametrize("case", NORMALIZED, ids=lambda case: str(case["name"]))
def test_normalizing_twice_changes_nothing(case: dict[str, Any]) -> None:
    once = normalize(case["sql"], case.get("dialect"))
    twice = normalize(once.statement)
    assert (twice.statement, twice.fingerprint, twice.operation, twice.tables, twice.literals) == (
        once.statement,
        once.fingerprint,
        once.operation,
        once.tables,
        (),
    )


def test_the_fingerprint_is_the_same_in_every_process_and_release() -> None:
    assert fingerprint("SELECT a FROM t WHERE b = 1") == "091231dbaea81927"


def test_bytes_are_decoded() -> None:
    assert normalize(b"SELECT '\xff' FROM t").statement == "SELECT ? FROM t"


# ---------------------------------------------------------------- which statements are the same
@pytest.mark.parametrize(("first", "second"), PAIRS["same"])
def test_same_statement_as_postgresql_says(first: str, second: str) -> None:
    assert postgresql_fingerprint(first) == postgresql_fingerprint(second)
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(("first", "second"), PAIRS["different"])
def test_different_statements_as_postgresql_says(first: str, second: str) -> None:
    assert postgresql_fingerprint(first) != postgresql_fingerprint(second)
    assert fingerprint(first) != fingerprint(second)


@pytest.mark.parametrize("case", PAIRS["stricter"], ids=lambda case: str(case["pair"][1]))
def test_stricter_than_postgresql_on_purpose(case: dict[str, Any]) -> None:
    first, second = case["pair"]
    assert postgresql_fingerprint(first) == postgresql_fingerprint(second)
    assert fingerprint(first) != fingerprint(second), case["why"]


def test_there_are_pairs_enough() -> None:
    assert len(PAIRS["same"]) + len(PAIRS["different"]) >= 60


@given(structures, st.data())
def test_texts_of_one_structure_are_the_same_statement(structure: Structure, data: st.DataObject) -> None:
    first, second = data.draw(texts(structure)), data.draw(texts(structure))
    assert postgresql_fingerprint(first) == postgresql_fingerprint(second)
    assert normalize(first, "postgresql").fingerprint == normalize(second, "postgresql").fingerprint


@given(structures, st.data())
def test_a_changed_structure_is_another_statement(structure: Structure, data: st.DataObject) -> None:
    changed = data.draw(mutated(structure))
    first, second = data.draw(texts(structure)), data.draw(texts(changed))
    same = normalize(first, "postgresql").fingerprint == normalize(second, "postgresql").fingerprint
    assert same == (structure == changed)


@given(structures, structures, st.data())
def test_never_coarser_than_postgresql(first: Structure, second: Structure, data: st.DataObject) -> None:
    texts_of_both = data.draw(texts(first)), data.draw(texts(second))
    ours = [normalize(text, "postgresql").fingerprint for text in texts_of_both]
    if ours[0] == ours[1]:
        assert postgresql_fingerprint(texts_of_both[0]) == postgresql_fingerprint(texts_of_both[1])


@given(structures, st.data())
def test_no_literal_and_no_comment_survives(structure: Structure, data: st.DataObject) -> None:
    found = normalize(data.draw(texts(structure)), "postgresql")
    assert SECRET not in found.statement
    assert not any(character.isdigit() or character == "'" for character in found.statement)


@given(structures, st.data())
def test_slots_point_at_the_literals_in_order(structure: Structure, data: st.DataObject) -> None:
    found = normalize(data.draw(texts(structure)), "postgresql")
    assert [slot for slot in found.slots if slot is not None] == list(range(len(found.literals)))


# ---------------------------------------------------------------- any text at all
SIGNS = "'\"`[]()%$:?@#-/*\\!&|<>=~eExXuUa1.,; \n…"
PIECES = (FIXTURES / "pieces.txt").read_text().split("\n")
soups = st.lists(
    st.tuples(st.sampled_from([*PIECES, "\ud800", "\x00", "--c\n"]), st.sampled_from(["", " ", "\n"]))
).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces),
)


@given(soups | st.text() | st.text(SIGNS, max_size=30))
def test_any_text_is_normalized_once_and_for_all(sql: str) -> None:
    once = normalize(sql)
    twice = normalize(once.statement)
    assert (twice.statement, twice.fingerprint) == (once.statement, once.fingerprint)
    assert twice.literals == ()


@given(soups | st.text(SIGNS), st.sampled_from(["mysql", "sqlite", None]))
def test_any_text_in_any_dialect(sql: str, dialect: str | None) -> None:
    found = normalize(sql, dialect)
    assert len(found.slots) >= len(found.literals)


@given(st.binary())
def test_any_bytes(sql: bytes) -> None:
    assert len(normalize(sql).fingerprint) == 16


# ---------------------------------------------------------------- size and time
ENDLESS = tomllib.loads((FIXTURES / "endless.toml").read_text())["pieces"]


@pytest.mark.parametrize("piece", ENDLESS, ids=repr)
def test_one_piece_over_and_over_is_a_statement_too(piece: str) -> None:
    """What made other tokenizers take quadratic time; ``bench/fingerprint.py`` has the times."""
    text = piece * (MAX_STATEMENT_CHARACTERS // len(piece))
    once = normalize(text)
    assert normalize(once.statement).fingerprint == once.fingerprint


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A lower limit: where texts are cut is tried many times, and the real one takes a tenth of a second each."""
    monkeypatch.setattr("ennead.agent.fingerprint.MAX_STATEMENT_CHARACTERS", 4_000)
    return 4_000


@pytest.mark.parametrize("piece", [*ENDLESS, "?", ",", "now(),", "(now()),", "f(a), "], ids=repr)
@pytest.mark.parametrize("start", ["", "SELECT a FROM t WHERE a IN (", "INSERT INTO t VALUES "])
def test_a_long_text_is_cut_once_and_for_all(start: str, piece: str, limit: int) -> None:
    once = normalize(start + piece * (limit // len(piece) + 1))
    twice = normalize(once.statement)
    assert len(once.statement) <= limit
    assert (twice.statement, twice.fingerprint) == (once.statement, once.fingerprint)


def test_the_limit_is_100_000_characters() -> None:
    columns = ", ".join(["a"] * 33_320)
    assert normalize(f"SELECT {columns} FROM t").tables == ("t",)
    cut = normalize(f"SELECT {columns}, {columns} FROM t")
    assert cut.statement.endswith(", …")
    assert MAX_STATEMENT_CHARACTERS - 10 < len(cut.statement) <= MAX_STATEMENT_CHARACTERS == 100_000


@pytest.mark.parametrize(
    ("start", "element", "end", "statement"),
    [
        ("SELECT a FROM t WHERE b IN (", "{}", ") ORDER BY a", "SELECT a FROM t WHERE b IN (?, …"),
        ("SELECT a FROM t WHERE (b, c) IN (", "({}, 'x{}')", ")", "SELECT a FROM t WHERE (b, c) IN ((?, ?), …"),
        ("INSERT INTO t (a, b) VALUES ", "({}, '{}, (')", " RETURNING id", "INSERT INTO t (a, b) VALUES (?, ?) …"),
    ],
)
def test_it_does_not_matter_where_a_list_is_cut(
    start: str,
    element: str,
    end: str,
    statement: str,
    limit: int,
) -> None:
    for width in range(1, 60):
        elements = [element.format("7" * width, "8" * (width % 7)) for _ in range(limit)]
        found = normalize(start + ", ".join(elements) + end)
        assert found.statement == statement
        assert found.fingerprint == fingerprint(statement)


# ---------------------------------------------------------------- other parsers
@pytest.mark.parametrize(
    ("dialect", "sql"),
    [(dialect, sql) for dialect, statements in ORDINARY.items() for sql in statements],
)
def test_the_normalized_statement_can_be_parsed(dialect: str, sql: str) -> None:
    original = sqlglot.parse_one(sql, dialect=dialect)
    parsed = sqlglot.parse_one(normalize(sql).statement, dialect=dialect)
    assert type(parsed) is type(original)
    assert not isinstance(parsed, expressions.Command)
    assert not list(parsed.find_all(expressions.Literal))


@pytest.mark.parametrize("sql", [sql for statements in ORDINARY.values() for sql in statements])
def test_tables_as_sqlglot_says(sql: str) -> None:
    dialect = next(dialect for dialect, statements in ORDINARY.items() if sql in statements)
    parsed = sqlglot.parse_one(sql, dialect=dialect)
    common = {expression.alias for expression in parsed.find_all(expressions.CTE)}
    tables = {table.name for table in parsed.find_all(expressions.Table) if table.name} - common
    assert set(normalize(sql).tables) == tables


# ---------------------------------------------------------------- what a library sends
INTEGERS = [sa.column(name, sa.Integer) for name in ("id", "author_id", "price")]
BOOK = sa.table("book", *INTEGERS, sa.column("title", sa.String), sa.column("Order", sa.String))
AUTHOR = sa.table("author", sa.column("id", sa.Integer), sa.column("name", sa.String))
DIALECTS = {
    name: registry.load(name)()
    for name in ("postgresql.psycopg", "postgresql.asyncpg", "mysql.mysqldb", "sqlite.pysqlite")
}
BUILT: dict[str, sa.ClauseElement] = {
    "lookup": sa.select(BOOK).where(BOOK.c.id == 7, BOOK.c.title == "it's \\ 100%"),
    "list": sa.select(BOOK.c.id).where(BOOK.c.id.in_([1, 2, 3]), BOOK.c.title.not_in(["x"])),
    "page": sa.select(BOOK.c["Order"]).order_by(BOOK.c.title.desc()).limit(10).offset(20),
    "join": sa.select(BOOK, AUTHOR).join(AUTHOR, AUTHOR.c.id == BOOK.c.author_id).where(AUTHOR.c.name.like("a%")),
    "subquery": sa.select(AUTHOR).where(AUTHOR.c.id.in_(sa.select(BOOK.c.author_id).where(BOOK.c.price > 5))),
    "aggregate": sa.select(sa.func.count()).where(BOOK.c.price.between(1, 2)).having(sa.func.sum(BOOK.c.id) > -3),
    "update": sa.update(BOOK).values(title="x:y", price=BOOK.c.price - 1).where(BOOK.c.id == 1),
    "delete": sa.delete(BOOK).where(BOOK.c.title.is_(None) | (BOOK.c.id == -1)),
    "insert": sa.insert(BOOK).values(title="a", price=1),
}


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_literals_and_placeholders_make_one_fingerprint(name: str, dialect: str) -> None:
    """The same statement with its values in it, with placeholders for lists, and as a driver gets it."""
    forms = [
        str(BUILT[name].compile(dialect=DIALECTS[dialect], compile_kwargs=options))
        for options in ({"literal_binds": True}, {}, {"render_postcompile": True})
    ]
    found = [normalize(form) for form in forms]
    assert len({normalized.fingerprint for normalized in found}) == 1
    assert {len(normalized.list_sizes) for normalized in found} == {2 if name == "list" else 0}


@pytest.mark.parametrize("name", BUILT)
def test_databases_agree_on_tables_and_operation(name: str) -> None:
    found = [normalize(str(BUILT[name].compile(dialect=dialect))) for dialect in DIALECTS.values()]
    assert len({(normalized.operation, normalized.tables) for normalized in found}) == 1


# ---------------------------------------------------------------- sqlcommenter
@pytest.mark.parametrize(
    ("sql", "pairs"),
    [
        ("SELECT 1 /*route='%2Fbooks%2F%3Aid',action='it\\'s'*/", {"route": "/books/:id", "action": "it's"}),
        ("SELECT 1 /* traceparent='00-ab-cd-01', a='b' */ ;\n", {"traceparent": "00-ab-cd-01", "a": "b"}),
        ("SELECT /*a='b'*/ 1", {}),
        ("SELECT 1 /* no pairs */", {}),
        ("SELECT 'x */", {}),
        ("SELECT 1", {}),
    ],
)
def test_trace_comment(sql: str, pairs: dict[str, str]) -> None:
    assert trace_comment(sql) == pairs


@given(st.text(SIGNS) | st.text())
def test_trace_comment_of_any_text(sql: str) -> None:
    assert isinstance(trace_comment(sql), dict)
