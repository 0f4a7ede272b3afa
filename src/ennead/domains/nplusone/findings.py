"""From decided groups to findings: merged, identified, explained."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ennead.domains.nplusone.collection_access import CollectionAccess
from ennead.domains.nplusone.dependencies import feeder_of
from ennead.domains.nplusone.django_origin import DjangoOrigin
from ennead.domains.nplusone.explain import explain_identical, explain_repeats
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.identity import identify, weak_identity
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.loops import asks_until
from ennead.domains.nplusone.model_names import query_name_of
from ennead.domains.nplusone.recommend import recommend, recommend_once
from ennead.domains.nplusone.relation_paths import relation_paths
from ennead.domains.nplusone.repeated import repeated_queries
from ennead.domains.nplusone.rules import Decision, Evidence, decide, gather_evidence
from ennead.domains.nplusone.setting_apart import set_apart
from ennead.domains.nplusone.severity import severity_of
from ennead.domains.nplusone.thresholds import unit_names
from ennead.kernel.finding import Finding, severity_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.domains.nplusone.relation_paths import RelationPaths
    from ennead.domains.nplusone.repeated import RepeatedQuery
    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.deadline import Deadline
    from ennead.kernel.records import OrmEvidence


Pair = tuple[Evidence, Decision]


@dataclass(frozen=True)
class Decided:
    """What was decided on the repeated groups of one context, before it is told."""

    reported: tuple[Pair, ...] = ()
    vetoed: tuple[Pair, ...] = ()
    """Look-alikes, with the name of the veto; and what stayed under the confidence asked for."""


@dataclass(frozen=True)
class RuleFindings:
    """What was found in one context, by the rules alone or together with the learnt model."""

    shown: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    """By a comment, by settings or below a threshold; kept apart, not lost."""
    vetoed: tuple[Pair, ...]
    """As in :attr:`Decided.vetoed`."""


def find_by_rules(
    context: QueryExecutionContext, settings: NPlusOneSettings, root: str, deadline: Deadline
) -> RuleFindings:
    """Apply the rules to all groups of a context.

    Raises
    ------
    DeadlineExceededError
        The time is up.
    """
    return tell(context, decide_groups(context, settings, root, deadline), settings, root)


def decide_groups(context: QueryExecutionContext, settings: NPlusOneSettings, root: str, deadline: Deadline) -> Decided:
    """The rules' decisions on all groups that repeat.

    Raises
    ------
    DeadlineExceededError
        The time is up.
    """
    groups = group_queries(context)
    reported: list[Pair] = []
    vetoed: list[Pair] = []
    for group in groups:
        deadline.check()
        if group.count < 2 and not group.first.is_write:  # noqa: PLR2004 -- cannot repeat
            continue
        evidence = gather_evidence(group, groups, settings, root)
        decision = decide(evidence)
        if decision is None:
            continue
        kept = decision.veto is None and decision.confidence >= settings.min_confidence
        (reported if kept else vetoed).append((evidence, decision))
    return Decided(tuple(reported), tuple(vetoed))


def tell(context: QueryExecutionContext, decided: Decided, settings: NPlusOneSettings, root: str) -> RuleFindings:
    """From decisions to findings, with the identical queries that no decision tells of."""
    taken = {index for evidence, _ in (*decided.reported, *decided.vetoed) for index in evidence.group.indexes}
    findings = [_finding(evidence, decision) for evidence, decision in decided.reported]
    findings += [
        _repeated(context, repeated)
        for repeated in repeated_queries(context, taken, settings.min_repeats)
        if not asks_until(context.queries[repeated.indexes[-1]].call_path, context.entry, root)
    ]
    names = unit_names(context.name, context.kind, context.route, context.inside)
    told = [set_apart(finding, names, settings, root) for finding in merge_same(_number(findings))]
    return RuleFindings(
        shown=tuple(_by_severity(finding for finding in told if finding.suppressed is None)),
        suppressed=tuple(finding for finding in told if finding.suppressed is not None),
        vetoed=decided.vetoed,
    )


def _by_severity(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda item: (-severity_rank(item.severity), -item.wasted_ms, item.id))


def _finding(evidence: Evidence, decision: Decision) -> Finding:
    group, origin, loop = evidence.group, evidence.origin, evidence.loop_site
    orm = group.orm
    access = group.call_path[0] if group.call_path else None
    needed = 1  # one set; a join would even do with none
    wasted = (group.count - needed) * group.duration_ms / group.count
    what = (orm.relation or orm.target if orm else None) or ", ".join(group.first.tables) or "the database"
    return Finding(
        id="",
        domain="nplusone",
        code=decision.code,
        kind=decision.kind,
        severity=severity_of(decision.code, decision.kind, group.count, wasted),
        confidence=decision.confidence,
        query_count=group.count,
        queries_needed=needed,
        duration_ms=group.duration_ms,
        wasted_ms=wasted,
        statement=group.first.statement,
        statement_fingerprint=group.first.statement_fingerprint,
        relation=orm.relation if orm else None,
        models=_models(evidence),
        route=group.context.route,
        call_site=access,
        call_path=group.call_path,
        loop=loop,
        origin=origin.site if origin else None,
        origin_row_count=origin.row_count if origin else None,
        explanation=explain_repeats(
            kind=decision.kind,
            what=what,
            query_count=group.count,
            queries_needed=needed,
            access=access,
            loop=loop,
            origin=origin,
            method=orm.method if orm else None,
        ),
        recommendations=recommend(evidence, decision),
        evidence=_evidence(evidence, decision),
        decided_by=decision.decided_by,
    )


def _models(evidence: Evidence) -> tuple[str, ...]:
    orm = evidence.group.orm
    if orm is None:
        return ()
    return tuple(dict.fromkeys(name for name in (orm.owner, orm.target, *orm.models) if name))


def _evidence(evidence: Evidence, decision: Decision) -> dict[str, object]:
    group, origin, feeder = evidence.group, evidence.origin, feeder_of(evidence.group, evidence.groups)
    return {
        "reasons": list(decision.reasons),
        **decision.extra,
        "lazy_load_count": group.lazy_load_count,
        "distinct_parameter_count": group.distinct_count,
        "varying_roles": list(group.varying),
        "varying_columns": list(group.varying_columns),
        "supplied_ratio": origin.supplied_ratio if origin else None,
        "fed_by": feeder.to_dict() if feeder else None,
        "library": group.orm.library if group.orm else None,
        "method": group.orm.method if group.orm else None,
        "cardinality": group.orm.cardinality if group.orm else None,
        "owner": group.orm.owner if group.orm else None,
        "target": group.orm.target if group.orm else None,
        **_eager_paths(evidence),
        **_lookup(evidence),
        **({"handler": group.context.handler.to_dict()} if group.context.handler else {}),
        "connection": group.first.connection,
        "database": group.first.database,
        "weak_id": weak_identity(decision.code, group.first.statement_fingerprint, group.context.route),
        "unit_count": 1,
    }


def _eager_paths(evidence: Evidence) -> dict[str, object]:
    """What one eager load for the whole tree of relations would have to name, and from which model on."""
    orm = evidence.group.orm
    if orm is None or orm.relation is None:
        return {}
    found = relation_paths(evidence)
    root = found.root.orm if found.root else None
    return {
        "relation_paths": [[_step(step) for step in path] for path in found.paths],
        "root_model": root.target if root else None,
        "root_place": found.place.to_dict() if found.place else None,
        "root_method": root.method if root else None,
        **(_names_in_queries(evidence, orm, found) if orm.library == "django" else {}),
    }


def _step(step: OrmEvidence) -> dict[str, object]:
    is_generic = step.method == "GenericForeignKey" or step.target is None
    told: dict[str, object] = {"relation": step.relation, "cardinality": step.cardinality, "target": step.target}
    return {**told, "generic": True} if is_generic and step.library == "django" else told


def _names_in_queries(evidence: Evidence, orm: OrmEvidence, found: RelationPaths) -> dict[str, object]:
    return {
        "root_prefix": DjangoOrigin(found).prefix,
        "query_name": query_name_of(orm),
        "link": CollectionAccess(evidence, orm).link,
    }


def _lookup(evidence: Evidence) -> dict[str, object]:
    """What one query for all values would have to compare and to sort by."""
    lookup = read_lookup(evidence.group.first.statement)
    order = list(lookup.order) if lookup is not None and lookup.order is not None else None
    return {"set_columns": list(evidence.group.set_columns), "order": order}


def _repeated(context: QueryExecutionContext, repeated: RepeatedQuery) -> Finding:
    queries = [context.queries[index] for index in repeated.indexes]
    first, last = queries[0], queries[-1]
    duration = sum(query.duration_ms for query in queries)
    wasted = duration * (len(queries) - 1) / len(queries)
    access = last.call_path[0] if last.call_path else None
    return Finding(
        id="",
        domain="nplusone",
        code="repeated-query",
        kind="same-parameters",
        severity=severity_of("repeated-query", "same-parameters", len(queries), wasted),
        confidence=75.0 if len(queries) > 3 else 60.0,  # noqa: PLR2004 -- three may be chance
        query_count=len(queries),
        queries_needed=1,
        duration_ms=duration,
        wasted_ms=wasted,
        statement=first.statement,
        statement_fingerprint=first.statement_fingerprint,
        relation=first.relation,
        models=first.orm.models if first.orm else (),
        route=context.route,
        call_site=access,
        call_path=last.call_path,
        origin=first.call_path[0] if first.call_path else None,
        explanation=explain_identical(
            what=first.relation or ", ".join(first.tables), query_count=len(queries), access=access
        ),
        recommendations=recommend_once(first.call_path[0] if first.call_path else None),
        evidence={
            "reasons": ["same parameters"],
            "distinct_parameter_count": 1,
            "library": first.orm.library if first.orm else None,
            "connection": first.connection,
            "database": first.database,
            "weak_id": weak_identity("repeated-query", first.statement_fingerprint, context.route),
            "unit_count": 1,
        },
    )


def _number(findings: Sequence[Finding]) -> list[Finding]:
    """Give each finding its id; what has the same names is told apart by the order of its lines."""
    same: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        same[_identity(finding, 0)].append(finding)
    numbered: list[Finding] = []
    for first, members in same.items():
        places = sorted({_position(member.call_site) for member in members})
        for member in members:
            ordinal = places.index(_position(member.call_site))
            numbered.append(replace(member, id=_identity(member, ordinal) if ordinal else first))
    return numbered


def _identity(finding: Finding, ordinal: int) -> str:
    path, loop = finding.call_path, finding.loop
    return identify(finding.code, finding.statement_fingerprint, path, loop, finding.relation, ordinal)


def _position(site: CallSite | None) -> tuple[int, int]:
    return (site.line, site.column or 0) if site else (0, 0)


def merge_same(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each id: the one with most queries, with the number of places it came from."""
    merged: dict[str, Finding] = {}
    for finding in findings:
        known = merged.get(finding.id)
        merged[finding.id] = finding if known is None else _merge(known, finding)
    return list(merged.values())


def _merge(one: Finding, other: Finding) -> Finding:
    larger, smaller = (one, other) if one.query_count >= other.query_count else (other, one)
    count = larger.evidence.get("unit_count", 1) + smaller.evidence.get("unit_count", 1)
    return replace(larger, evidence={**larger.evidence, "unit_count": count})
