from __future__ import annotations

import copy
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ennead.fixes.comparison.values import compare_values, general_paths, is_same

LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-1, 1, width=16) | st.sampled_from(["", "a", "b c"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


def paths_of_leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key in value for found in paths_of_leaves(value[key], (*path, key))]
    if isinstance(value, list):
        return [found for at, item in enumerate(value) for found in paths_of_leaves(item, (*path, at))]
    return [path]


def with_leaf(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = leaf
    return changed


@given(VALUES, VALUES)
def test_where_the_originals_agree_every_difference_shows(original: Any, patched: Any) -> None:
    seen = compare_values([original, original], patched)
    assert seen.masked == seen.unstable == []
    assert (not seen.differences) == is_same(original, patched)


@given(VALUES, VALUES)
def test_a_run_of_the_original_agrees_with_the_originals(first: Any, second: Any) -> None:
    for patched in (first, second):
        seen = compare_values([first, second], patched)
        assert not seen.differences or seen.unstable


@given(VALUES, st.data())
def test_a_mask_hides_no_leaf_in_which_the_originals_agree(value: Any, data: st.DataObject) -> None:
    leaves = paths_of_leaves(value)
    assume(len(leaves) > 1)
    varying, broken = data.draw(st.permutations(leaves))[:2]
    originals = [with_leaf(value, varying, leaf) for leaf in (1001, 1002)]
    allowed = with_leaf(value, varying, 1003)
    seen = compare_values(originals, allowed)
    assert seen.masked
    assert not seen.differences
    assert compare_values(originals, with_leaf(allowed, broken, "broken")).differences


def test_the_place_and_both_values_are_told() -> None:
    before = {"orders": [{"id": 1, "customer": "Ada"}, {"id": 2, "customer": None}]}
    after = {"orders": [{"id": 1, "customer": None}, {"id": 2}]}
    assert [str(item) for item in compare_values([before, before], after).differences] == [
        'orders[0].customer was "Ada", became null',
        'orders[1] lost the key "customer"',
    ]


def test_only_the_order_differs() -> None:
    (seen,) = compare_values([{"rows": [1, 2, 2]}] * 2, {"rows": [2, 1, 2]}).differences
    assert (seen.path, seen.kind, seen.length) == ("rows", "order", 3)
    (seen,) = compare_values([{"rows": [1, 2, 2]}] * 2, {"rows": [2, 1, 1]}).differences[:1]
    assert seen.kind == "value"


def test_an_order_that_varies_in_the_original_is_not_compared_but_the_elements_are() -> None:
    originals = [{"tags": ["a", "b"]}, {"tags": ["b", "a"]}]
    assert compare_values(originals, {"tags": ["a", "b"]}).masked == ["order of tags"]
    assert not compare_values(originals, {"tags": ["a", "b"]}).differences
    assert compare_values(originals, {"tags": ["a", "a"]}).differences


def test_a_masked_leaf_keeps_its_type() -> None:
    assert compare_values([{"id": 1, "n": 0}, {"id": 2, "n": 0}], {"id": None, "n": 0}).differences
    assert not compare_values([{"id": 1, "n": 0}, {"id": 2, "n": 0}], {"id": 7, "n": 0}).differences


def test_a_generated_word_may_have_other_parts() -> None:
    assert not compare_values([{"t": "a/b", "n": 0}, {"t": "a=b/c", "n": 0}], {"t": "x", "n": 0}).differences
    assert compare_values([{"t": "a/b", "n": 0}, {"t": "a=b/c", "n": 0}], {"t": "x y", "n": 0}).differences


def test_keys_and_lengths_that_vary_in_the_original_are_unstable() -> None:
    assert compare_values([{"a": 1}, {"b": 1}], {"a": 1}).unstable == [""]
    assert compare_values([{"a": [1]}, {"a": [1, 2]}], {"a": [1]}).unstable == ["a"]
    assert compare_values([{"a": [1]}, {"a": [1]}], {"a": [1]}).unstable == []


def test_too_much_that_varies_is_told() -> None:
    assert compare_values([{"a": 1, "b": 1}, {"a": 2, "b": 2}], {"a": 3, "b": 3}).is_mostly_masked
    assert not compare_values([{"a": 1, "b": 1}, {"a": 2, "b": 1}], {"a": 3, "b": 1}).is_mostly_masked


def test_paths_are_told_once_for_all_elements() -> None:
    assert general_paths(["rows[0].at", "rows[12].at"]) == ["rows[*].at (2 places)"]
    assert general_paths(["rows[0].at"]) == ["rows[*].at"]
