from __future__ import annotations

import pytest

from ennead.replay.databases.server_statements import NamedDatabases

NAMES = NamedDatabases(
    known=lambda name: None, defined=lambda name: f"made_{name}", led=lambda name: f"copy_of_{name}", quote="`"
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM shop.item", "SELECT * FROM `copy_of_shop`.item"),
        ("INSERT INTO `shop`.`item` VALUES (1)", "INSERT INTO `copy_of_shop`.`item` VALUES (1)"),
        ("INSERT IGNORE INTO shop.item VALUES (1)", "INSERT IGNORE INTO `copy_of_shop`.item VALUES (1)"),
        ("INSERT shop.item VALUES (1)", "INSERT `copy_of_shop`.item VALUES (1)"),
        ("REPLACE shop.item VALUES (1)", "REPLACE `copy_of_shop`.item VALUES (1)"),
        ("UPDATE shop.item SET a = 1", "UPDATE `copy_of_shop`.item SET a = 1"),
        ("UPDATE LOW_PRIORITY IGNORE shop.item SET a = 1", "UPDATE LOW_PRIORITY IGNORE `copy_of_shop`.item SET a = 1"),
        (
            "DELETE shop.item FROM shop.item JOIN shop.sale USING (id)",
            "DELETE `copy_of_shop`.item FROM `copy_of_shop`.item JOIN `copy_of_shop`.sale USING (id)",
        ),
        ("CALL shop.close_day()", "CALL `copy_of_shop`.close_day()"),
    ],
)
def test_tables_of_other_databases_are_those_of_their_copies(sql: str, expected: str) -> None:
    assert NAMES.in_mariadb(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT item.id FROM item WHERE item.id = 1.5",
        "INSERT INTO item (a) VALUES ('CALL shop.close_day()')",
        "INSERT INTO item (a) VALUES (1) ON DUPLICATE KEY UPDATE item.a = item.a + 1",
        "SELECT REPLACE(item.a, 'x', 'y'), INSERT(item.a, 1, 2, 'z') FROM item",
        "DELETE item.* FROM item",
        "SELECT item.a FROM item IGNORE INDEX (by_a) WHERE item.a = 1",
    ],
)
def test_columns_and_functions_are_no_databases(sql: str) -> None:
    assert NAMES.in_mariadb(sql) == sql
