"""Units of work whose truth is known because they were made up: random schemas, statement styles and loop shapes.

For training only: nothing is measured on them. Pure standard library, and the same seed gives the same units.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from ennead.training.derive import Truth, Unit, examples_of
from ennead.training.generator.block import Block
from ennead.training.generator.look_alikes import TWINS
from ennead.training.generator.scene import Scene
from ennead.training.generator.schema import STYLES, random_schema
from ennead.training.generator.shapes import SHAPES
from ennead.training.generator.stage import Played, Stage
from ennead.training.generator.wear import worn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.training.examples import Example

    Shape = Callable[[Scene], Block]

APPLICATION = "generated"
_DATABASES = ("postgresql", "sqlite", "mysql")
_SHARE_OF_SHAPES = 0.5


class Generated(NamedTuple):
    """A unit of work with its truth."""

    context: QueryExecutionContext
    n_plus_one: frozenset[int]
    """Positions of the queries that belong to an N+1."""
    shapes: tuple[str, ...]
    """Names of what was played, in order."""

    def truth(self, group: QueryGroup) -> Truth:
        """Whether a group is an N+1, or has one in it."""
        return Truth(not self.n_plus_one.isdisjoint(group.indexes), "generated")


def generate(seed: int, count: int) -> Iterator[Generated]:
    """Units of work, as many as asked for.

    The source that call paths point to is there while a unit is in use, until the next one is asked for.

    Examples
    --------
    >>> first, second = (unit.context.query_count for unit in generate(seed=7, count=2))
    >>> [unit.context.query_count for unit in generate(seed=7, count=1)] == [first]
    True
    """
    for number in range(count):
        random = Random(f"{seed} {number}")
        stage = _stage(random, f"{seed}-{number}")
        try:
            yield _unit(random, *stage)
        finally:
            stage[0].forget()


def generate_examples(seed: int, count: int) -> Iterator[Example]:
    """The examples, at all levels, of so many generated units of work."""
    for unit in generate(seed, count):
        yield from examples_of(unit.context, unit.truth, Unit(APPLICATION, "", "+".join(unit.shapes)))


def _stage(random: Random, name: str) -> tuple[Stage, Scene]:
    style = random.choice(STYLES)
    scene = Scene(random, random_schema(random), style.library)
    return Stage(random, style, random.choice(_DATABASES), name), scene


def _unit(random: Random, stage: Stage, scene: Scene) -> Generated:
    blocks: list[Block] = []
    names: list[str] = []
    for shape in _chosen(random):
        blocks.append(shape(scene))
        names.append(shape.__name__)
    played: Played = worn(random, stage.play([_background(scene), *blocks]))
    return Generated(played.context, played.n_plus_one, tuple(names))


def _chosen(random: Random) -> Iterator[Shape]:
    """One to four shapes; each as often as one of its twins."""
    for _ in range(random.randint(1, 4)):
        shape = random.choice(SHAPES)
        yield shape if random.random() < _SHARE_OF_SHAPES else random.choice(TWINS[shape.__name__])


def _background(scene: Scene) -> Block:
    """What every unit of work asks once: a session, a user, a setting."""
    tables = scene.random.sample(scene.schema.tables, scene.random.randint(0, 5))
    turns = [
        [replace(scene.by_key(table, scene.text(), scene.rows(table, [scene.key()]), column="kind"), line=line)]
        for line, table in enumerate(tables)
    ]
    return Block("none", turns, is_scattered=True)
