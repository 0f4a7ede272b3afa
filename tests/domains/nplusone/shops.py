"""A small database that is really there: orders with customers, over a wrapped SQLite connection."""

from __future__ import annotations

import sqlite3
from typing import Any

import ennead

SCHEMA = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE shop_order (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);
"""


class Shop:
    """Orders, and what people do with them.

    Parameters
    ----------
    order_count
        Orders, each of a customer of its own.
    """

    def __init__(self, order_count: int = 5) -> None:
        plain = sqlite3.connect(":memory:", check_same_thread=False)
        plain.executescript(SCHEMA)
        numbers = range(1, order_count + 1)
        plain.executemany("INSERT INTO customer VALUES (?, ?)", [(number, f"customer {number}") for number in numbers])
        plain.executemany("INSERT INTO shop_order VALUES (?, ?)", [(100 + number, number) for number in numbers])
        plain.commit()
        self.connection: Any = ennead.wrap_connection(plain)

    def names_one_by_one(self) -> list[str]:
        """An N+1."""
        names = []
        for _, customer_id in self.connection.execute("SELECT id, customer_id FROM shop_order").fetchall():
            names.append(self.name_of(customer_id))
        return names

    async def names_one_by_one_later(self) -> list[str]:
        """The same, in a coroutine."""
        return self.names_one_by_one()

    def name_of(self, customer_id: int) -> str:
        """One look-up."""
        row = self.connection.execute("SELECT name FROM customer WHERE id = ?", (customer_id,)).fetchone()
        return str(row[0])

    def names_at_once(self) -> list[str]:
        """The negative twin: a join."""
        sql = "SELECT name FROM shop_order JOIN customer ON customer.id = customer_id"
        return [str(row[0]) for row in self.connection.execute(sql).fetchall()]

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
