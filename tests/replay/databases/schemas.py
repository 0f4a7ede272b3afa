"""One schema with everything that makes growing hard, for all three databases."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

STATEMENTS = """
CREATE TABLE category (id {serial}, name varchar(20) NOT NULL, parent_id int REFERENCES category (id));
CREATE TABLE customer (id {serial}, email varchar(30) NOT NULL UNIQUE, name varchar(30) NOT NULL, born date);
CREATE TABLE address (id {serial}, customer_id int NOT NULL REFERENCES customer (id), label varchar(20) NOT NULL,
    is_default {boolean} NOT NULL);
CREATE TABLE product (id {serial}, sku varchar(8) NOT NULL UNIQUE, category_id int REFERENCES category (id),
    price decimal(8, 2) NOT NULL CHECK (price > 0));
CREATE TABLE tag (name varchar(12) PRIMARY KEY);
CREATE TABLE product_tag (product_id int NOT NULL REFERENCES product (id),
    tag_name varchar(12) NOT NULL REFERENCES tag (name), PRIMARY KEY (product_id, tag_name));
CREATE TABLE purchase (id {serial}, number varchar(12) NOT NULL UNIQUE,
    customer_id int NOT NULL REFERENCES customer (id), address_id int NOT NULL REFERENCES address (id),
    placed_at {moment} NOT NULL, status varchar(10) NOT NULL CHECK (status IN ('open', 'paid')));
CREATE TABLE line (purchase_id int NOT NULL REFERENCES purchase (id), position int NOT NULL,
    product_id int NOT NULL REFERENCES product (id), PRIMARY KEY (purchase_id, position));
CREATE TABLE loyalty (customer_id int PRIMARY KEY REFERENCES customer (id), points int NOT NULL);
CREATE TABLE django_content_type (id {serial}, app_label varchar(20) NOT NULL, model varchar(20) NOT NULL);
CREATE TABLE shop_item (id {serial}, name varchar(20));
CREATE TABLE note (id {serial}, content_type_id int NOT NULL REFERENCES django_content_type (id),
    object_id int NOT NULL, text varchar(40));
CREATE TABLE team (id {serial}, name varchar(20) NOT NULL, lead_id int);
CREATE TABLE member (id {serial}, team_id int NOT NULL REFERENCES team (id), name varchar(20) NOT NULL);
INSERT INTO category (id, name, parent_id) VALUES (1, 'Garden', NULL), (2, 'Spades', 1), (3, 'Small spades', 2);
INSERT INTO customer (id, email, name, born) VALUES (1, 'ann@example.org', 'Ann', '1990-01-01'), (2,
    'bob@example.org', 'Bob', NULL), (3, 'cleo@example.org', 'Cleo', '1970-05-05');
INSERT INTO address (id, customer_id, label, is_default) VALUES (1, 1, 'home', {true}), (2, 1, 'work', {false}),
    (3, 2, 'home', {true}), (4, 3, 'home', {true});
INSERT INTO product (id, sku, category_id, price) VALUES (1, 'A-1', 2, 1.50), (2, 'A-2', 3, 2.00), (3, 'B-1',
    NULL, 3.00);
INSERT INTO tag (name) VALUES ('new'), ('red');
INSERT INTO product_tag VALUES (1, 'new'), (1, 'red'), (2, 'red');
INSERT INTO purchase (id, number, customer_id, address_id, placed_at, status) VALUES (1, '0001', 1, 2,
    '2026-01-01 10:00:00', 'open'), (2, '0002', 1, 1, '2026-01-02 10:00:00', 'paid'), (3, '0003', 3, 4,
    '2026-01-03 10:00:00', 'paid');
INSERT INTO line VALUES (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 1, 1);
INSERT INTO loyalty VALUES (1, 10), (3, 20);
INSERT INTO django_content_type (id, app_label, model) VALUES (1, 'shop', 'item'), (2, 'shop', 'gone');
INSERT INTO shop_item (id, name) VALUES (1, 'x'), (2, 'y');
INSERT INTO note (id, content_type_id, object_id, text) VALUES (1, 1, 1, 'of x'), (2, 1, 2, 'of y'), (3, 2, 9,
    'of nothing');
INSERT INTO team (id, name) VALUES (1, 'blue'), (2, 'red');
INSERT INTO member (id, team_id, name) VALUES (1, 1, 'Dan'), (2, 2, 'Eve');
UPDATE team SET lead_id = 1 WHERE id = 1
"""
WORDS = {
    "sqlite": {"serial": "integer PRIMARY KEY AUTOINCREMENT", "boolean": "bool", "moment": "datetime"},
    "postgresql": {"serial": "serial PRIMARY KEY", "boolean": "boolean", "moment": "timestamp"},
    "mariadb": {"serial": "int AUTO_INCREMENT PRIMARY KEY", "boolean": "boolean", "moment": "datetime"},
}
GROWING = (
    "category", "customer", "address", "product", "tag", "product_tag", "purchase", "line", "loyalty", "shop_item",
    "note", "team", "member",
)  # fmt: skip


def create(connection: Any, engine: str) -> None:
    """Make the tables; a team is led by one of its members, which is a cycle."""
    script = STATEMENTS.format(**WORDS[engine], true="true", false="false")
    if engine == "sqlite":
        script = script.replace("lead_id int)", "lead_id int REFERENCES member (id))")
    run(connection, script.split(";"))
    if engine == "postgresql":
        run(connection, ["ALTER TABLE team ADD FOREIGN KEY (lead_id) REFERENCES member (id)"])
        names = [table for table in GROWING if table not in ("tag", "product_tag", "line", "loyalty")]
        run(connection, [f"SELECT setval('{name}_id_seq', 10)" for name in names])
    if engine == "mariadb":
        run(connection, ["ALTER TABLE team ADD FOREIGN KEY (lead_id) REFERENCES member (id)"])


def run(connection: Any, statements: Iterable[str]) -> list[tuple[Any, ...]]:
    """Execute statements; what the last one answers."""
    rows: list[tuple[Any, ...]] = []
    for statement in statements:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
    connection.commit()
    return rows
