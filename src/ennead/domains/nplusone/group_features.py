"""From a repeated group to named numbers, whatever is known of it: the input of the learnt model.

Four kinds of evidence: the order and the times (:mod:`~ennead.domains.nplusone.sequence_features`), the statement's
form, the parameters, and what only the agent sees: rows, the ORM, provenance and the loop in the source. A kind that
was not recorded is ``nan``, never a zero. A statement's form is what its placeholders are for, not what they are named.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import pairwise
from math import inf, log1p, nan
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.origins import origin_of
from ennead.domains.nplusone.parameter_roles import roles_of
from ennead.domains.nplusone.sequence_features import LONGEST, SEQUENCE_FEATURES, interleaved, sequence_features
from ennead.domains.nplusone.statement_tree import shape_of
from ennead.kernel.features import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.domains.nplusone.groups import QueryGroup

_MANY_ROWS = 2

GROUP_FEATURES: tuple[FeatureSpec, ...] = (
    *SEQUENCE_FEATURES,
    FeatureSpec("has_limit", "0/1", 0, 1, "The statement has a LIMIT."),
    FeatureSpec("join_count", "count", 0, inf, "Joins of the statement."),
    FeatureSpec("complexity", "score", 0, inf, "Complexity of the statement's syntax tree."),
    FeatureSpec("is_write", "0/1", 0, 1, "It inserts, updates or deletes."),
    FeatureSpec("statement_size", "log", 0, inf, "log(1 + nodes of the statement's syntax tree)."),
    FeatureSpec("is_aggregate", "0/1", 0, 1, "It counts, sums or the like."),
    FeatureSpec("is_ordered", "0/1", 0, 1, "It sorts."),
    FeatureSpec("locks_rows", "0/1", 0, 1, "It locks what it reads."),
    FeatureSpec("by_primary_key", "0/1", 0, 1, "An equality with a column that is a row's own key by its name."),
    FeatureSpec("key_equality_count", "count", 0, inf, "Equalities with key-like columns."),
    FeatureSpec("other_equality_count", "count", 0, inf, "Equalities with other columns."),
    FeatureSpec("list_count", "count", 0, inf, "IN lists."),
    FeatureSpec("range_count", "count", 0, inf, "Ranges and patterns."),
    FeatureSpec("distinct_parameter_ratio", "ratio", 0, 1, "Distinct parameter sets by executions."),
    FeatureSpec("top_parameter_share", "ratio", 0, 1, "Share of the commonest parameter set."),
    FeatureSpec("same_as_previous_ratio", "ratio", 0, 1, "Share with the parameters of the execution before."),
    FeatureSpec("shared_parameter_ratio", "ratio", 0, 1, "Share with a parameter of another statement just before."),
    FeatureSpec("interleaved_distinct_ratio", "ratio", 0, 1, "The most distinct parameters of a group taking turns."),
    FeatureSpec("varies_by_key", "0/1", 0, 1, "An equality with a key-like column varies."),
    FeatureSpec("varies_by_page", "0/1", 0, 1, "LIMIT, OFFSET or a range varies and nothing else."),
    FeatureSpec("varies_by_list", "0/1", 0, 1, "The elements of an IN list vary."),
    FeatureSpec("varying_ratio", "ratio", 0, 1, "Kinds of placeholders that vary by placeholders."),
    FeatureSpec("largest_list", "count", 0, inf, "Elements of the longest IN list."),
    FeatureSpec("mean_rows", "count", 0, inf, "Mean rows fetched."),
    FeatureSpec("single_row_ratio", "ratio", 0, 1, "Share that fetched one row at most."),
    FeatureSpec("last_differs", "0/1", 0, 1, "All executions but the last found rows, and it did not; or the reverse."),
    FeatureSpec("log_earlier_rows", "log", 0, inf, "log(1 + rows of the largest result before the first execution)."),
    FeatureSpec("rows_match", "ratio", 0, 1, "How near the executions come to the rows of an earlier result."),
    FeatureSpec("lazy_load_ratio", "ratio", 0, 1, "Share of lazy loads; nan without an ORM's evidence."),
    FeatureSpec("is_relation", "0/1", 0, 1, "The ORM loads a relation."),
    FeatureSpec("is_eager", "0/1", 0, 1, "The ORM loads a batch eagerly."),
    FeatureSpec("is_to_one", "0/1", 0, 1, "The relation leads to one row; nan without a relation."),
    FeatureSpec("supplied_ratio", "ratio", 0, 1, "Share with a parameter out of earlier rows; nan without provenance."),
    FeatureSpec("origin_supplied_ratio", "ratio", 0, 1, "Share that one earlier result supplied."),
    FeatureSpec("origin_rows", "log", 0, inf, "log(1 + rows of the result looped over); 0 if there is none."),
    FeatureSpec("chain_ratio", "ratio", 0, 1, "Share with a parameter out of the one row of the execution before."),
    FeatureSpec("call_path_depth", "count", 0, inf, "User frames of the call path; nan without call paths."),
    FeatureSpec("loop_over_rows", "0/1", 0, 1, "A loop over items is around the access."),
    FeatureSpec("loop_over_steps", "0/1", 0, 1, "A loop over numbers or with a condition is around the access."),
    FeatureSpec("loop_over_constants", "0/1", 0, 1, "A loop over a list written in the source is around the access."),
    FeatureSpec("loop_asks", "0/1", 0, 1, "The innermost loop waits, or goes on as the answer says."),
)


def features_of(group: QueryGroup) -> Mapping[str, float]:
    """One number, or ``nan`` for missing evidence, for each of :data:`GROUP_FEATURES`, in order."""
    features = sequence_features(group)
    features.update(_form(group.first.statement, group.first.database, group.first.operation))
    features.update(_parameters(group))
    features.update(_rows(group))
    features.update(_orm(group))
    features.update(_provenance(group))
    features.update(_loop(group))
    return features


@lru_cache(maxsize=4096)
def _form(statement: str, database: str, operation: str) -> Mapping[str, float]:
    shape, roles = shape_of(statement, database), roles_of(statement)
    kinds = Counter(role for role, _ in roles.roles)
    keys = [role.column.lower() for role in roles.roles if role.role == "equal" and role.is_key]
    return {
        "has_limit": float(roles.has_limit),
        "join_count": float(shape.join_count),
        "complexity": shape.complexity,
        "is_write": float(operation != "select"),
        "statement_size": log1p(shape.node_count),
        "is_aggregate": float(shape.aggregate_count > 0),
        "is_ordered": float(" ORDER BY " in statement.upper()),
        "locks_rows": float(roles.locks_rows),
        "by_primary_key": float(not {"id", "pk", "uuid", "guid", "rowid"}.isdisjoint(keys)),
        "key_equality_count": float(len(keys)),
        "other_equality_count": float(kinds["equal"] - len(keys)),
        "list_count": float(len(roles.lists)),
        "range_count": float(kinds["range"] + kinds["pattern"]),
    }


_NO_PARAMETERS = dict.fromkeys(
    (
        "distinct_parameter_ratio",
        "top_parameter_share",
        "same_as_previous_ratio",
        "shared_parameter_ratio",
        "interleaved_distinct_ratio",
        "varies_by_key",
        "varies_by_page",
        "varies_by_list",
        "varying_ratio",
        "largest_list",
    ),
    nan,
)


def _parameters(group: QueryGroup) -> Mapping[str, float]:
    """Unknown where the statement has placeholders and no value was recorded for any."""
    places = group.roles.roles
    if places and group.first.parameters_hash is None:
        return _NO_PARAMETERS
    queries = group.queries[:LONGEST]
    sets = Counter(query.parameters_hash for query in group.queries)
    varying = set(group.varying)
    same = sum(later.parameters_hash == earlier.parameters_hash for earlier, later in pairwise(queries))
    return {
        "distinct_parameter_ratio": len(sets) / group.count,
        "top_parameter_share": max(sets.values()) / group.count,
        "same_as_previous_ratio": same / (len(queries) - 1) if len(queries) > 1 else 0.0,
        "shared_parameter_ratio": _shared_parameter_ratio(group),
        "interleaved_distinct_ratio": max([mate.distinct_count / mate.count for mate in interleaved(group)], default=0),
        "varies_by_key": float(group.varies_by_key),
        "varies_by_page": float(bool(varying) and not varying - {"page", "range"}),
        "varies_by_list": float("list" in varying),
        "varying_ratio": min(len(varying) / len(places), 1.0) if places else 0.0,
        "largest_list": float(group.largest_list),
    }


def _shared_parameter_ratio(group: QueryGroup) -> float:
    """Neighbours in one loop's body ask about the same row."""
    all_queries, own, shared = group.context.queries, group.first.statement_fingerprint, 0
    indexes = group.indexes[:LONGEST]
    for index in indexes:
        previous = all_queries[index - 1] if index else None
        if previous is not None and previous.parameter_hashes and previous.statement_fingerprint != own:
            shared += not set(previous.parameter_hashes).isdisjoint(all_queries[index].parameter_hashes)
    return shared / len(indexes)


_NO_ROWS = dict.fromkeys(("mean_rows", "single_row_ratio", "last_differs", "log_earlier_rows", "rows_match"), nan)


def _rows(group: QueryGroup) -> Mapping[str, float]:
    rows = [query.row_count for query in group.queries if query.row_count is not None]
    if not rows:
        return _NO_ROWS
    answers = [count > 0 for count in rows]
    earlier = group.context.queries[max(group.indexes[0] - LONGEST, 0) : group.indexes[0]]
    sizes = {query.row_count for query in earlier if query.row_count is not None and query.row_count >= _MANY_ROWS}
    return {
        "mean_rows": sum(rows) / len(rows),
        "single_row_ratio": sum(count <= 1 for count in rows) / len(rows),
        "last_differs": float(len(rows) > 1 and len(set(answers[:-1])) == 1 and answers[-1] != answers[0]),
        "log_earlier_rows": log1p(max(sizes, default=0)),
        "rows_match": max((min(group.count, size) / max(group.count, size) for size in sizes), default=0.0),
    }


def _orm(group: QueryGroup) -> Mapping[str, float]:
    orm = group.orm
    if orm is None:
        return dict.fromkeys(("lazy_load_ratio", "is_relation", "is_eager", "is_to_one"), nan)
    return {
        "lazy_load_ratio": group.lazy_load_count / group.count,
        "is_relation": float(orm.relation is not None),
        "is_eager": float(orm.eager),
        "is_to_one": nan if orm.cardinality is None else float(orm.cardinality == "one"),
    }


def _provenance(group: QueryGroup) -> Mapping[str, float]:
    if not group.context.has_provenance:
        return dict.fromkeys(("supplied_ratio", "origin_supplied_ratio", "origin_rows", "chain_ratio"), nan)
    origin = origin_of(group, group_queries(group.context))
    return {
        "supplied_ratio": sum(map(bool, group.supplies)) / group.count,
        "origin_supplied_ratio": (origin.supplied_ratio or 0.0) if origin else 0.0,
        "origin_rows": log1p(origin.row_count or 0) if origin else 0.0,
        "chain_ratio": group.link_count / (group.count - 1) if group.count > 1 else 0.0,
    }


def _loop(group: QueryGroup) -> Mapping[str, float]:
    names = ("call_path_depth", "loop_over_rows", "loop_over_steps", "loop_over_constants", "loop_asks")
    if not group.call_path:
        return dict.fromkeys(names, nan)
    loops = group.loops
    over = {loop.over for loop in loops}
    innermost = loops[0] if loops else None
    asks = innermost is not None and (innermost.waits or innermost.in_condition or innermost.is_while)
    found = (float(len(group.call_path)), "rows" in over, "steps" in over, "constants" in over, asks)
    return dict(zip(names, map(float, found), strict=True))
