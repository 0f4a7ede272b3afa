"""A model of the size that ships, for a level that has none: 60 trees of 15 leaves over all features of a group."""

from __future__ import annotations

from random import Random
from typing import Any

from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.model import LevelModel, Models

TREES, LEAVES = 60, 15
_LEFT_WHERE_MISSING = 10


class ShippedOrStandIn(Models):
    """The models that travel with the package, and stand-ins at the other levels."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[Level, str] = {}
        for level in LEVELS:
            model = super().at(level) or stand_in(level)
            self._found[level] = model
            self.names[level] = model.name


def stand_in(level: Level) -> LevelModel:
    """It decides nothing and knows nothing, but takes the time of one that does."""
    random = Random(17)
    return LevelModel.from_json(
        {
            "form": 1,
            "name": "stand-in",
            "version": f"{TREES}x{LEAVES}",
            "level": level,
            "decides": False,
            "features": [spec.name for spec in GROUP_FEATURES],
            "trees": [_tree(random) for _ in range(TREES)],
        }
    )


def _tree(random: Random) -> dict[str, Any]:
    """Grown as LightGBM grows one: a leaf is split again and again."""
    inner = LEAVES - 1
    children: list[list[int]] = []
    for number in range(inner):
        if children:
            parent, side = random.choice([(p, s) for p, pair in enumerate(children) for s in (0, 1) if pair[s] < 0])
            leaf = children[parent][side]
            children[parent][side] = number
        else:
            leaf = -1
        children.append([leaf, -number - 2])
    return {
        "split_feature": [random.randrange(len(GROUP_FEATURES)) for _ in range(inner)],
        "threshold": [random.choice((0.05, 0.3, 0.5, 0.9, 1.5, 3.0)) for _ in range(inner)],
        "decision_type": [_LEFT_WHERE_MISSING if random.random() < 0.5 else 8 for _ in range(inner)],
        "left_child": [pair[0] for pair in children],
        "right_child": [pair[1] for pair in children],
        "leaf_value": [random.uniform(-0.2, 0.2) for _ in range(LEAVES)],
    }
