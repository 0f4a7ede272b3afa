"""A small suite with and without N+1 queries, run as users run theirs: in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

SHOP = """
import sqlite3
from ennead import wrap_connection

raw = sqlite3.connect(":memory:", check_same_thread=False)
connection = wrap_connection(raw)
connection.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)")
for number in range(1, 6):
    connection.execute("INSERT INTO customer VALUES (?, ?)", (number, f"customer {number}"))
    connection.execute("INSERT INTO orders VALUES (?, ?)", (number, number))


def one_by_one():
    names = []
    for (customer_id,) in connection.execute("SELECT customer_id FROM orders").fetchall():
        names += connection.execute("SELECT name FROM customer WHERE id = ?", (customer_id,)).fetchall()
    return names


def at_once():
    return connection.execute("SELECT name FROM orders JOIN customer ON customer.id = customer_id").fetchall()
"""
ACCESS = "shop.py:16"
CONFIGURATION = """
[pytest]
addopts = -p no:randomly -p no:asyncio -p no:cacheprovider -ra
filterwarnings = error
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run tests, which may import ``shop``, with options of pytest, and without the other plugins installed here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take five times as long to load as all the rest

    def run(tests: str, *options: str, plugins: Sequence[str] = ("ennead.pytest_plugin",), **files: str) -> Any:
        pytester.makepyfile(shop=SHOP, test_shop=tests, **files)
        if not (pytester.path / "tox.ini").exists():
            pytester.makeini(CONFIGURATION)
        return pytester.runpytest_subprocess(*(f"-p{plugin}" for plugin in plugins), *options)

    return run
