"""The demonstration shop's own database, grown: the application checks, and every page and command works."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ennead.replay.databases.growth import grow

SHOP = Path(__file__).parents[2] / "apps" / "shop_django"
_UNTOUCHED = ("django_migrations", "django_content_type", "auth_permission", "django_session")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("*.sqlite3", "__pycache__"))
    manage(folder, "migrate", "-v0")
    manage(folder, "seed", "--rows", "10")
    return folder


def manage(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "DJANGO_"))}
    completed = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("factor", "varied"), [(2, True), (5, True), (5, False), (10, True)])
def test_the_shop_works_with_more_rows(shop: Path, tmp_path: Path, factor: int, varied: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    with closing(sqlite3.connect(folder / "shop.sqlite3")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        growth = grow(connection, tables, factor=factor, nulls=varied, skew=varied)
        assert set(growth.refused.values()) <= {"it has no rows"}
        assert growth.notes == ()
        assert "orders_orderline" in growth.tables
        for name, found in growth.tables.items():
            assert (found.rows_before, found.rows_after) == (counts[name], factor * counts[name])
        for name in _UNTOUCHED:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] == counts[name]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    manage(folder, "check")
    assert " steps in " in manage(folder, "exercise")
