"""Labelled streams: labels that follow the queries through the levels, and the file that keeps them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ennead.domains.nplusone.groups import QueryGroup
from ennead.domains.nplusone.levels import LEVELS
from ennead.kernel.errors import EnneadError
from ennead.training.derive import Truth, Unit
from ennead.training.streams import UnitStream, read_streams, streams_of, write_streams
from tests.domains.nplusone.traces import lazy_orders

UNIT = Unit("shop", "shop-1", "orders", 5)


def truth(group: QueryGroup) -> Truth:
    return Truth(group.count > 1, "growth")


def streams() -> list[UnitStream]:
    trace = lazy_orders(3)
    trace.run("UPDATE shop_order SET seen = 1 WHERE id = ?", 1)
    return list(streams_of(trace.context(), truth, UNIT))


def test_each_level_has_the_same_truth() -> None:
    told = streams()
    assert [stream.level for stream in told] == list(LEVELS)
    for stream in told:
        assert stream.stream.alarms == (0, 1, 1, 1, 0)
        assert stream.groups == (0, 1, 1, 1, 2)
        assert len(stream.sites) == 3


def test_writes_are_nothing_to_be_warned_of_whatever_is_known_of_them() -> None:
    trace = lazy_orders(1)
    for number in range(3):
        trace.run("UPDATE shop_order SET seen = 1 WHERE id = ?", number)
    (stream,) = streams_of(trace.context(), lambda _: Truth(is_n_plus_one=True, source="growth"), UNIT, ("full",))
    assert stream.stream.alarms == (1, 1, 0, 0, 0)


def test_what_nobody_knows_is_marked() -> None:
    (stream,) = streams_of(lazy_orders(2).context(), lambda _: None, UNIT, ("sql",))
    assert stream.stream.alarms == (-1, -1, -1)


def test_a_file_is_read_as_it_was_written_and_has_the_same_bytes_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    assert write_streams(first, streams()) == write_streams(second, read_streams(first)) == 3
    assert list(read_streams(second)) == streams()
    assert first.read_bytes() == second.read_bytes()


def test_no_name_of_the_schema_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "streams.gz"
    write_streams(path, streams())
    text = gzip.decompress(path.read_bytes()).decode()
    assert "shop_order" not in text
    assert "views.py" not in text
    assert "SELECT" not in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": "00"}, "no streams of 14 factors"),
        ({"steps": "z" * 14 * 5}, "beyond the size"),
        ({"alarms": "0x110"}, "substring not found"),
        ({"groups": [0]}, "no streams of 14 factors"),
        ({"level": "guess"}, "no streams of 14 factors"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = tmp_path / "streams.gz"
    write_streams(path, streams())
    lines = gzip.decompress(path.read_bytes()).splitlines()
    broken = json.dumps({**json.loads(lines[1]), **changes})
    path.write_bytes(gzip.compress(b"\n".join([lines[0], broken.encode()])))
    with pytest.raises(EnneadError, match=f"line 2: .*{message}"):
        list(read_streams(path))
