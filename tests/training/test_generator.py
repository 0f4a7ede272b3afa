"""Generated units of work: the same by seed, their truth consistent, each shape with its negative twins."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.levels import LEVELS
from ennead.training.derive import candidates
from ennead.training.generator import Generated, generate, generate_examples
from ennead.training.generator.block import Block
from ennead.training.generator.look_alikes import TWINS
from ennead.training.generator.scene import Scene
from ennead.training.generator.schema import STYLES, Select, Style, random_schema
from ennead.training.generator.shapes import SHAPES
from ennead.training.generator.stage import Played, Stage
from ennead.training.generator.wear import worn

Shape = Callable[[Scene], Block]
SEEDS = st.integers(min_value=0, max_value=10_000)
LOOK_ALIKES = tuple(dict.fromkeys(twin for twins in TWINS.values() for twin in twins))


def _scene(seed: int, library: str = "django") -> Scene:
    random = Random(seed)
    return Scene(random, random_schema(random), library)


def _played(*blocks: Block, seed: int = 1) -> Played:
    stage = Stage(Random(seed), STYLES[0], "sqlite", f"test {seed}")
    try:
        return stage.play(blocks)
    finally:
        stage.forget()


@settings(max_examples=6)
@given(SEEDS)
def test_the_same_seed_gives_the_same_units_and_another_seed_others(seed: int) -> None:
    first, again, other = (list(generate(number, 2)) for number in (seed, seed, seed + 1))

    assert first == again
    assert first != other
    assert first[0] != first[1]


@settings(max_examples=6)
@given(SEEDS)
def test_queries_are_in_order_and_supplied_by_earlier_ones(seed: int) -> None:
    (unit,) = generate(seed, 1)
    queries = unit.context.queries

    offsets = [query.offset_ms for query in queries]
    assert offsets == sorted(offsets)
    assert all(query.duration_ms >= 0 for query in queries)
    for index, query in enumerate(queries):
        assert all(supply.query < index for supply in query.supplied_by)
        assert all(supply.parameter < len(query.parameter_hashes) for supply in query.supplied_by)
        assert sum(query.list_sizes) <= len(query.parameter_hashes)


@settings(max_examples=6)
@given(SEEDS)
def test_what_belongs_to_an_n_plus_one_is_a_read_of_the_unit(seed: int) -> None:
    (unit,) = generate(seed, 1)

    assert all(unit.context.queries[index].is_read for index in unit.n_plus_one)
    positive = [group for group in group_queries(unit.context) if unit.truth(group).is_n_plus_one]
    assert set(unit.n_plus_one) <= {index for group in positive for index in group.indexes}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("library", ["django", "sqlalchemy", ""])
def test_each_shape_has_a_repeated_group_that_is_an_n_plus_one(shape: Shape, library: str) -> None:
    for seed in range(5):
        context, n_plus_one, *_ = _played(shape(_scene(seed, library)), seed=seed)
        unit = Generated(context, n_plus_one, ())
        assert any(unit.truth(group).is_n_plus_one for group in candidates(context)), seed


@pytest.mark.parametrize("look_alike", LOOK_ALIKES, ids=lambda look_alike: look_alike.__name__)
def test_no_look_alike_has_an_n_plus_one(look_alike: Shape) -> None:
    for seed in range(5):
        played = _played(look_alike(_scene(seed)), seed=seed)
        assert played.n_plus_one == frozenset()
        assert len(played.context.queries) > 1


def test_each_shape_has_twins() -> None:
    assert list(TWINS) == [shape.__name__ for shape in SHAPES]
    assert all(TWINS.values())


def test_the_source_is_there_while_a_unit_is_in_use() -> None:
    told = [example.features["loop_over_rows"] for example in generate_examples(3, 6) if example.level == "full"]

    assert {0.0, 1.0} <= set(told)


def test_examples_have_both_labels_at_each_level_and_no_names() -> None:
    examples = list(generate_examples(11, 6))

    for level in LEVELS:
        assert {example.label for example in examples if example.level == level} == {True, False}
    assert {(example.application, example.release, example.source) for example in examples} == {
        ("generated", "", "generated")
    }


@settings(max_examples=6)
@given(SEEDS)
def test_wear_takes_evidence_and_queries_away_and_keeps_the_truth(seed: int) -> None:
    played = _played(SHAPES[0](_scene(1)), LOOK_ALIKES[0](_scene(2)))
    kept = worn(Random(seed), played)

    offsets = [int(query.offset_ms) for query in played.context.queries]
    assert {int(query.offset_ms) for query in kept.context.queries} <= set(offsets)
    truths = {offsets[index] for index in played.n_plus_one}
    assert {int(kept.context.queries[index].offset_ms) for index in kept.n_plus_one} <= truths


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_each_style_writes_an_own_text_with_a_place_for_each_parameter(style: Style) -> None:
    scene = _scene(4, style.library)
    blocks = [shape(scene) for shape in SHAPES]
    statements = [call.statement for block in blocks for turn in block.turns for call in turn]
    reads = [statement for statement in statements if isinstance(statement, Select)]

    for read in reads:
        wanted = len(read.where) + read.limit + read.offset
        assert style.select(read).count("?") == wanted
    assert len({other.select(reads[0]) for other in STYLES}) > 6
