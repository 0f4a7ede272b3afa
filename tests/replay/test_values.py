"""Return values in canonical form."""

from __future__ import annotations

import json
import math
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, defer, mapped_column, relationship

from ennead.replay.values import canonical


def text(value: object) -> str:
    return json.dumps(canonical(value), sort_keys=True)


ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.decimals(allow_nan=False)
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
)
KEYS = st.integers() | st.text(max_size=5) | st.dates()
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(st.text(min_size=1, max_size=3), inner, min_size=2, max_size=4)
    ),
    max_leaves=20,
)


def turned(value: Any) -> Any:
    """An equal value that was built in another order."""
    if isinstance(value, dict):
        return {key: turned(each) for key, each in reversed(value.items())}
    return [turned(each) for each in value] if isinstance(value, list) else value


@given(VALUES)
def test_equal_values_say_the_same(value: object) -> None:
    assert text(value) == text(turned(value))


@given(st.lists(st.integers() | st.text(), max_size=6))
def test_sets_have_no_order_and_generators_say_what_lists_say(items: list[object]) -> None:
    backwards = items[::-1]
    assert text(set(items)) == text(set(backwards))
    assert text(each for each in items) == text(items)


@given(st.lists(st.integers() | st.text(), max_size=6), st.lists(st.integers() | st.text(), max_size=6))
def test_unequal_lists_and_sets_say_something_else(left: list[object], right: list[object]) -> None:
    assert (text(left) == text(right)) == (left == right)
    assert (text(set(left)) == text(set(right))) == (set(left) == set(right))


class Colour(Enum):
    RED = 1
    BLUE = 2


class Level(IntEnum):
    HIGH = 3


@dataclass
class Row:
    name: str
    items: list[int]


class Plain:
    def __init__(self, **names: object) -> None:
        vars(self).update(names)


class Slotted:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Table:
    """Like a data frame: iterating gives the columns only."""

    def __init__(self, **columns: list[int]) -> None:
        self._columns = columns

    def keys(self) -> list[str]:
        return list(self._columns)

    def __getitem__(self, name: str) -> list[int]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)


Point = namedtuple("Point", "x y")  # noqa: PYI024 -- as older code has them

SHOWN: dict[str, tuple[object, object]] = {
    "nan": (math.nan, {"float": "nan"}),
    "infinity": ([-math.inf], [{"float": "-inf"}]),
    "decimal": (Decimal("1.50"), {"Decimal": "1.50"}),
    "date": (date(2026, 1, 2), {"date": "2026-01-02"}),
    "aware": (datetime(2026, 1, 2, tzinfo=UTC), {"datetime": "2026-01-02 00:00:00+00:00"}),
    "duration": (timedelta(minutes=1), {"timedelta": "0:01:00"}),
    "uuid": (UUID(int=1), {"UUID": "00000000-0000-0000-0000-000000000001"}),
    "bytes": (b"", {"bytes": 0, "digest": "cae66941d9efbd404e4d88758ea67670"}),
    "enum": (Colour.RED, {"Colour": "RED"}),
    "number enum": (Level.HIGH, 3),
    "dataclass": (Row("a", [1]), {"Row": {"name": "a", "items": [1]}}),
    "named tuple": (Point(1, 2), [1, 2]),
    "ordered": (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "numbers as keys": ({2: "b", 1: "a"}, {"mapping": [[1, "a"], [2, "b"]]}),
    "object": (Plain(b=1, a={2}, _hidden=3), {"Plain": {"a": {"set": [2]}, "b": 1}}),
    "slots": (Slotted("x"), {"Slotted": {"name": "x"}}),
    "table": (Table(a=[1], b=[2]), {"a": [1], "b": [2]}),
    "path": (PurePosixPath("a/b"), {"PurePosixPath": "PurePosixPath('a/b')"}),
    "class": (Row, {"type": f"<class '{__name__}.Row'>"}),
    "address": (object(), {"object": "<object object>"}),
    "range": (range(3), [0, 1, 2]),
}


@pytest.mark.parametrize(("value", "shown"), SHOWN.values(), ids=SHOWN)
def test_says(value: object, shown: object) -> None:
    assert canonical(value) == shown


DIFFERENT: dict[str, tuple[object, object]] = {
    "colours": (Colour.RED, Colour.BLUE),
    "slots": (Slotted("a"), Slotted("b")),
    "tables": (Table(a=[1]), Table(a=[2])),
    "deep": ([[[[[[[[[[[[[[[1]]]]]]]]]]]]]]], [[[[[[[[[[[[[[[2]]]]]]]]]]]]]]]),
    "long": (range(30_000), range(29_999)),
    "long generators": ((n for n in range(25_000)), (n if n != 24_999 else 0 for n in range(25_000))),
    "types": (Decimal(1), 1),
    "bytes": (b"a", b"b"),
    "text and bytes": ("a", b"a"),
    "set and list": ({1}, [1]),
    "numbers as text": ({1: "a"}, {"1": "a"}),
}


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT)
def test_tells_apart(left: object, right: object) -> None:
    assert text(left) != text(right)


class TestCycles:
    def test_of_lists_and_mappings_come_to_an_end(self) -> None:
        items: list[Any] = [1]
        items += [items] * 10
        assert canonical(items) == [1, *[{"deeper": "list"}] * 10]
        mapping: dict[str, Any] = {}
        mapping["self"] = mapping
        assert canonical(mapping) == {"self": {"deeper": "dict"}}

    def test_of_objects_come_to_an_end(self) -> None:
        parent = Plain(name="parent")
        parent_of = Plain(name="child", parent=parent)
        vars(parent)["children"] = [parent_of]
        assert canonical(parent) == {
            "Plain": {"children": [{"Plain": {"name": "child", "parent": {"deeper": "Plain"}}}], "name": "parent"}
        }

    def test_a_value_that_stands_twice_is_no_cycle(self) -> None:
        shared = [1]
        assert canonical([shared, shared]) == [[1], [1]]

    def test_many_ways_to_the_same_value_come_to_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ennead.replay.values._MOST_COLLECTIONS", 1_000)
        value: list[Any] = []
        for _ in range(40):
            value = [value, value]
        assert "deeper" in text(value)


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship()


class TestSQLAlchemy:
    @pytest.fixture
    def session(self) -> Iterator[Session]:
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(Book(id=1, title="Emma", author=Author(id=7, name="Jane")))
            session.commit()
            yield session
        engine.dispose()

    def test_rows_are_their_loaded_columns(self, session: Session) -> None:
        (book,) = session.scalars(select(Book).options(defer(Book.title)))
        assert canonical([book]) == [{"Book": {"author_id": 7, "id": 1}}]

    def test_an_eager_load_says_the_same(self, session: Session) -> None:
        book = session.scalars(select(Book)).one()
        before = text(book)
        assert book.author.name == "Jane"
        assert text(book) == before

    def test_results_are_read(self, session: Session) -> None:
        assert canonical(session.execute(select(Book.id, Book.title))) == [[1, "Emma"]]
        assert canonical(session.execute(select(Book.id)).mappings()) == [{"id": 1}]
