"""What normalising a statement costs: `python -m bench.fingerprint` prints one table.

Cold is a statement that was never seen; its words and names have been (the second statement of an application meets
the first one's). The floor is the least that any normaliser does: one regular expression that replaces literals,
without lists, comments, dialects, tables or slots.
"""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Callable
from functools import partial

from ennead.agent.fingerprint import normalize
from ennead.agent.parameters import ParameterHasher, canonical
from ennead.agent.sql_lexemes import vocabulary_of
from ennead.agent.sql_tokens import Quoting
from ennead.agent.statements import STATEMENTS as STATEMENTS_SEEN

DJANGO = (
    'SELECT "shop_book"."id", "shop_book"."title", "shop_book"."isbn", "shop_book"."price", '
    '"shop_book"."published_on", "shop_book"."author_id" FROM "shop_book" INNER JOIN "shop_author" '
    'ON ("shop_book"."author_id" = "shop_author"."id") WHERE ("shop_author"."active" AND "shop_book"."id" = %s) '
    'ORDER BY "shop_book"."title" ASC LIMIT 21'
)
STATEMENTS = {
    f"Django SELECT, {len(DJANGO)} characters": DJANGO,
    "the same for MySQL": DJANGO.replace('"', "`"),
    "the same with a trace comment": DJANGO + " /*route='%2Fbooks',traceparent='00-ab-cd-01'*/",
    "SQLAlchemy lazy load": (
        "SELECT author.id AS author_id, author.name AS author_name, author.active AS author_active \n"
        "FROM author \nWHERE author.id = %(pk_1)s::INTEGER"
    ),
    "IN with 100 placeholders": f"SELECT * FROM book WHERE book.id IN ({', '.join(['%s'] * 100)})",
    "INSERT of 100 rows of literals": "INSERT INTO book (id, title) VALUES " + ", ".join(["(1, 'text')"] * 100),
    "SAVEPOINT": "SAVEPOINT s140_x2",
}
QUOTINGS: tuple[Quoting, ...] = ("standard", "mysql")
_FLOOR = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|%s")


def microseconds(function: Callable[[], object], rounds: int = 15) -> float:
    """CPU time of one call: the best of several rounds of about 10 ms, since neighbours only ever add time."""
    count, best = 1, float("inf")
    while _elapsed(function, count) < 5_000_000:
        count *= 2
    for _ in range(rounds):
        best = min(best, _elapsed(function, count) / count)
    return best / 1_000


def _elapsed(function: Callable[[], object], count: int) -> int:
    started = time.process_time_ns()
    for _ in range(count):
        function()
    return time.process_time_ns() - started


def _without_vocabulary(sql: str) -> Callable[[], object]:
    def run() -> object:
        for quoting in QUOTINGS:
            vocabulary_of(quoting).forget()
        return normalize(sql)

    return run


def main() -> None:
    empty = microseconds(lambda: None)
    STATEMENTS_SEEN.get(DJANGO)
    hasher = ParameterHasher(b"secret")
    rows: list[tuple[str, float]] = [
        (f"cold, {name}", microseconds(partial(normalize, sql))) for name, sql in STATEMENTS.items()
    ]
    rows += [
        ("very first statement of a process", microseconds(_without_vocabulary(DJANGO))),
        ("floor: one substitution, Django SELECT", microseconds(lambda: _FLOOR.sub("?", DJANGO))),
        ("memo hit", microseconds(lambda: STATEMENTS_SEEN.get(DJANGO))),
        ("canonical(5)", microseconds(lambda: canonical(5))),
        ("hash of (5,)", microseconds(lambda: hasher.hash((5,)))),
        ("hash of (5, 'title', 2.5)", microseconds(lambda: hasher.hash((5, "title", 2.5)))),
    ]
    print(f"Python {platform.python_version()}, CPU time, an empty call of {empty:.3f} µs taken off\n")
    print(f"| {'what':<45} | {'µs':>9} |\n|{'-' * 47}|{'-' * 10}:|")
    for name, spent in rows:
        print(f"| {name:<45} | {spent - empty:>9.3f} |")


if __name__ == "__main__":
    main()
