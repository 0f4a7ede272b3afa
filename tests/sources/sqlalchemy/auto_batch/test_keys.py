"""Where the database's equality may be another one than Python's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import CHAR, Engine, ForeignKey, Integer, Numeric, String, TypeDecorator, Uuid, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry, relationship
from sqlalchemy.pool import StaticPool

from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from tests.sources.sqlalchemy.auto_batch.comparison import Seen, batching, listened


class Doubled(TypeDecorator[int]):
    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: object) -> int | None:
        return None if value is None else value * 2

    def process_result_value(self, value: Any, dialect: object) -> int | None:
        return None if value is None else value // 2


IDENTIFIERS = [uuid.UUID(int=number) for number in range(3)]


@pytest.fixture
def empty() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    yield engine
    engine.dispose()


def select_counts(engine: Engine, kind: Any, keys: list[Any], remote_kind: Any = None) -> list[int]:
    """SELECTs with and without batching for one child at each key; what is read must be the same."""

    class Base(DeclarativeBase):
        registry = registry()

    class Parent(Base):
        __tablename__ = "parent"

        id: Mapped[int] = mapped_column(primary_key=True)
        key: Mapped[Any] = mapped_column(kind)
        children: Mapped[list[Child]] = relationship(
            primaryjoin=lambda: Child.parent_key == Parent.key,
            foreign_keys=lambda: Child.parent_key,
            order_by=lambda: Child.id,
            viewonly=True,
        )

    class Child(Base):
        __tablename__ = "child"

        id: Mapped[int] = mapped_column(primary_key=True)
        parent_key: Mapped[Any] = mapped_column(remote_kind or kind)

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Parent(id=number, key=key) for number, key in enumerate(keys)])
        session.add_all([Child(id=number, parent_key=key) for number, key in enumerate(keys)])
        session.commit()
    results, counts = [], []
    for enabled in (False, True):
        seen = Seen()
        with batching(enabled=enabled), listened(engine, seen), Session(engine) as session:
            parents = session.scalars(select(Parent).order_by(Parent.id)).all()
            results.append([[child.id for child in parent.children] for parent in parents])
        counts.append(seen.select_count)
    Base.metadata.drop_all(engine)
    assert results[0] == results[1]
    return counts


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (Integer(), [1, 2, 3]),
        (String(20), ["ada", "emmy", "grace"]),
        (Uuid(), IDENTIFIERS),
        (Uuid(as_uuid=False), [identifier.hex for identifier in IDENTIFIERS]),
        (Integer(), [1, 1, 2]),
    ],
    ids=str,
)
def test_batched(empty: Engine, kind: Any, keys: list[Any]) -> None:
    assert select_counts(empty, kind, keys) == [4, 3]


@pytest.mark.parametrize(
    ("kind", "keys", "why"),
    [
        (Numeric(), [1, 2, 3], "the type of the key"),
        (CHAR(8), ["ada", "emmy", "grace"], "the type of the key"),
        (Doubled(), [1, 2, 3], "the type of the key"),
        (String(20, collation="NOCASE"), ["ada", "emmy", "grace"], "the type of the key"),
        (String(20), ["ada", "emmy", "EMMY"], "keys that a collation may find equal"),
        (String(20), ["ada", "zoë", "zoe"], "keys that a collation may find equal"),
        (String(20), ["1", "02", "2"], "keys that a collation may find equal"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Dialect sqlite.*does \\*not\\* support Decimal")
def test_left_to_the_orm(empty: Engine, kind: Any, keys: list[Any], why: str) -> None:
    assert select_counts(empty, kind, keys) == [4, 4]
    assert set(COUNTS) == {f"refused: {why}"}


def test_two_types(empty: Engine) -> None:
    assert select_counts(empty, Integer(), [1, 2, 3], String(20)) == [4, 4]
    assert set(COUNTS) == {"refused: the type of the key"}


def test_a_collation_that_the_models_do_not_tell_is_noticed(empty: Engine) -> None:
    class Base(DeclarativeBase):
        registry = registry()

    class Parent(Base):
        __tablename__ = "parent"

        code: Mapped[str] = mapped_column(String(20), primary_key=True)
        children: Mapped[list[Child]] = relationship(order_by=lambda: Child.id)

    class Child(Base):
        __tablename__ = "child"

        id: Mapped[int] = mapped_column(primary_key=True)
        parent_code: Mapped[str] = mapped_column(String(20), ForeignKey("parent.code"))

    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (code TEXT COLLATE NOCASE PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE child (id INTEGER PRIMARY KEY, parent_code TEXT COLLATE NOCASE)")
        connection.exec_driver_sql("INSERT INTO parent VALUES ('ada'), ('emmy'), ('grace'), ('hedy')")
        connection.exec_driver_sql("INSERT INTO child VALUES (1, 'ADA'), (2, 'Emmy'), (3, 'grace'), (4, 'hedy')")
    with batching(), Session(empty) as session:
        parents = session.scalars(select(Parent).order_by(Parent.code)).all()
        assert [[child.id for child in parent.children] for parent in parents] == [[1], [2], [3], [4]]
    assert COUNTS["refused: the database's equality is another one"] == 1
    assert COUNTS["batched"] == 0
