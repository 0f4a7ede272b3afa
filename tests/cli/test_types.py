"""``ennead fix`` and ``ennead verify`` in a project that is checked by mypy, and in the same one without."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shops import Shop

REPORT = '''\
"""A report about orders, some of which are new."""

import sys

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    seen: Mapped[int] = mapped_column(default=0)


def report(engine: Engine) -> list[str]:
    with Session(engine) as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        session.commit()
        return [f"{order.id}: {order.seen}" for order in orders]


def fill(engine: Engine, count: int) -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Order() for _ in range(count)])
        session.commit()


if __name__ == "__main__":
    made = create_engine("sqlite:///made.sqlite3")
    fill(made, int(sys.argv[1]))
    print("\\n".join(report(made)))
'''
SIZED = ("--sizes", "3,9", "--", "report.py", "{size}")
CONFIG = "[mypy]\nstrict = True\n"
KEPT = REPORT.replace("def report(engine: Engine) -> list[str]:\n    with Session(engine) as", "{head}")
HEAD = "def report(engine: Engine, {keeping}) -> list[str]:\n    with Session(engine, expire_on_commit=not keep) as"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    folder = tmp_path / "shop"
    folder.mkdir()
    shop = Shop(folder)
    shop.write("report.py", REPORT)
    shop.write("mypy.ini", CONFIG)
    shop.write(".gitignore", ".ennead/\n")
    shop.commit()
    return shop


@pytest.mark.slow
def test_a_candidate_that_type_checks_worse_makes_room_for_the_next_one(shop: Shop) -> None:
    answer = fixed(shop)
    refused, accepted = answer["fixes"][0]["attempts"]
    assert (refused["strategy"], refused["verdict"]) == ("refresh-at-once", "worse")
    assert refused["reasons"][0] == (
        'new to mypy: report.py: Value of type "tuple[Any, ...] | None" is not indexable  [index]'
    )
    assert (accepted["strategy"], accepted["verdict"]) == ("expire-on-commit", "verified")
    assert "types (mypy)" in accepted["verification"]["compared"]
    assert not (shop.folder / ".mypy_cache").exists()


@pytest.mark.slow
def test_without_a_type_checker_it_is_the_fix_and_nothing_is_said_of_types(shop: Shop) -> None:
    (shop.folder / "mypy.ini").unlink()
    (accepted,) = fixed(shop)["fixes"][0]["attempts"]
    assert (accepted["strategy"], accepted["verdict"]) == ("refresh-at-once", "verified")
    told = (*accepted["verification"]["compared"], *accepted["verification"]["not_compared"])
    assert not [sentence for sentence in told if "types" in sentence]


@pytest.mark.slow
def test_a_change_made_by_hand_is_checked_too(shop: Shop) -> None:
    shop.write("report.py", KEPT.replace("{head}", HEAD.replace("{keeping}", "keep=True")))
    worse = shop.ennead("verify", *SIZED)
    assert worse.returncode == 1, worse.stderr
    missing = "Function is missing a type annotation for one or more parameters  [no-untyped-def]"
    assert worse.stdout.startswith(f"WORSE\n  new to mypy: report.py: {missing}\n"), worse.stdout
    assert "checking the types of the changed code" in worse.stderr
    shop.write("report.py", KEPT.replace("{head}", HEAD.replace("{keeping}", "keep: bool = True")))
    as_good = shop.ennead("verify", *SIZED)
    assert as_good.returncode == 0, as_good.stdout
    assert "types (mypy)" in as_good.stdout


def fixed(shop: Shop) -> dict[str, Any]:
    completed: subprocess.CompletedProcess[str] = shop.ennead("fix", "--json", *SIZED)
    assert completed.returncode == 0, completed.stderr
    answer: dict[str, Any] = json.loads(completed.stdout)
    return answer
