"""What the user's code reads of a collection: ``order.lines.filter(sent=True).count()``, wherever it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.model_source import foreign_key
from ennead.fixes.django.query_methods import MANAGERS, NARROWING, without_async
from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.method_chain import Link, MethodChain, chain_of, chains_in, whole_chain
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


@dataclass(frozen=True)
class CollectionRead:
    """One read of a collection of one row."""

    source: SourceFile
    row: cst.BaseExpression
    """The expression whose collection is read."""
    field: str
    """What the row calls the collection."""
    query_name: str
    """What look-ups call it."""
    target: str
    """Class name of the rows in it."""
    owner: str
    """Class name of the row."""
    link: str | None
    """The foreign key's attribute on the target's rows."""
    calls: tuple[Link, ...]
    """Steps behind the collection, conditions on the row itself left out."""
    node: cst.BaseExpression
    """What is to be replaced."""
    own: cst.Arg | None = None
    """The argument that compares with the row, where the query is written out on the model."""
    unused: cst.CSTNode | None = None
    """The statement that the replaced expression made superfluous."""

    @property
    def narrowing(self) -> tuple[Link, ...] | None:
        """The calls that choose and sort; ``None`` if there are others before the last one."""
        steps = self.calls[:-1] if self.terminal else self.calls
        steps = tuple(link for link in steps if link.name not in ("iterator", "aiterator"))
        return steps if all(link.call is not None and link.name in NARROWING for link in steps) else None

    @property
    def terminal(self) -> str:
        """What is done with them in the end: a method's name, ``[]``, or empty for all rows."""
        if not self.calls:
            return ""
        last = self.calls[-1]
        if not last.name:
            return "[]"
        name = without_async(last.name)
        return "" if name in NARROWING or name == "iterator" or last.call is None else name

    @property
    def last(self) -> cst.BaseExpression:
        """The whole expression of the last step."""
        return self.calls[-1].node if self.calls else self.node

    @property
    def row_text(self) -> str:
        """The row as it is written."""
        return self.source.text_of(self.row)

    def arguments(self, link: Link) -> list[str]:
        """A call's arguments as they are written, without the one that names the row."""
        given = link.call.args if link.call is not None else ()
        return [self.source.text[slice(*self._argument_span(item))] for item in given if item is not self.own]

    def written(self, links: tuple[Link, ...]) -> str:
        """Calls as they are written: ``.filter(sent=True).order_by("day")``."""
        texts = [(link.name, self.arguments(link)) for link in links]
        return "".join(
            f".{name}({', '.join(given)})" for name, given in texts if name != "all" and (given or name == "reverse")
        )

    def conditions(self) -> dict[str, str] | None:
        """Keywords of all filters; ``None`` if the rows are chosen by anything else."""
        found: dict[str, str] = {}
        for link in self.narrowing or ():
            if link.name in ("all", "order_by", "select_related", "only", "defer", "reverse"):
                continue
            given = link.call.args if link.call is not None else ()
            kept = [item for item in given if item is not self.own]
            if link.name != "filter" or any(item.keyword is None for item in kept):
                return None
            found |= {item.keyword.value: self.source.text_of(item.value) for item in kept if item.keyword is not None}
        return found if self.narrowing is not None else None

    def values(self) -> list[cst.BaseExpression]:
        """Everything that is written in the arguments of the calls."""
        given = [item for link in self.calls if link.call is not None for item in link.call.args]
        return [item.value for item in given if item is not self.own]

    def _argument_span(self, item: cst.Arg) -> tuple[int, int]:
        end = self.source.outer_span(item.value)[1]
        start = self.source.outer_span(item.keyword or item.value)[0]
        stars = len(item.star)
        return start - stars, end


def collection_reads(finding: Finding, sources: ProjectSources) -> Iterator[CollectionRead]:
    """The reads that a finding's access may mean."""
    place = finding.call_site
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    if source is None or place is None:
        return
    nodes = [whole_chain(source, node) for node in source.at(place)]
    statement = source.statement_at(place.line)
    nodes += list(chains_in(source, statement)) if statement is not None else []
    seen: set[int] = set()
    for chain in nodes:
        for read in _reads_of(finding, sources, source, chain):
            if id(read.node) not in seen:
                seen.add(id(read.node))
                yield read


def _reads_of(
    finding: Finding, sources: ProjectSources, source: SourceFile, chain: MethodChain
) -> Iterator[CollectionRead]:
    read = _read(finding, sources, source, chain)
    if read is not None:
        yield read
    elif isinstance(chain.root, cst.Name):
        yield from _through_name(finding, sources, source, chain, chain.root)


def _through_name(
    finding: Finding, sources: ProjectSources, source: SourceFile, chain: MethodChain, name: cst.Name
) -> Iterator[CollectionRead]:
    """A query set that was given a name before it is read."""
    for binding in bindings_of(source, name.value, name)[:1]:
        if binding.kind != "value" or not binding.whole or not isinstance(binding.value, cst.Call):
            continue
        bound = chain_of(binding.value)
        whole = MethodChain(bound.root, (*bound.links, *chain.links))
        read = _read(finding, sources, source, whole)
        if read is None:
            continue
        uses = [item for item in source.walk(cst.Name, source.function_of(name)) if item.value == name.value]
        if len(chain.links) == 0:
            yield _replaced(read, binding.value, None)
        else:
            yield _replaced(read, read.node, binding.node if len(uses) == 2 else None)  # noqa: PLR2004 -- bound and read


def _replaced(read: CollectionRead, node: cst.BaseExpression, unused: cst.CSTNode | None) -> CollectionRead:
    values = {name: getattr(read, name) for name in read.__dataclass_fields__}
    return CollectionRead(**{**values, "node": node, "unused": unused})


def _read(finding: Finding, sources: ProjectSources, source: SourceFile, chain: MethodChain) -> CollectionRead | None:
    if finding.relation and finding.evidence.get("cardinality") == "many":
        return _of_relation(finding, source, chain)
    return _of_model(finding, sources, source, chain)


def _of_relation(finding: Finding, source: SourceFile, chain: MethodChain) -> CollectionRead | None:
    evidence, field = finding.evidence, str(finding.relation).rpartition(".")[2]
    number = next((index for index, link in enumerate(chain.links) if link.name == field and link.call is None), None)
    if number is None:
        return None
    row = chain.links[number - 1].node if number else chain.root
    calls = _ended(chain.links[number + 1 :])
    return CollectionRead(
        source=source,
        row=row,
        field=field,
        query_name=str(evidence.get("query_name") or field),
        target=str(evidence.get("target") or "").rpartition(".")[2],
        owner=str(evidence.get("owner") or "").rpartition(".")[2],
        link=evidence.get("link"),
        calls=calls,
        node=_awaited(source, calls[-1].node if calls else chain.links[number].node),
    )


def _of_model(
    finding: Finding, sources: ProjectSources, source: SourceFile, chain: MethodChain
) -> CollectionRead | None:
    """``Line.objects.filter(order=order)`` is what ``order.lines.all()`` is."""
    columns = finding.evidence.get("set_columns") or []
    model = source.text_of(chain.root).rpartition(".")[2]
    managers = [index for index, link in enumerate(chain.links) if link.name in MANAGERS]
    if len(columns) != 1 or not managers:
        return None
    if managers[0]:
        model = chain.links[managers[0] - 1].name
    field = foreign_key(sources, model, str(columns[0]), source.file)
    calls = _ended(chain.links[managers[0] + 1 :])
    found = _comparison(calls, field.name, str(columns[0])) if field is not None and field.accessor else None
    if field is None or field.accessor is None or field.is_single or found is None or not calls:
        return None
    own, row = found
    return CollectionRead(
        source=source,
        row=row,
        field=field.accessor,
        query_name=field.query_name,
        target=model,
        owner=field.target,
        link=f"{field.name}_id",
        calls=calls,
        node=_awaited(source, calls[-1].node),
        own=own,
    )


def _comparison(calls: tuple[Link, ...], field: str, column: str) -> tuple[cst.Arg, cst.BaseExpression] | None:
    """The argument ``order=order`` or ``order_id=order.pk``, and the row in it."""
    for link in calls:
        for argument in link.call.args if link.call is not None and link.name == "filter" else ():
            keyword = argument.keyword.value if argument.keyword is not None else ""
            value = argument.value
            if keyword == field and isinstance(value, cst.Name | cst.Attribute):
                is_key = isinstance(value, cst.Attribute) and value.attr.value in ("pk", "id")
                return argument, value.value if is_key and isinstance(value, cst.Attribute) else value
            if keyword in (column, f"{field}__pk", f"{field}__id") and isinstance(value, cst.Attribute):
                return (argument, value.value) if value.attr.value in ("pk", "id") else None
    return None


def _ended(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """The steps up to the one that gives no query set any more."""
    for number, link in enumerate(links):
        if not link.name or link.call is None or without_async(link.name) not in NARROWING | {"iterator"}:
            return links[: number + 1] if not link.name or link.call is not None else links[:number]
    return links


def _awaited(source: SourceFile, node: cst.BaseExpression) -> cst.BaseExpression:
    above = source.parent(node)
    return above if isinstance(above, cst.Await) else node
