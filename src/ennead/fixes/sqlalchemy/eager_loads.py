"""Eager loads for relations that were loaded one by one: an option at the query that brings the rows."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from ennead.fixes.sqlalchemy.class_index import class_file
from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import ExecutedQuery, executed_query
from ennead.fixes.sqlalchemy.loader_options import LoaderStep, add_option
from ennead.fixes.sqlalchemy.refreshes import drop_refresh
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.sqlalchemy.file_names import FileNames
    from ennead.kernel.finding import Finding

_ROW_SHAPING = ("distinct", "group_by", "with_for_update", "union", "yield_per")
"""With these a join may change what comes back, or is not allowed."""


class Step(NamedTuple):
    """One relation of a path."""

    relation: str
    """``Order.lines``."""
    is_single: bool

    @property
    def owner(self) -> str:
        """Label of the model that has the relation."""
        return self.relation.rpartition(".")[0]

    @property
    def field(self) -> str:
        """Name of the relation."""
        return self.relation.rpartition(".")[2]


def eager_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Options for all paths of a finding's relation, the likeliest loaders first."""
    paths = paths_of(finding)
    place = place_of(finding)
    source = SourceFile.of(sources, place.file) if place else None
    query = executed_query(source, place) if source is not None and place is not None else None
    if query is None or not paths:
        return
    for loaders in _loader_choices(query, paths):
        found = _with_options(finding, sources, query, paths, loaders)
        if found is not None:
            yield found


def paths_of(finding: Finding) -> list[list[Step]]:
    """The paths that an eager load has to name."""
    paths = finding.evidence.get("relation_paths") or []
    return [[Step(str(step["relation"]), step.get("cardinality") == "one") for step in path] for path in paths]


def place_of(finding: Finding) -> CallSite | None:
    """Where the rows were queried that the paths start from."""
    root = finding.evidence.get("root_place")
    return CallSite.from_dict(root) if root else finding.origin


def _loader_choices(query: ExecutedQuery, paths: Sequence[Sequence[Step]]) -> Iterator[dict[int, list[str]]]:
    """Loaders of each step, by path."""
    joined = {number: _is_joined(query, path[0]) for number, path in enumerate(paths)}
    tried: list[dict[int, list[str]]] = []
    mixed = {
        number: ["contains_eager" if joined[number] else _first_loader(query, path), *_inner_loaders(path)]
        for number, path in enumerate(paths)
    }
    outer = {number: [_first_loader(query, path), *_inner_loaders(path)] for number, path in enumerate(paths)}
    separate = {number: ["selectinload"] * len(path) for number, path in enumerate(paths)}
    for choice in (mixed, outer, separate):
        if choice not in tried:
            tried.append(choice)
            yield choice


def _first_loader(query: ExecutedQuery, path: Sequence[Step]) -> str:
    is_joinable = all(step.is_single for step in path) and next(query.calls(*_ROW_SHAPING), None) is None
    return "joinedload" if is_joinable else "selectinload"


def _inner_loaders(path: Sequence[Step]) -> list[str]:
    single = all(step.is_single for step in path)
    return ["joinedload" if single else "selectinload"] * (len(path) - 1)


def _is_joined(query: ExecutedQuery, step: Step) -> bool:
    """Whether the query joins exactly this relation already, and no condition can leave part of it out."""
    if not step.is_single:
        return False
    arguments = (call.args[0].value for call in query.calls("join", "outerjoin") if call.args)
    return any(query.source.text_of(argument).split(".")[-2:] == [step.owner, step.field] for argument in arguments)


def _with_options(
    finding: Finding,
    sources: ProjectSources,
    query: ExecutedQuery,
    paths: list[list[Step]],
    loaders: dict[int, list[str]],
) -> Candidate | None:
    used = sorted({*chain.from_iterable(loaders.values())})
    names = " and ".join(".".join(step.field for step in path) for path in paths)
    draft = Draft(sources, f"Load {names} with the {paths[0][0].owner} rows ({', '.join(used)})", _strategy(used))
    for number, path in enumerate(paths):
        steps = option_steps(draft.names(query.source), finding, path, loaders[number])
        if steps is None:
            return None
        add_option(draft.edits(query.source), draft.names(query.source), query, steps)
    drop_refresh(finding, draft)
    return draft.candidate()


def _strategy(loaders: Sequence[str]) -> str:
    return (
        "contains-eager"
        if "contains_eager" in loaders
        else "selectinload"
        if "selectinload" in loaders
        else "joinedload"
    )


def option_steps(
    names: FileNames, finding: Finding, path: Sequence[Step], loaders: Sequence[str]
) -> list[LoaderStep] | None:
    """The steps of an option with the classes as the file calls them."""
    place = place_of(finding)
    steps: list[LoaderStep] = []
    for step, loader in zip(path, loaders, strict=True):
        model = names.model(step.owner, module=place.module if place else "")
        if model is None:
            return None
        steps.append(LoaderStep(loader, f"{model}.{step.field}"))
    return steps


def relationship_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``relationship(lazy="selectin")`` in the model: for whoever queries these rows, wanted or not."""
    if finding.evidence.get("owner") == finding.evidence.get("target"):
        return  # a tree goes on being asked for level by level
    for path in paths_of(finding):
        for step in path:
            near = finding.call_site.file if finding.call_site else ""
            found = _eager_relationship(step, sources, near) if step.relation == finding.relation else None
            if found is not None:
                yield found


def _eager_relationship(step: Step, sources: ProjectSources, near: str) -> Candidate | None:
    file = class_file(sources, step.owner, near)
    source = SourceFile.of(sources, file) if file is not None else None
    owner = source.class_named(step.owner) if source is not None else None
    call = _relationship(owner, step.field) if owner is not None else None
    if source is None or call is None or any(item.keyword and item.keyword.value == "lazy" for item in call.args):
        return None
    draft = Draft(sources, f"Load {step.relation} with its rows wherever they are queried", "relationship-lazy")
    end = source.text.rindex(")", 0, source.span(call)[1])
    last = source.outer_span(call.args[-1].value)[1] if call.args else end
    draft.edits(source).insert(last, f'{", " if call.args else ""}lazy="selectin"')
    return draft.candidate()


def _relationship(owner: cst.ClassDef, field: str) -> cst.Call | None:
    for statement in owner.body.body:
        for node in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            target = node.target if isinstance(node, cst.AnnAssign) else None
            if isinstance(node, cst.Assign):
                target = node.targets[0].target
            value = node.value if isinstance(node, cst.AnnAssign | cst.Assign) else None
            if isinstance(target, cst.Name) and target.value == field and isinstance(value, cst.Call):
                function = value.func.attr if isinstance(value.func, cst.Attribute) else value.func
                if isinstance(function, cst.Name) and function.value == "relationship":
                    return value
    return None
