"""Candidates for a part, a figure or one row of a collection: loaded with the rows, and read from them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.collection_forms import forms_of
from ennead.fixes.django.collection_read import collection_reads
from ennead.fixes.django.eager_calls import add_prefetch, named_paths
from ennead.fixes.django.loaded_relations import RelationTree
from ennead.fixes.django.portable import needed_names
from ennead.fixes.django.query_methods import DJANGO_MODELS
from ennead.fixes.django.query_place import QueryPlaces
from ennead.fixes.syntax.imports import import_for
from ennead.fixes.syntax.line_width import LINE_WIDTH
from ennead.fixes.syntax.method_chain import append_call
from ennead.fixes.syntax.project_edits import ProjectEdits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.django.collection_forms import LoadedForm
    from ennead.fixes.django.collection_read import CollectionRead
    from ennead.fixes.django.query_place import QueryPlace
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_MOST_READS = 2
_APPS = "django.apps"


def collection_loads(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Annotations and prefetches for what is read of a collection."""
    if finding.code != "n-plus-one" or finding.evidence.get("cardinality") == "one":
        return
    for read in list(collection_reads(finding, sources))[:_MOST_READS]:
        for query in _origins(finding, sources, read)[:1]:
            order, named = finding.evidence.get("order"), _with_target(finding, sources, read, query)
            for form in forms_of(named, order, partial(_unique, read=named, query=query)):
                yield from _candidate(finding, sources, named, query, form)


def _with_target(finding: Finding, sources: ProjectSources, read: CollectionRead, query: QueryPlace) -> CollectionRead:
    """The read with its model asked for by label, where no class of that name can be imported and apps are loaded."""
    label = finding.evidence.get("target")
    is_late = query.source.function_of(query.node) is not None
    if not label or not is_late or import_for(sources, query.source, read.target) is not None:
        return read
    app, _, model = str(label).rpartition(".")
    return replace(read, target=f'apps.get_model("{app}", "{model}")') if app and model == read.target else read


def _origins(finding: Finding, sources: ProjectSources, read: CollectionRead) -> list[QueryPlace]:
    tree = RelationTree(finding)
    if finding.relation:
        return QueryPlaces(sources, tree.root_model, finding.call_path).at(tree.root_place)
    places = QueryPlaces(sources, read.owner, finding.call_path)
    found = places.of(read.source, read.row) or places.at(finding.origin)
    found = [query for query in found if query.node is not query.chain.root and not _gives_values(query)]
    return [query for query in found if _way_to(read, query) is not None]


def _way_to(read: CollectionRead, query: QueryPlace) -> str | None:
    """What leads from the rows of a query to those that own the collection; ``None`` if they are of another model."""
    root = query.chain.root
    names = [root.value if isinstance(root, cst.Name) else "", *query.chain.names()]
    model = next((name for name in names if name[:1].isupper()), None)
    if model == read.owner:
        return ""
    joined = [name for name in named_paths(query, "select_related") if name.rpartition("__")[2] == read.owner.lower()]
    if joined:
        return f"{joined[0]}__"
    return "" if model is None else None


def _gives_values(query: QueryPlace) -> bool:
    return query.chain.link("values", "values_list", "raw") is not None


def _candidate(
    finding: Finding, sources: ProjectSources, read: CollectionRead, query: QueryPlace, form: LoadedForm
) -> Iterator[Candidate]:
    edits = ProjectEdits(sources)
    if not _carry_names(edits, read, query) or not _load(edits, finding, read, query, form):
        return
    if form.alias and not _load_is_allowed(query, read, form):
        return
    needed: list[tuple[str, str | None]] = [(name, DJANGO_MODELS) for name in form.names]
    if form.needs_target:
        needed.append(("apps", _APPS) if read.target.startswith("apps.") else (read.target, None))
    if not all(edits.need(query.source, name, module) for name, module in needed):
        return
    _rewrite(edits, read, query, form)
    files = edits.files()
    if files is not None:
        yield Candidate(title=form.title, strategy=form.strategy, files=files)


def _load_is_allowed(query: QueryPlace, read: CollectionRead, form: LoadedForm) -> bool:
    """A join counts only the rows that a filter on the same relation has left."""
    if not form.annotates or (read.link is not None and "Count(" not in form.value):
        return True
    for link in query.chain.links:
        for item in link.call.args if link.call is not None and link.name in ("filter", "exclude") else ():
            if item.keyword is None or item.keyword.value.partition("__")[0] == read.query_name:
                return False
    return True


def _carry_names(edits: ProjectEdits, read: CollectionRead, query: QueryPlace) -> bool:
    """The arguments of the read have to mean the same where the rows are queried."""
    for value in read.values():
        needed = needed_names(read.source, value, query.source, query.node)
        if needed is None or not all(edits.need(query.source, name, DJANGO_MODELS) for name in needed):
            return False
    return True


def _load(edits: ProjectEdits, finding: Finding, read: CollectionRead, query: QueryPlace, form: LoadedForm) -> bool:
    tree = RelationTree(finding)
    steps = [str(step["relation"]).rpartition(".")[2] for step in tree.paths[0]] if tree.paths else [read.field]
    prefix = tree.prefixes(query)[0] if tree.paths else (_way_to(read, query) or "")
    path = prefix + "__".join([*steps[:-1], read.field])
    own = edits.of(query.source)
    if form.prefetch is not None:
        add_prefetch(own, query, form.prefetch(path))
        return True
    above = path.rpartition("__")[0]
    if above and above in named_paths(query, "select_related"):
        return False
    annotation = f".annotate({form.alias}={form.value})"
    if not above:
        append_call(own, query.node, annotation)
        return True
    add_prefetch(own, query, f'Prefetch("{above}", queryset={read.owner}.objects{annotation})')
    return edits.need(query.source, "Prefetch", DJANGO_MODELS) and edits.need(query.source, read.owner)


def _rewrite(edits: ProjectEdits, read: CollectionRead, query: QueryPlace, form: LoadedForm) -> None:
    """Read what was loaded; where other code may bring rows of its own, only if they have it."""
    node, instead = _picked(read, form.instead)
    own = edits.of(read.source)
    if form.alias and not _is_same_function(read, query):
        original = read.source.text_of(node)
        instead = _conditional(read, instead, f'hasattr({read.row_text}, "{form.alias}")', original)
    elif read.unused is not None:
        _remove(edits, read, read.unused)
    own.replace(node, instead)


def _picked(read: CollectionRead, instead: str) -> tuple[cst.BaseExpression, str]:
    """Of a dictionary that is asked for its one value at once, the value."""
    found, above = re.fullmatch(r'\{"(\w+)": ([^:,]+)\}', instead), read.source.parent(read.node)
    if found is None or not isinstance(above, cst.Subscript) or above.value is not read.node:
        return read.node, instead
    key = read.source.text_of(above).removeprefix(read.source.text_of(read.node))
    return (above, found[2]) if key in (f'["{found[1]}"]', f"['{found[1]}']") else (read.node, instead)


def _conditional(read: CollectionRead, instead: str, condition: str, original: str) -> str:
    """``(a if b else c)``, over several lines if it is long."""
    indent = read.source.indent_of(read.node)
    parts = (instead, f"if {condition}", f"else {original}")
    if len(indent) + sum(map(len, parts)) < LINE_WIDTH // 2:
        return f"({' '.join(parts)})"
    gap = f"{read.source.newline}{indent}    "
    return f"({gap}{gap.join(parts)}{read.source.newline}{indent})"


def _is_same_function(read: CollectionRead, query: QueryPlace) -> bool:
    """Whether the read stands in the function of the query, or in one inside of it."""
    if read.source.file != query.source.file:
        return False
    outer = query.source.function_of(query.node)
    return outer is not None and read.source.is_inside(read.node, outer)


def _remove(edits: ProjectEdits, read: CollectionRead, node: cst.CSTNode) -> None:
    statement = read.source.block_statement(node)
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        start = read.source.line_start(read.source.span(statement)[0])
        end = read.source.text.find("\n", read.source.span(statement)[1]) + 1
        if end:
            edits.of(read.source).replace_span((start, end), "")


def _unique(wanted: str, read: CollectionRead, query: QueryPlace) -> str:
    texts = (read.source.text, query.source.text)
    if not any(wanted in text for text in texts):
        return wanted
    return next(name for number in range(2, 1000) if all((name := f"{wanted}_{number}") not in text for text in texts))
