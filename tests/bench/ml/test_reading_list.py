"""Which groups are read a second time."""

from pathlib import Path

import pytest

from bench.ml import reading_list
from bench.ml.reading_list import Group, choose
from bench.real_apps.environment import Release
from bench.real_apps.labels import Label

ONE, OTHER = (Release(name, Path("requirements.txt")) for name in ("one", "other"))


def _group(release: Release, action: str, fingerprint: str, last: int, line: int = 1) -> Group:
    counts = (3, 6, last)
    return Group(release, action, fingerprint, "SELECT ?", counts, counts, f"a.py:{line} < b.py:2")


@pytest.fixture(autouse=True)
def labels(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {("page", "duplicate"): Label("duplicate", "read"), ("page", "real"): Label("n-plus-one", "read")}
    monkeypatch.setattr(reading_list, "labels_of", lambda application: read)
    monkeypatch.setattr(reading_list, "GROWING", 4)
    monkeypatch.setattr(reading_list, "STILL", 2)


def test_what_was_read_to_be_something_else_is_always_chosen() -> None:
    groups = [_group(ONE, "page", "duplicate", 12), *(_group(ONE, f"p{n}", "f", 12, n) for n in range(20))]

    chosen = choose(groups)

    assert groups[0] in chosen
    assert len(chosen) == 5


def test_releases_take_turns_and_a_place_comes_again_last() -> None:
    groups = [_group(ONE, f"p{n}", "same", 12) for n in range(9)]
    groups += [_group(ONE, "a", "f", 12), _group(OTHER, "a", "g", 12), _group(OTHER, "b", "h", 12)]

    chosen = choose(groups)

    assert [group.release.name for group in chosen].count("other") == 2
    assert {group.fingerprint for group in chosen} == {"same", "f", "g", "h"}


def test_what_grows_and_what_only_repeats_are_both_chosen() -> None:
    groups = [_group(ONE, f"p{n}", f"f{n}", 12, n) for n in range(9)]
    groups += [_group(ONE, f"q{n}", f"g{n}", 6, n) for n in range(9)]

    chosen = choose(groups)

    assert sorted(group.counts[-1] for group in chosen) == [6, 6, 12, 12, 12, 12]


def test_the_order_is_that_of_a_hash_and_no_label_is_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [_group(ONE, "page", "real", 12), _group(ONE, "page", "duplicate", 12)]

    assert choose(groups) == choose(groups[::-1])
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    monkeypatch.setattr(Release, "folder", tmp_path)
    told = [value for group in groups for value in reading_list._row(group) if value != group.fingerprint]
    assert not any("n-plus-one" in value or value == "duplicate" for value in told)
