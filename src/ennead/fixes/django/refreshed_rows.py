"""Candidates for ``refresh_from_db()`` in a loop: the rows are read again with one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.hoisting import Hoisting
from ennead.fixes.syntax.loop_values import loop_values
from ennead.fixes.syntax.method_chain import whole_chain
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def refreshed_rows(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``row.state = fresh[row.pk].state`` for each field that is read again."""
    place, model = finding.call_site, str(finding.evidence.get("target") or next(iter(finding.models), ""))
    if finding.evidence.get("method") != "refresh_from_db" or place is None or not model:
        return
    source = SourceFile.of(sources, place.file) if place.language == "python" else None
    for node in source.at(place) if source is not None else ():
        chain = whole_chain(source, node) if source is not None else None
        call = chain.links[-1].call if chain is not None and chain.links else None
        if source is None or chain is None or call is None or chain.links[-1].name != "refresh_from_db":
            continue
        row = chain.links[-2].node if len(chain.links) > 1 else chain.root
        yield from _read_again(sources, source, call, row, model.rpartition(".")[2])
        return


def _read_again(
    sources: ProjectSources, source: SourceFile, call: cst.Call, row: cst.BaseExpression, model: str
) -> Iterator[Candidate]:
    fields = _fields(call)
    statement = source.enclosing(call, cst.SimpleStatementLine)
    is_alone = isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Expr)
    values = loop_values(sources, source, call, [row], ())
    if not fields or not is_alone or values is None or values.is_asynchronous:
        return
    edits = ProjectEdits(sources)
    hoisting, name, text = Hoisting(edits, values), free_name(source, "fresh"), source.text_of(row)
    columns = ", ".join(f'"{field}"' for field in fields)
    hoisting.setup(f"{name} = {model}.objects.only({columns}).in_bulk({hoisting.all_of(f'{text}.pk')})")
    lines = [f"{text}.{field} = {name}[{text}.pk].{field}" for field in fields]
    edits.of(source).replace(call, f"{source.newline}{source.indent_of(call)}".join(lines))
    files = edits.files() if edits.need(source, model) else None
    if files is not None:
        yield Candidate(title=f"Read the {model} rows again at once", strategy="in-bulk", files=files)


def _fields(call: cst.Call) -> list[str]:
    for item in call.args:
        if item.keyword is None or item.keyword.value != "fields":
            continue
        values = [element.value for element in getattr(item.value, "elements", ())]
        texts = [str(value.evaluated_value) for value in values if isinstance(value, cst.SimpleString)]
        return texts if len(texts) == len(values) and len(call.args) == 1 else []
    return []
