"""Gradient-boosted decision trees, read from validated JSON and equal to LightGBM's own prediction.

The form, version 1. The lists of a tree have the names, order and meaning of LightGBM's text model
(``Booster.model_to_string``), so writing a model down is copying::

    {"form": 1,
     "features": ["log_count", "adjacency"],        names, in the order of the trained columns
     "sigmoid": 1.0,                                of the objective "binary"; 1.0 where it is left out
     "trees": [{"split_feature": [0, 1],            one entry for each inner node, the root first
                "threshold": [1.5, null],           left where value <= threshold; null (or Infinity): all that is there
                "decision_type": [10, 2],           bit 1 (2): missing values go left;
                                                    bits 2-3 (0, 4, 8): what is missing: nothing, zero and NaN, NaN
                "left_child": [1, -1],              an inner node's number, or ~n (-n - 1) for leaf n
                "right_child": [-3, -2],
                "leaf_value": [0.4, -0.1, -0.3]}]}  one more than inner nodes; a tree of one leaf has empty lists

Where ``NaN`` is not "missing" for a node, LightGBM takes it for 0. Categorical splits, linear leaves and the averaged
output of random forests are refused or have no place in the form.

Source: Ke et al., *LightGBM: A Highly Efficient Gradient Boosting Decision Tree* (NIPS 2017); the decisions are those
of ``Tree::NumericalDecision`` in LightGBM's ``include/LightGBM/tree.h``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, nan
from typing import TYPE_CHECKING, Any, NoReturn

from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import (
    FormError,
    a_list,
    a_mapping,
    a_number,
    a_whole_number,
    different_names,
    the_form,
)
from ennead.learners.quick_scorer import QuickScorer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FORM = 1
_ZERO = 1.0000000180025095e-35
"""LightGBM's ``kZeroThreshold``: 1e-35 in single precision."""
_DEFAULT_LEFT = 2
_MISSING_NONE, _MISSING_ZERO, _MISSING_NAN = 0, 4, 8
_MOST_TREES = 10_000
_LONGEST_MARGIN = 700.0
"""``exp`` overflows a little above it."""

Node = Any
"""A leaf's value, or a tuple of slot, threshold, left and right."""


@dataclass(frozen=True, slots=True)
class _View:
    """A feature as nodes of one kind see it: a missing value is ``-inf`` where it goes left, ``nan`` where right."""

    column: int
    missing: int
    default_left: bool

    def of(self, value: float) -> float:
        is_nan = value != value  # noqa: PLR0124 -- math.isnan without the call
        if self.missing == _MISSING_NONE:
            return 0.0 if is_nan else value
        if is_nan or (self.missing == _MISSING_ZERO and -_ZERO <= value <= _ZERO):
            return -inf if self.default_left else nan
        return value


class BoostedTrees:
    """A sum of trees, and its logistic function.

    Parameters
    ----------
    features
        Names of the columns.
    trees
        Roots; see :meth:`from_json`.
    views
        What the nodes' slots are made of.
    sigmoid
        Steepness of the logistic function.

    Examples
    --------
    >>> tree = {"split_feature": [0], "threshold": [1.5], "decision_type": [10], "left_child": [-1],
    ...         "right_child": [-2], "leaf_value": [-0.5, 2.0]}
    >>> model = BoostedTrees.from_json({"form": 1, "features": ["log_count"], "trees": [tree, tree]})
    >>> model.raw({"log_count": 2.0}), model.raw({"log_count": 1.5}), model.raw({})
    (4.0, -1.0, -1.0)
    >>> round(model.probability({"log_count": 2.0}), 4)
    0.982
    >>> model.to_slots([float("nan")])
    [-inf]
    """

    __slots__ = ("_quick", "_slots", "_trees", "features", "sigmoid")

    def __init__(
        self, features: tuple[str, ...], trees: tuple[Node, ...], views: tuple[_View, ...], sigmoid: float
    ) -> None:
        self.features = features
        self.sigmoid = sigmoid
        self._trees = trees
        self._slots = tuple((view.column, view.of) for view in views)
        self._quick = QuickScorer.of(trees, self._slots)

    @classmethod
    def from_json(cls, data: object) -> BoostedTrees:
        """Read and check the form described above.

        Raises
        ------
        EnneadError
            It is something else; one line says what.
        """
        try:
            return cls._read(a_mapping(data, "a model"))
        except FormError as error:
            message = f"not a model of boosted trees: {error}"
            raise EnneadError(message) from error

    @classmethod
    def _read(cls, model: Mapping[str, Any]) -> BoostedTrees:
        the_form(model, FORM)
        features = different_names(model.get("features"), "features")
        sigmoid = a_number(model.get("sigmoid", 1.0), "sigmoid")
        if sigmoid <= 0.0:
            _refuse(f"sigmoid must be above 0, got {sigmoid!r}")
        views: dict[_View, int] = {}
        trees = a_list(model.get("trees"), "trees", _MOST_TREES)
        nodes = tuple(_Tree(number, tree, len(features)).read(views) for number, tree in enumerate(trees))
        return cls(features, nodes, tuple(views), sigmoid)

    @property
    def tree_count(self) -> int:
        """How many trees are added up."""
        return len(self._trees)

    def raw(self, features: Mapping[str, float]) -> float:
        """The sum of the trees' leaves: the log-odds before the sigmoid. A feature without a value is missing."""
        return self.raw_of([features.get(name, nan) for name in self.features])

    def raw_of(self, values: Sequence[float]) -> float:
        """As :meth:`raw`, of values in the order of :attr:`features`."""
        return self._quick.sum(values) if self._quick else self.walked(values)

    def walked(self, values: Sequence[float]) -> float:
        """The same, walked node by node: what trees too large for masks need."""
        slots = self.to_slots(values)
        total = 0.0
        for root in self._trees:
            node = root
            while node.__class__ is tuple:
                slot, threshold, left, right = node
                node = left if slots[slot] <= threshold else right
            total += node
        return total

    def probability(self, features: Mapping[str, float]) -> float:
        """The logistic function of :meth:`raw`; not calibrated."""
        return self.to_probability(self.raw(features))

    def to_probability(self, raw: float) -> float:
        """The logistic function."""
        margin = -self.sigmoid * raw
        return 1.0 / (1.0 + exp(margin)) if margin < _LONGEST_MARGIN else 0.0

    def to_slots(self, values: Sequence[float]) -> list[float]:
        """What the nodes compare with their thresholds."""
        return [of(values[column]) for column, of in self._slots]


class _Tree:
    """The lists of one tree, on the way to nested nodes."""

    def __init__(self, number: int, data: object, feature_count: int) -> None:
        self.name = f"tree {number}"
        self._data = a_mapping(data, self.name)
        self._feature_count = feature_count
        self.leaves = [a_number(value, self._at("leaf_value")) for value in self._list("leaf_value")]
        self.inner_count = len(self.leaves) - 1
        if self.inner_count < 0:
            _refuse(f"{self.name} has no leaf")

    def read(self, views: dict[_View, int]) -> Node:
        """The root; new views are added to those of the trees before."""
        columns = [self._column(value) for value in self._inner("split_feature")]
        thresholds = [self._threshold(value) for value in self._inner("threshold")]
        kinds = [self._kind(value) for value in self._inner("decision_type")]
        links = list(self._links())
        made: list[Node] = [0.0] * self.inner_count
        for number in reversed(range(self.inner_count)):
            missing, default_left = kinds[number]
            slot = views.setdefault(_View(columns[number], missing, default_left), len(views))
            left, right = (made[child] if child >= 0 else self.leaves[~child] for child in links[number])
            made[number] = (slot, thresholds[number], left, right)
        return made[0] if made else self.leaves[0]

    def _links(self) -> Iterator[tuple[int, int]]:
        """Children of each inner node: every node and leaf has one parent, and parents stand before their children."""
        seen = {0}
        children = zip(self._inner("left_child"), self._inner("right_child"), strict=True)
        for number, pair in enumerate(children):
            for child in pair:
                if not -len(self.leaves) <= a_whole_number(child, self._at("child")) < self.inner_count:
                    _refuse(f"{self.name} has no node {child!r}")
                if child in seen or 0 <= child <= number:
                    _refuse(f"{self.name} is no tree: node {child} below node {number}")
                seen.add(child)
            yield pair

    def _column(self, value: object) -> int:
        column = a_whole_number(value, self._at("split_feature"))
        if not 0 <= column < self._feature_count:
            _refuse(f"{self.name} splits feature {column}, there are {self._feature_count}")
        return column

    def _threshold(self, value: object) -> float:
        return inf if value is None or value == inf else a_number(value, self._at("threshold"))

    def _kind(self, value: object) -> tuple[int, bool]:
        """What is missing, and whether it goes left."""
        kind = a_whole_number(value, self._at("decision_type"))
        missing = kind & ~_DEFAULT_LEFT
        if missing not in (_MISSING_NONE, _MISSING_ZERO, _MISSING_NAN):
            _refuse(f"{self.name} has the decision type {kind}: only numerical splits are read")
        return missing, bool(kind & _DEFAULT_LEFT)

    def _inner(self, key: str) -> list[Any]:
        values = self._list(key)
        if len(values) != self.inner_count:
            _refuse(f"{self._at(key)} has {len(values)} entries, {len(self.leaves)} leaves need {self.inner_count}")
        return values

    def _list(self, key: str) -> list[Any]:
        return a_list(self._data.get(key), self._at(key))

    def _at(self, key: str) -> str:
        return f"{key} of {self.name}"


def _refuse(reason: str) -> NoReturn:
    raise FormError(reason)
