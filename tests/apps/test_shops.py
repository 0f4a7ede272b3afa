"""The demo shops as their users run them: copied out of the repository, with their own tests, on both databases."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import postgresql
from tests.apps.shops import DJANGO, FASTAPI, Shop

SHOPS = [DJANGO, FASTAPI]
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".pytest_cache", "*.sqlite3")


@pytest.fixture(params=SHOPS, ids=lambda shop: shop.name)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """A copy outside the repository."""
    original: Shop = request.param
    return replace(original, folder=shutil.copytree(original.folder, tmp_path / "shop", ignore=LEFTOVERS))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database that nobody else uses."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
        return
    with postgresql.database(request.getfixturevalue("postgresql_url")) as url:
        yield url


def run(shop: Shop, database_url: str, *command: str) -> str:
    """Run Python in the shop's folder and return what it printed, in the order in which it did."""
    completed = subprocess.run(
        [sys.executable, *command],
        cwd=shop.folder,
        env=shop.environment(database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    assert completed.returncode == 0, completed.stdout
    return completed.stdout


@pytest.mark.slow
def test_its_own_tests_pass(shop: Shop, database_url: str) -> None:
    assert " passed" in run(shop, database_url, "-m", "pytest", "-q")


@pytest.mark.slow
def test_the_unittest_suite_passes(database_url: str, tmp_path: Path) -> None:
    folder = shutil.copytree(DJANGO.folder, tmp_path / "shop", ignore=LEFTOVERS)
    output = run(replace(DJANGO, folder=folder), database_url, "-W", "error", "manage.py", "test")
    assert "\nOK\n" in output
    assert "Found 0 test(s)" not in output


@pytest.mark.slow
def test_the_walk_can_be_repeated(shop: Shop, database_url: str) -> None:
    first, second = (run(shop, database_url, "-W", "error", *shop.entry, "exercise") for _ in range(2))
    assert "filled the shop with 24 products" in first
    assert "filled the shop" not in second
    assert _steps(second) == _steps(first)
    assert len(_steps(first)) > 30


def test_the_django_walk_can_be_silent(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    for command in DJANGO.preparation(rows=3):
        run(DJANGO, url, *command)
    assert run(DJANGO, url, "manage.py", "exercise", "--verbosity", "0") == ""


def _steps(output: str) -> list[str]:
    """Labels of the steps that a walk reports."""
    return [line.split(" ms ")[0].rsplit(maxsplit=1)[0].strip() for line in output.splitlines() if " ms " in line]


def test_without_a_url_the_database_lies_beside_the_program(shop: Shop) -> None:
    for command in shop.preparation(rows=3):
        run(shop, "", *command)
    assert [file.name for file in shop.folder.glob("*.sqlite3")] == ["shop.sqlite3"]


def test_another_kind_of_database_is_refused(shop: Shop) -> None:
    with pytest.raises(AssertionError, match="SHOP_DATABASE_URL must be sqlite:///FILE or postgresql://USER@HOST/NAME"):
        run(shop, "oracle://host/shop", *shop.entry, "exercise")


def test_the_migrations_are_complete(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'unused.sqlite3'}"
    assert "No changes detected" in run(DJANGO, url, "manage.py", "makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.name)
def test_nothing_gives_the_mistakes_away(shop: Shop) -> None:
    telling = [
        str(file.relative_to(shop.folder))
        for file in shop.folder.rglob("*")
        if file.suffix in {".py", ".html", ".txt", ".jinja", ".md"}
        and any(word in file.read_text().lower() for word in ("n+1", "n_plus", "lazy load", "ennead"))
    ]
    assert telling == []
