"""Candidates for rows that a loop writes one by one: collected in the loop, written after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.query_methods import MANAGERS, without_async
from ennead.fixes.django.query_place import is_query
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.method_chain import MethodChain, chain_of, whole_chain
from ennead.fixes.syntax.names import free_names
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


_CLASS = re.compile(r"(?<![\w.\"'])[A-Z]\w*(?=[.(])")


@dataclass(frozen=True)
class RowWrite:
    """One write in a loop of the same function."""

    source: SourceFile
    chain: MethodChain
    call: cst.Call
    statement: cst.SimpleStatementLine
    """The line of the write; it stands alone in it."""
    loop: cst.For
    model: str

    @property
    def method(self) -> str:
        """``save``, ``create`` ..."""
        return without_async(self.chain.links[-1].name)

    @property
    def row(self) -> str:
        """What is written, for methods of a row."""
        return self.source.text_of(self.chain.links[-2].node if len(self.chain.links) > 1 else self.chain.root)

    @property
    def arguments(self) -> str:
        """The call's arguments as they are written."""
        if not self.call.args:
            return ""
        first, last = self.call.args[0], self.call.args[-1]
        start = self.source.outer_span(first.keyword or first.value)[0] - len(first.star)
        return self.source.text[start : self.source.outer_span(last.value)[1]]


def batched_writes(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One write for all rows of a loop."""
    write = _write_of(finding, sources) if finding.code == "write-n-plus-one" else None
    if write is None:
        return
    if write.method == "delete":
        yield from _delete_all(sources, write)
    for title, collected, written in _batches(finding, write):
        yield from _collected(sources, write, title, collected, written)


def _write_of(finding: Finding, sources: ProjectSources) -> RowWrite | None:
    place = finding.call_site
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    label = finding.evidence.get("target") or next(iter(finding.models), None)
    if source is None or place is None or not label:
        return None
    for node in source.at(place):
        chain = whole_chain(source, node)
        call = chain.links[-1].call if chain.links else None
        statement = source.enclosing(chain.node, cst.SimpleStatementLine)
        loop = source.enclosing(chain.node, cst.For, cst.While, cst.FunctionDef)
        if call is None or not isinstance(statement, cst.SimpleStatementLine) or not isinstance(loop, cst.For):
            continue
        alone = len(statement.body) == 1 and isinstance(statement.body[0], cst.Expr) and loop.asynchronous is None
        if alone and _runs_to_its_end(source, loop) and source.parent(chain.node) is statement.body[0]:
            return RowWrite(source, chain, call, statement, loop, str(label).rpartition(".")[2])
    return None


def _runs_to_its_end(source: SourceFile, loop: cst.For) -> bool:
    """Whether what is collected is written in any case, and nothing in the loop waits for the write."""
    return not any(isinstance(node, cst.Return | cst.Yield | cst.Try | cst.Await) for node in source.nodes(loop.body))


def _batches(finding: Finding, write: RowWrite) -> Iterator[tuple[str, str, str]]:
    """Title, what is collected, and what writes it, with ``{rows}`` for the collection."""
    model = write.model
    if write.method == "save":
        fields = _changed_fields(write)
        if fields:
            names = ", ".join(f'"{name}"' for name in fields)
            yield f"Update the {model} rows at once", write.row, f"{model}.objects.bulk_update({{rows}}, [{names}])"
        elif _is_new(write):
            yield f"Create the {model} rows at once", write.row, f"{model}.objects.bulk_create({{rows}})"
    elif write.method == "create" and any(link.name in MANAGERS for link in write.chain.links[:-1]):
        manager = write.source.text_of(write.chain.links[-2].node)
        yield f"Create the {model} rows at once", f"{model}({write.arguments})", f"{manager}.bulk_create({{rows}})"
    elif write.method == "delete" and not is_query(MethodChain(write.chain.root, write.chain.links[:-1])):
        yield f"Delete the {model} rows at once", f"{write.row}.pk", f"{model}.objects.filter(pk__in={{rows}}).delete()"
    elif write.method == "update":
        yield from _updates(write)
    elif write.method == "add" and finding.relation:
        yield from _links(finding, write)


def _changed_fields(write: RowWrite) -> list[str]:
    """Those that ``update_fields`` names, else those that the loop assigns."""
    for item in write.call.args:
        if item.keyword is None or item.keyword.value != "update_fields":
            return []
        values = [element.value for element in getattr(item.value, "elements", ())]
        return [str(value.evaluated_value) for value in values if isinstance(value, cst.SimpleString)]
    found: list[str] = []
    for node in write.source.nodes(write.loop.body):
        targets = [item.target for item in node.targets] if isinstance(node, cst.Assign) else []
        targets += [node.target] if isinstance(node, cst.AugAssign | cst.AnnAssign) else []
        own = (item for item in targets if isinstance(item, cst.Attribute))
        found += [item.attr.value for item in own if write.source.text_of(item.value) == write.row]
    return list(dict.fromkeys(found)) if not _is_new(write) else []


def _is_new(write: RowWrite) -> bool:
    """Whether the loop makes the row itself."""
    pattern = re.compile(rf"\b{re.escape(write.row)}\s*=\s*(?:\w+\.)*{write.model}\(")
    return pattern.search(write.source.text_of(write.loop)) is not None


def _updates(write: RowWrite) -> Iterator[tuple[str, str, str]]:
    """``filter(pk=row.pk).update(state="sent")``, with the same values for all."""
    inner = [link for link in write.chain.links[:-1] if link.call is not None]
    item = inner[0].call.args[0] if len(inner) == 1 and inner[0].call is not None and inner[0].call.args else None
    if item is None or inner[0].name != "filter" or len(inner[0].call.args if inner[0].call else ()) != 1:
        return
    own = _loop_names(write)
    if item.keyword is None or any(
        name.value in own for value in write.call.args for name in free_names(write.source, value.value)
    ):
        return
    manager = write.source.text_of(write.chain.links[-3].node) if len(write.chain.links) > 2 else ""  # noqa: PLR2004 -- manager, filter, update
    rows = f"{manager}.filter({item.keyword.value}__in={{rows}}).update({write.arguments})"
    yield f"Update the {write.model} rows at once", write.source.text_of(item.value), rows


def _links(finding: Finding, write: RowWrite) -> Iterator[tuple[str, str, str]]:
    """Rows of the table between two models."""
    owner = str(finding.evidence.get("owner") or "").rpartition(".")[2]
    target = str(finding.evidence.get("target") or "").rpartition(".")[2]
    field, plain = str(finding.relation).rpartition(".")[2], [item for item in write.call.args if not item.star]
    if len(plain) != 1 or len(write.call.args) != 1 or len(write.chain.links) < 2 or owner == target:  # noqa: PLR2004 -- relation, add
        return
    row = write.source.text_of(write.chain.links[-3].node if len(write.chain.links) > 2 else write.chain.root)  # noqa: PLR2004
    through = f"{owner}.{field}.through"
    link = f"{through}({owner.lower()}={row}, {target.lower()}={write.source.text_of(plain[0].value)})"
    yield f"Link the {target} rows at once", link, f"{through}.objects.bulk_create({{rows}}, ignore_conflicts=True)"


def _loop_names(write: RowWrite) -> set[str]:
    bound = {name.value for name in write.source.walk(cst.Name, write.loop.target)}
    for node in write.source.walk(cst.Assign, write.loop.body):
        bound |= {name.value for item in node.targets for name in write.source.walk(cst.Name, item.target)}
    return bound


def _collected(
    sources: ProjectSources, write: RowWrite, title: str, collected: str, written: str
) -> Iterator[Candidate]:
    edits = ProjectEdits(sources)
    own = edits.of(write.source)
    lower = re.sub(r"(?<!^)(?=[A-Z])", "_", write.model).lower()
    name = free_name(write.source, f"{lower}_rows")
    own.insert_before(write.loop, f"{name} = []")
    own.replace(write.statement.body[0], f"{name}.append({collected})")
    own.insert_after(write.loop, written.replace("{rows}", name))
    if not all(edits.need(write.source, needed) for needed in _CLASS.findall(f"{collected} {written}")):
        return
    files = edits.files()
    if files is not None:
        yield Candidate(title=title, strategy="batched-write", files=files)


def _delete_all(sources: ProjectSources, write: RowWrite) -> Iterator[Candidate]:
    """A loop that does nothing but delete each row of a query set."""
    chain = chain_of(write.loop.iter)
    is_sliced = any(not link.name for link in chain.links)
    body = write.loop.body
    alone = isinstance(body, cst.IndentedBlock) and len(body.body) == 1 and write.loop.orelse is None
    is_row = write.row == write.source.text_of(write.loop.target)
    if not (is_query(chain) and alone and is_row) or is_sliced or chain.link("iterator", "values", "distinct"):
        return
    edits = ProjectEdits(sources)
    own = edits.of(write.source)
    own.replace_span(
        (write.source.span(write.loop)[0], write.source.span(write.statement)[1]),
        f"{write.source.text_of(write.loop.iter)}.delete()",
    )
    files = edits.files()
    if files is not None:
        yield Candidate(title=f"Delete the {write.model} rows at once", strategy="batched-write", files=files)
