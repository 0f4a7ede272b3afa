import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.agent.sql_tokens import Quoting, read, strip_comments, tokenize

QUOTINGS: tuple[Quoting, ...] = ("standard", "mysql")
# Every sign that opens, closes or escapes something in one of the dialects.
SIGNS = "'\"`[]()%$:?@#-/*\\!&|eExXuUa1.,; \n"


@pytest.mark.parametrize(
    ("sql", "tokens"),
    [
        ("SELECT a", ["SELECT", "a"]),
        ('"t"."a"', ['"t"."a"']),
        ("t . a.*", ["t . a.*"]),
        ("count(*)", ["count", "(", "*", ")"]),
        ("'it''s' E'a\\'b' x'1f'", ["'it''s'", "E'a\\'b'", "x'1f'"]),
        ("'a'b", ["'a'", "b"]),
        ("1.5e-3 .5 0x1F 1_000 2fa 1.e", ["1.5e-3", ".5", "0x1F", "1_000", "2fa", "1", ".", "e"]),
        ("a>=-1", ["a", ">=", "-", "1"]),
        ("a->>'b'::int", ["a", "->>", "'b'", "::", "int"]),
        ("%s %(x)s :x $1 ?1 @p", ["%s", "%(x)s", ":x", "$1", "?1", "@p"]),
        ("a%s b %size :: :=", ["a", "%", "s", "b", "%", "size", "::", ":="]),
        ("a[1:b] [x y] x[y]", ["a", "[", "1", ":", "b", "]", "[x y]", "x", "[", "y", "]"]),
        ("__[POSTCOMPILE_x_1]", ["__[POSTCOMPILE_x_1]"]),
        ("a @> b <@ c @@ d ?| e", ["a", "@>", "b", "<@", "c", "@@", "d", "?|", "e"]),
        ("$$it's$$ $a$ $$ $a$", ["'it''s'", "' $$ '"]),
        ("'open", ["'open"]),
        ('"open', ['"open']),
        ("a\n-- b\n, /* c /* d */ e */ f", ["a", ",", "f"]),
        ("a # 5, b #> c, d ## e # f", ["a", "#", "5", ",", "b", "#>", "c", ",", "d", "##", "e"]),
        ("\n# all\na", ["a"]),
        ("/*!40001 SQL_CACHE */ a */ b", ["SQL_CACHE", "a", "*", "/", "b"]),
        ("'-- /* # $$'", ["'-- /* # $$'"]),
        ("/* a /* b */ c", ["c"]),
    ],
)
def test_standard_quoting(sql: str, tokens: list[str]) -> None:
    assert tokenize(sql, "standard") == tokens


@pytest.mark.parametrize(
    ("sql", "tokens"),
    [
        ('`t`.`a` = "it\\"s"', ["`t`.`a`", "=", '"it\\"s"']),
        ("'it\\'s' 'it''s'", ["'it\\'s'", "'it''s'"]),
        ("5--3 -- all", ["5", "-", "-", "3"]),
        ("a # b\n, c#d", ["a", ",", "c"]),
        ("/* a /* b */ c */", ["c", "*", "/"]),
    ],
)
def test_mysql_quoting(sql: str, tokens: list[str]) -> None:
    assert tokenize(sql, "mysql") == tokens


@pytest.mark.parametrize(
    ("sql", "quoting"),
    [
        ("SELECT `a` FROM t", "mysql"),
        ("SELECT '`', 1 -- `a`", "standard"),
        ("SELECT 'it\\'s' FROM t", "mysql"),
        ("SELECT 'C:\\', 'D:\\' FROM t", "standard"),
        ("SELECT E'it\\'s' FROM t", "standard"),
        ('SELECT a FROM t WHERE b = "c"', "mysql"),
        ('SELECT a FROM t WHERE b IN ("c", "d") AND e LIKE "f"', "mysql"),
        ("INSERT INTO t VALUES (\"a\", 'b')", "mysql"),
        ('SELECT "a" FROM t WHERE b = "c"', "standard"),
        ('SELECT a FROM t WHERE b = "c"."d"', "standard"),
        ('INSERT INTO t ("a") VALUES (1)', "standard"),
        ("SELECT a FROM t", "standard"),
    ],
)
def test_the_text_decides_how_it_quotes(sql: str, quoting: Quoting) -> None:
    assert read(sql) == (tokenize(sql, quoting), quoting)


@pytest.mark.parametrize(
    ("dialect", "quoting"),
    [("mysql", "mysql"), ("mariadb", "mysql"), ("postgresql", "standard"), ("sqlite", "standard")],
)
def test_the_dialect_decides_where_it_is_known(dialect: str, quoting: Quoting) -> None:
    assert read('SELECT `a`, "b" FROM t', dialect)[1] == quoting


def test_a_comment_becomes_a_space() -> None:
    assert strip_comments("SELECT/**/a--b\nFROM t", "standard") == "SELECT a \nFROM t"


@given(st.text(SIGNS, max_size=40) | st.text(max_size=40), st.sampled_from(QUOTINGS))
def test_no_character_is_lost(sql: str, quoting: Quoting) -> None:
    tokens = tokenize(sql, quoting)
    assert re.sub(r"\s", "", "".join(tokens)) == re.sub(r"\s", "", strip_comments(sql, quoting))
    assert all(token and not token[0].isspace() for token in tokens)
