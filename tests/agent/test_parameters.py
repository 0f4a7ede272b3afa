import datetime as dt
import ipaddress
import os
import subprocess
import sys
import uuid
from collections import OrderedDict, UserString
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from ennead.agent.parameters import HashMemo, ParameterHasher, canonical, project_secret

SOME_UUID = uuid.UUID("6fa459ea-ee8a-3ca4-894e-db77e160355e")


class Shelf(IntEnum):
    TOP = 5


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    LARGE = "large"


class Point(NamedTuple):
    x: int
    y: int


class Text(str):
    """What Django's SafeString is to str."""

    __slots__ = ()

    def __str__(self) -> NoReturn:
        raise AssertionError("the code of a host's type ran")

    __hash__ = __eq__ = __len__ = __iter__ = encode = __str__  # type: ignore[assignment]


class Items(list[int]):
    def __iter__(self) -> NoReturn:
        raise AssertionError("the code of a host's type ran")

    __len__ = __getitem__ = __repr__ = __iter__  # type: ignore[assignment]


class Meta(type):
    def __getattribute__(cls, name: str) -> NoReturn:
        raise AssertionError("the code of a host's metaclass ran")


def hostile_type() -> type:
    """Anything that is done with it fails; pytest looks at what stands in a module, so it stands in here."""

    class Hostile(metaclass=Meta):
        def __getattribute__(self, name: str) -> NoReturn:
            raise AssertionError("the code of a host's type ran")

        __repr__ = __str__ = __hash__ = __eq__ = __iter__ = __bool__ = __getattribute__  # type: ignore[assignment]

    return Hostile


def _evaluated(_lazy: object) -> NoReturn:
    raise AssertionError("the lazy object was evaluated")


# What Django's SimpleLazyObject is: asking for its class evaluates it.
Lazy = type("Lazy", (), {"__class__": property(_evaluated)})


class BrokenZone(dt.tzinfo):
    def utcoffset(self, moment: dt.datetime | None) -> NoReturn:
        raise RuntimeError("no zone today")

    dst = tzname = utcoffset


# ---------------------------------------------------------------- equal values of different types
@pytest.mark.parametrize(
    "values",
    [
        [5, "5", 5.0, Decimal(5), Decimal("5.00"), "5.0", "5.00", Shelf.TOP, True + 4],
        [True, 1, "1", 1.0],
        [False, 0, "0", -0.0, Decimal("-0.0"), "-0"],
        [-5, "-5", Decimal("-5.0")],
        [0.1, "0.1", Decimal("0.1"), "0.10"],
        [10**39, 1e39, Decimal("1e39"), str(10**39)],
        [10**60, Decimal("1e60"), str(10**60)],
        [1e-7, Decimal("1E-7"), "0.0000001"],
        [float("nan"), Decimal("NaN")],
        [float("-inf"), Decimal("-Infinity")],
        [SOME_UUID, str(SOME_UUID), SOME_UUID.hex, str(SOME_UUID).upper(), SOME_UUID.int],
        [dt.datetime.fromisoformat("2026-01-02 03:04:05"), "2026-01-02T03:04:05", "2026-01-02 03:04:05"],
        [dt.datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")), "2026-01-02 00:00:00+00:00"],
        [dt.date(2026, 1, 2), "2026-01-02"],
        [dt.time(3, 4, 5), "03:04:05"],
        ["text", Text("text")],
        ["red", Colour.RED],
        ["large", Size.LARGE],
        [b"raw", bytearray(b"raw"), memoryview(b"raw")],
        [[1, "2"], (1, 2), Items([1, 2]), Point(1, 2)],
        [{"a": 1, "b": [2]}, OrderedDict(b=(2,), a="1")],
        [{1, 2}, frozenset({"2", "1"})],
        [Jsonb({"a": 1}), {"a": 1}],
        [ipaddress.ip_address("0.0.0.5"), 5],
    ],
)
def test_forms_of_one_value_agree(values: list[object]) -> None:
    assert {canonical(value) for value in values} == {canonical(values[0])}


@pytest.mark.parametrize(
    "values",
    [
        [5, "05", "5 ", " 5", "5.", "+5", "5e0", "\u0665", 50, -5, 0.5, [5], (5, 5), {5: 5}, b"5", None],
        [None, "", b"", [], {}, set(), 0, "None", "null", "NULL"],
        [[1, 2], [12], ["1,2"], [[1], 2], [1, [2]], [[1, 2]], [2, 1], [1, 2, None]],
        [{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}, {"ab": 12}],
        ["a" * 32, "g" * 32, "6fa459ea-ee8a3ca4894edb77e160355e", str(SOME_UUID)],
        ["x" * 100_000, "x" * 100_001, "y" + "x" * 99_999, "x" * 99_999 + "y"],
        [b"x" * 100_000, b"x" * 100_001, b"y" + b"x" * 99_999],
        [10**60, 10**61, 10**60 + 1, 10**5000, 10**5000 + 1],
        [float("inf"), float("-inf"), float("nan")],
    ],
)
def test_different_values_differ(values: list[object]) -> None:
    assert len({canonical(value) for value in values}) == len(values)


# A text of 32 digits is read as a UUID's: no key is that long.
@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_integers_and_their_texts(number: int) -> None:
    assert canonical(number) == canonical(str(number)) == canonical(Decimal(number))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_decimals_and_their_texts(number: Decimal) -> None:
    assert canonical(number) == canonical(format(number, "f")) == canonical(number.normalize())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_and_decimals(number: float) -> None:
    assert canonical(number) == canonical(Decimal(repr(number)))


@given(st.uuids())
def test_uuids_and_their_texts(value: uuid.UUID) -> None:
    assert canonical(value) == canonical(str(value)) == canonical(value.hex) == canonical(value.int)


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_datetimes_and_their_texts(moment: dt.datetime) -> None:
    assert canonical(moment) == canonical(moment.isoformat()) == canonical(moment.isoformat(" "))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.uuids() | st.dates()
nested = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(nested)
def test_any_value_has_one_canonical_form(value: object) -> None:
    assert canonical(value) == canonical(value)
    assert canonical([value]) == canonical((value,)) != canonical(value)


@given(st.lists(st.text()), st.lists(st.text()))
def test_lists_never_look_alike(first: list[str], second: list[str]) -> None:
    same = [canonical(item) for item in first] == [canonical(item) for item in second]
    assert (canonical(first) == canonical(second)) == same


# ---------------------------------------------------------------- the host's own types
def test_other_objects_are_told_apart_by_type_only() -> None:
    hostile = hostile_type()
    others = [hostile(), Lazy(), hostile, object(), print, (item for item in "x"), UserString("x")]
    found = [canonical(value) for value in others]
    assert len(set(found)) == len(others)
    assert all(form.startswith(b"o") for form in found)
    assert b"0x" not in b"".join(found)


def test_two_objects_of_one_type_agree() -> None:
    hostile = hostile_type()
    assert canonical(hostile()) == canonical(hostile()) != canonical(object())


def test_a_value_that_fails_to_speak_does_not_raise() -> None:
    assert canonical(dt.datetime(2026, 1, 1, tzinfo=BrokenZone())) == b"odatetime.datetime"


def test_a_released_memoryview_does_not_raise() -> None:
    view = memoryview(b"x")
    view.release()
    assert canonical(view) == b"obuiltins.memoryview"


def test_lone_surrogates() -> None:
    assert canonical("\ud800") != canonical("\ud801")


# ---------------------------------------------------------------- size
def test_a_list_that_holds_itself() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    assert len(canonical(endless)) < 1_000


def test_wide_and_deep_values_are_read_in_part() -> None:
    bush: list[Any] = [0] * 10
    for _ in range(12):
        bush = [bush] * 10
    assert len(canonical(bush)) < 1_000_000


def test_the_length_of_a_list_counts_where_its_end_is_not_read() -> None:
    assert canonical([0] * 20_000) != canonical([0] * 20_001)


# ---------------------------------------------------------------- hashes
def test_hash_is_keyed_and_short() -> None:
    hasher = ParameterHasher(b"secret")
    assert hasher.hash([5, "title"]) == hasher.hash(("5", "title")) == "937220d5eae3bdd6"
    assert ParameterHasher(b"another").hash([5, "title"]) != hasher.hash([5, "title"])


def test_hash_minds_order_and_number() -> None:
    hasher = ParameterHasher(b"secret")
    lists: list[list[object]] = [[], [None], [1], [1, 2], [2, 1], [12], [[1, 2]], ["1,2"]]
    assert len({hasher.hash(values) for values in lists}) == len(lists)


def test_a_secret_of_any_length() -> None:
    assert ParameterHasher(b"x" * 64).hash([1]) != ParameterHasher(b"x" * 65).hash([1])


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        ParameterHasher(b"")


def test_hashes_of_hostile_values() -> None:
    assert len(ParameterHasher(b"secret").hash([hostile_type()(), Items([1])])) == 16


@given(st.lists(nested))
def test_remembered_hashes_are_those_of_the_hasher(values: list[object]) -> None:
    hasher = ParameterHasher(b"secret")
    memo = HashMemo(hasher)
    each = tuple(hasher.hash([value]) for value in values)
    for _ in range(2):
        assert tuple(map(memo.hash_one, values)) == each
        assert memo.hash_all(each) == hasher.hash(each)


def test_equal_moments_in_two_time_zones_are_not_taken_for_one_another() -> None:
    moment = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    elsewhere = moment.astimezone(ZoneInfo("Europe/Berlin"))
    memo = HashMemo(ParameterHasher(b"secret"))
    assert moment == elsewhere
    assert memo.hash_one(moment) != memo.hash_one(elsewhere)


# ---------------------------------------------------------------- the secret
@pytest.fixture
def environment() -> Iterator[None]:
    before = os.environ.pop("ENNEAD_SECRET", None)
    yield
    os.environ.pop("ENNEAD_SECRET", None)
    if before is not None:
        os.environ["ENNEAD_SECRET"] = before


def test_the_secret_of_the_environment() -> None:
    assert project_secret({"ENNEAD_SECRET": "given"}) == b"given"


def test_a_secret_is_made_once() -> None:
    variables = {"ENNEAD_SECRET": ""}
    made = project_secret(variables)
    assert len(made) == 64
    assert project_secret(variables) == made
    assert project_secret({}) != made


@pytest.mark.usefixtures("environment")
def test_child_processes_share_the_secret() -> None:
    program = "from ennead.agent.parameters import *; print(ParameterHasher(project_secret()).hash([5]))"
    here = ParameterHasher(project_secret()).hash(["5"])
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == here
