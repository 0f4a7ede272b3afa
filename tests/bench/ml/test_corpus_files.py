"""The committed corpus: present features, nothing readable in it, no site on both sides of the split."""

import re
import tomllib
from functools import cache
from math import isnan
from pathlib import Path

import pytest

from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS
from ennead.training.examples import Example, read_examples

ML = Path(__file__).resolve().parents[3] / "bench" / "ml"
FILES = ("applications.csv", "scenarios.csv", "other_sizes.csv")
SQL = re.compile(r"\b(?:select|insert|update|delete|from|where|join)\b.*\b(?:from|where|into|set|on)\b", re.IGNORECASE)


@cache
def _examples(name: str) -> tuple[Example, ...]:
    return tuple(read_examples(ML / "corpus" / name))


def _split() -> dict[str, list[str]]:
    return tomllib.loads((ML / "split.toml").read_text())


@pytest.mark.parametrize("name", FILES)
def test_each_feature_is_missing_or_in_its_range(name: str) -> None:
    for spec in GROUP_FEATURES:
        numbers = [example.features[spec.name] for example in _examples(name)]
        outside = [number for number in numbers if not (isnan(number) or spec.low <= number <= spec.high)]
        assert outside == [], spec.name


@pytest.mark.parametrize("name", FILES)
def test_beside_numbers_there_are_hashes_and_the_benchs_own_names_only(name: str) -> None:
    for example in _examples(name):
        assert re.fullmatch(r"[0-9a-f]{12}", example.site)
        assert re.fullmatch(r"[\w.-]*", example.application + example.release + example.veto)
        assert not SQL.search(example.unit)


@pytest.mark.parametrize("name", FILES)
def test_both_labels_are_there_at_each_level(name: str) -> None:
    for level in LEVELS:
        assert {example.label for example in _examples(name) if example.level == level} == {True, False}


def test_of_one_site_there_are_three_examples_of_a_label_and_size_at_most() -> None:
    examples = _examples("applications.csv")
    keys = [(e.application, e.site, e.level, e.rows, e.label) for e in examples]

    assert max(map(keys.count, dict.fromkeys(keys[:500]))) <= 3


def test_all_applications_of_the_split_are_there_and_share_no_site() -> None:
    split = _split()
    sites = {
        name: {e.site for e in _examples("applications.csv") if e.application in split[name]}
        for name in ("training", "evaluation")
    }

    assert {e.application for e in _examples("applications.csv")} == {*split["training"], *split["evaluation"]}
    assert sites["training"]
    assert sites["evaluation"]
    assert sites["training"].isdisjoint(sites["evaluation"])
