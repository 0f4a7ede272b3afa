"""Boosted trees of our JSON form as an ONNX graph: the same trees, for another interpreter.

``nodes_missing_value_tracks_true`` says where NaN goes, at each node; "zero is missing" has no counterpart and is
refused. The sum is made in double precision and rounded to float at the end, as the operator is defined.

The package ``onnx`` is imported when it is needed: doctests are looked for here where it is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

_DEFAULT_LEFT, _MISSING_NONE, _MISSING_NAN = 2, 0, 8


def onnx_trees(model: Mapping[str, Any]) -> bytes:
    """The graph of a model in the form of :class:`~ennead.learners.boosted_trees.BoostedTrees`."""
    from onnx import TensorProto, helper

    rows = [row for number, tree in enumerate(model["trees"]) for row in _nodes(number, tree)]
    leaves = [leaf for number, tree in enumerate(model["trees"]) for leaf in _leaves(number, tree)]
    tree_ids, node_ids, features, modes, values, left, right, tracks = map(list, zip(*rows, strict=True))
    sums = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["sum"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=tree_ids,
        nodes_nodeids=node_ids,
        nodes_featureids=features,
        nodes_modes=modes,
        nodes_values_as_tensor=_doubles(values),
        nodes_truenodeids=left,
        nodes_falsenodeids=right,
        nodes_missing_value_tracks_true=tracks,
        target_treeids=[tree for tree, _, _ in leaves],
        target_nodeids=[node for _, node, _ in leaves],
        target_ids=[0] * len(leaves),
        target_weights_as_tensor=_doubles([value for _, _, value in leaves]),
    )
    graph = helper.make_graph(
        [
            sums,
            helper.make_node("Mul", ["sum", "sigmoid"], ["odds"]),
            helper.make_node("Sigmoid", ["odds"], ["probability"]),
        ],
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, len(model["features"])])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor("sigmoid", TensorProto.FLOAT, [1], [model.get("sigmoid", 1.0)])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    content: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return content


def _nodes(number: int, tree: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Inner nodes keep their numbers, leaf n is the node behind them all."""
    inner = len(tree["split_feature"])
    for node in range(inner):
        threshold = inf if tree["threshold"][node] is None else tree["threshold"][node]
        kind = tree["decision_type"][node]
        goes_left = threshold >= 0.0 if kind & ~_DEFAULT_LEFT == _MISSING_NONE else bool(kind & _DEFAULT_LEFT)
        assert kind & ~_DEFAULT_LEFT in (_MISSING_NONE, _MISSING_NAN)
        left, right = (_number(tree[side][node], inner) for side in ("left_child", "right_child"))
        yield number, node, tree["split_feature"][node], "BRANCH_LEQ", threshold, left, right, int(goes_left)
    for leaf in range(len(tree["leaf_value"])):
        yield number, inner + leaf, 0, "LEAF", 0.0, 0, 0, 0


def _leaves(number: int, tree: Mapping[str, Any]) -> Iterator[tuple[int, int, float]]:
    inner = len(tree["split_feature"])
    for leaf, value in enumerate(tree["leaf_value"]):
        yield number, inner + leaf, value


def _number(child: int, inner: int) -> int:
    return child if child >= 0 else inner + ~child


def _doubles(values: list[float]) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor("values", TensorProto.DOUBLE, [len(values)], values)
