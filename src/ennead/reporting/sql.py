"""Normalised SQL cut to a readable length, and split into keywords and the rest for colouring."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORD_LIST = """
ALL AND AS ASC BEGIN BETWEEN BY CASE COMMIT CONFLICT COUNT CROSS DELETE DESC DISTINCT DO ELSE END EXCEPT EXISTS FOR FROM
FULL GROUP HAVING IN INNER INSERT INTERSECT INTO IS JOIN KEY LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER OVER
PARTITION RELEASE RETURNING RIGHT ROLLBACK SAVEPOINT SELECT SET THEN UNION UPDATE USING VALUES WHEN WHERE WITH
"""
_KEYWORDS = frozenset(_KEYWORD_LIST.split())
_WORD = re.compile(r"""("[^"]*"|`[^`]*`|'[^']*')|(\w+)|([^\w"`']+|["`'])""")
_QUOTED = re.compile(r"""["`]([A-Za-z_][A-Za-z0-9_]*)["`]""")
_TABLE = re.compile(r"""(?i)\b(?:from|into|update)\s+(?:["`\w]+\.)?["`]?(\w+)""")
_COLUMNS = re.compile(r"(?i)^(select\s+(?:distinct\s+)?)(.{40,}?)(\s+from\s)", re.DOTALL)


def tokens(statement: str) -> Iterator[tuple[bool, str]]:
    """Pieces of a statement in order, each with whether it is a keyword.

    >>> list(tokens("SELECT a FROM b"))
    [(True, 'SELECT'), (False, ' '), (False, 'a'), (False, ' '), (True, 'FROM'), (False, ' '), (False, 'b')]
    """
    for match in _WORD.finditer(statement):
        yield (match[2] is not None and match[2].upper() in _KEYWORDS, match[0])


def shortened(statement: str) -> str:
    """The statement without quotes around plain names and without a long list of columns.

    What it reads from and how it filters says more.

    >>> shortened('SELECT "t"."a", "t"."a_long_name", "t"."another_long_name", "t"."c" FROM "t" WHERE "t"."id" = ?')
    'SELECT … FROM t WHERE t.id = ?'
    >>> shortened("SELECT a FROM t")
    'SELECT a FROM t'
    """
    text = _QUOTED.sub(r"\1", " ".join(statement.split()))
    return _COLUMNS.sub(lambda match: f"{match[1]}…{match[3]}", text, count=1)


def main_table(statement: str) -> str:
    """The first table that a statement names; empty where there is none.

    >>> main_table('SELECT COUNT(*) FROM "shop"."orders" WHERE a = ?'), main_table("UPDATE t SET a = ?")
    ('orders', 't')
    >>> main_table("BEGIN")
    ''
    """
    found = _TABLE.search(statement)
    return found[1] if found else ""
