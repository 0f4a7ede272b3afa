"""The committed file: a round trip, an order that merges, and one clear line for whatever else is in it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.store.baseline import Baseline, KnownFinding
from ennead.store.baseline_file import baseline_of, read_baseline, text_of, write_baseline
from tests.reporting.findings import finding

DAY = date(2026, 11, 2)
BASELINE = Baseline().with_findings([(finding(id=f"f1:{name}"), ["orders/"]) for name in "cab"], DAY)

entries = st.builds(
    KnownFinding,
    id=st.text(min_size=1),
    weak_id=st.none() | st.text(),
    code=st.text(),
    about=st.text(),
    place=st.none() | st.text(),
    count=st.integers(min_value=0),
    first_seen=st.dates(),
    seen_in=st.lists(st.text()).map(tuple),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["findings", "schema", "id", "x"]), each),
    max_leaves=8,
)


@given(st.lists(entries, unique_by=lambda entry: entry.id))
def test_round_trip(written: list[KnownFinding]) -> None:
    read = baseline_of(text_of(Baseline(tuple(written))))
    assert sorted(read.entries, key=lambda entry: entry.id) == sorted(written, key=lambda entry: entry.id)
    assert text_of(read) == text_of(Baseline(tuple(written)))


@given(values)
def test_whatever_else_is_in_the_file_it_is_read_or_refused(value: Any) -> None:
    try:
        read = baseline_of(json.dumps(value))
    except (EnneadError, ValueError, KeyError, TypeError):
        return
    assert isinstance(read, Baseline)


def test_the_order_does_not_follow_the_run(tmp_path: Path) -> None:
    text = text_of(BASELINE)
    assert [entry["id"] for entry in json.loads(text)["findings"]] == ["f1:a", "f1:b", "f1:c"]
    assert text == text_of(Baseline(BASELINE.entries[::-1]))
    assert text.endswith("}\n")


def test_a_new_entry_leaves_every_other_line_as_it_is() -> None:
    more = BASELINE.with_findings([(finding(id="f1:bb"), ["orders/"])], DAY)
    before, after = text_of(BASELINE).splitlines(), text_of(more).splitlines()
    added = len(after) - len(before)
    assert any(after[:at] + after[at + added :] == before for at in range(len(before)))


def test_nothing_of_the_source_and_no_value_is_written() -> None:
    text = text_of(BASELINE)
    assert "order.customer.discount" not in text
    assert ":7" not in text


def test_a_file_is_written_whole_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / ".ennead-baseline.json"
    assert read_baseline(path) is None
    write_baseline(path, BASELINE)
    assert read_baseline(path) == baseline_of(text_of(BASELINE))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_keys_of_a_later_version_are_passed_over() -> None:
    document = json.loads(text_of(BASELINE))
    document["later"] = document["findings"][0]["later"] = [1]
    assert len(baseline_of(json.dumps(document))) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no baseline"),
        ("{", "is no baseline"),
        ("<<<<<<< HEAD\n{}", "is no baseline"),
        ("[]", "it is no JSON object"),
        ("{}", "'findings' is missing"),
        ('{"findings": {}}', "its findings are no list"),
        ('{"findings": [3]}', "is no baseline"),
        ('{"findings": [{}]}', "is missing"),
        ('{"findings": [], "schema": 99}', "upgrade ennead"),
        ('{"findings": [], "schema": "x"}', "upgrade ennead"),
        ("[" * 5_000, "is no baseline"),
        ("\x00", "is no baseline"),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(EnneadError) as error:
        read_baseline(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", "7", "count must be a number of queries, got '7'"),
        ("count", -1, "count must be a number of queries"),
        ("count", True, "count must be a number of queries"),
        ("first_seen", "yesterday", "Invalid isoformat string"),
        ("seen_in", "orders/", "seen_in must be a list of texts"),
        ("seen_in", [1], "seen_in must be a list of texts"),
        ("id", None, "id must be a text"),
        ("place", 7, "place must be a text"),
    ],
)
def test_a_wrong_entry_is_told_by_its_field(tmp_path: Path, name: str, value: object, words: str) -> None:
    document = json.loads(text_of(BASELINE))
    document["findings"][1][name] = value
    path = tmp_path / "b.json"
    path.write_text(json.dumps(document))
    with pytest.raises(EnneadError, match=words):
        read_baseline(path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(EnneadError, match="is no baseline"):
        read_baseline(path)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match="cannot be read"):
        read_baseline(tmp_path)
    with pytest.raises(EnneadError, match="cannot write"):
        write_baseline(tmp_path / "nowhere" / "b.json", BASELINE)
