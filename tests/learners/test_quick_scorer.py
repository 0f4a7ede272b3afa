"""Many small trees at once: always what walking them says, to the last bit."""

import json
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.learners.boosted_trees import BoostedTrees
from ennead.learners.quick_scorer import MOST_LEAVES, QuickScorer, leaf_count

CASES = json.loads((Path(__file__).parent.parent / "fixtures/learners/lightgbm_rows.json").read_text("utf-8"))
SLOTS = [(0, float), (1, float)]


def walked(node: Any, values: list[float]) -> float:
    while isinstance(node, tuple):
        node = node[2] if values[node[0]] <= node[1] else node[3]
    return float(node)


def grown(random: Random, leaves: int) -> Any:
    if leaves == 1:
        return random.uniform(-1, 1)
    left = random.randrange(1, leaves)
    threshold = random.choice([-1.0, 0.0, 0.5, 2.0, inf])
    return (random.randrange(2), threshold, grown(random, left), grown(random, leaves - left))


VALUES = st.one_of(st.sampled_from([-1.0, 0.0, 0.5, 2.0, inf, -inf, nan]), st.floats(-3, 3))


@given(st.integers(0, 10_000), st.lists(st.integers(1, MOST_LEAVES), max_size=6), VALUES, VALUES)
def test_it_says_what_walking_says(seed: int, sizes: list[int], one: float, other: float) -> None:
    random = Random(seed)
    roots = [grown(random, size) for size in sizes]
    expected = 0.0
    for root in roots:
        expected += walked(root, [one, other])

    assert QuickScorer(roots, SLOTS).sum([one, other]) == expected


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_walking_lightgbms_trees_says(name: str) -> None:
    model = BoostedTrees.from_json(CASES[name]["model"])
    for row in CASES[name]["rows"]:
        values = [nan if value is None else value for value in row]
        assert model.raw_of(values) == model.walked(values)


def test_a_tree_too_large_for_its_field_is_walked() -> None:
    random = Random(1)

    assert QuickScorer.of([grown(random, MOST_LEAVES)], SLOTS) is not None
    assert QuickScorer.of([grown(random, MOST_LEAVES + 1)], SLOTS) is None


def test_masks_that_would_take_too_much_are_not_made() -> None:
    random = Random(2)

    assert QuickScorer.of([grown(random, 15) for _ in range(60)], SLOTS) is not None
    assert QuickScorer.of([grown(random, 15) for _ in range(300)], SLOTS) is None


def test_leaves_of_a_deep_tree_are_counted_without_recursion() -> None:
    root: Any = 0.5
    for _ in range(50_000):
        root = (0, 1.0, root, 0.25)

    assert leaf_count(root) == 50_001


def test_without_trees_nothing_is_added() -> None:
    assert QuickScorer([], SLOTS).sum([1.0, 2.0]) == 0.0
