"""One statement with an IN list for SQL that a loop runs for each of its items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.plain_sql.raw_lookup import RawLookup, raw_lookup_at
from ennead.fixes.plain_sql.sql_text import SetStatement, fill, marks, set_statement
from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, fresh_name, parsed, reads
from ennead.fixes.sqlalchemy.hoisted_lookups import remove_unused, varying_names, work_list
from ennead.fixes.sqlalchemy.row_loop import RowLoop, row_loop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def sql_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One statement for all items of the loop, in front of it."""
    if finding.code != "n-plus-one" or finding.call_site is None:
        return
    loop = row_loop(finding, sources)
    if loop is None or finding.call_site.file != loop.source.file:
        return
    lookup = raw_lookup_at(loop.source, finding.call_site)
    if lookup is None or not loop.source.is_inside(lookup.node, loop.body):
        return
    found = _hoisted(finding, sources, loop, lookup)
    if found is not None:
        yield found


def _hoisted(finding: Finding, sources: ProjectSources, loop: RowLoop, lookup: RawLookup) -> Candidate | None:
    varying = varying_names(loop)
    changing = [number for number, value in enumerate(lookup.values) if reads(value, varying)]
    statement = set_statement(lookup.sql, changing[0]) if len(changing) == 1 else None
    if statement is None or reads(parsed(lookup.owner), varying):
        return None
    draft = Draft(sources, "Ask once for all rows in front of the loop", "in-list-sql")
    key = lookup.values[changing[0]]
    keys = _keys(loop, key, draft)
    if keys is None:
        return None
    content = statement.aggregate or "rows"
    name = fresh_name(loop.source, f"{content}_by_{_word(statement.column)}", loop.node)
    query = _run(finding, draft, loop, lookup, statement, changing[0], keys)
    answer = _answer(lookup, statement, name, code_of(key))
    edits = draft.edits(loop.source)
    edits.insert_before(loop.node, query[0] + _kept(draft, loop, lookup, statement, name, query[1]))
    edits.replace(lookup.node, answer)
    _remove_ran(draft, lookup)
    remove_unused(draft, loop.source, lookup.node, lookup.inlined)
    return draft.candidate()


def _keys(loop: RowLoop, key: cst.BaseExpression, draft: Draft) -> str | None:
    text = Expander(loop.source).value(key, loop.body)
    listed = work_list(loop, text)
    if listed is not None:
        return listed
    if loop.item is None or reads(parsed(text), varying_names(loop) - loop.target_names):
        return None
    rows = loop.rows(draft)
    return rows if text == loop.item else f"[{text} for {loop.item} in {rows}]"


def _run(
    finding: Finding, draft: Draft, loop: RowLoop, lookup: RawLookup, statement: SetStatement, number: int, keys: str
) -> tuple[str, str]:
    """Lines that come first, and the expression for all rows."""
    fields = {str(item): code_of(lookup.values[item]) for item, name in enumerate(lookup.names) if name is None}
    if lookup.text_call is not None:
        names = draft.names(loop.source)
        bound = names.library("sqlalchemy", "bindparam")
        sql = _literal(statement.text, lookup, fields, ":keys")
        wrapped = f'{lookup.text_call}({sql}).bindparams({bound}("keys", expanding=True))'
        given = [f'"keys": {keys}']
        given += [
            f'"{name}": {code_of(lookup.values[item])}'
            for item, name in enumerate(lookup.names)
            if isinstance(name, str) and item != number
        ]
        return "", _all(lookup, f"{lookup.owner}.execute({wrapped}, {{{', '.join(given)}}})")
    mark = _style(finding, lookup)
    listed = fresh_name(loop.source, "keys", loop.node)
    marked = fresh_name(loop.source, "placeholders", loop.node)
    listed = keys if keys.isidentifier() else listed
    first = "" if keys.isidentifier() else f"{listed} = {keys}\n"
    first += f'{marked} = ", ".join(["{mark}"] * len({listed})) or "NULL"\n'
    sql = _literal(statement.text, lookup, fields, f"({{{marked}}})")
    given = []
    for item in _order_of(statement, lookup, number):
        given.append(f"*{listed}" if item == number else code_of(lookup.values[item]))
    values = listed if given == [f"*{listed}"] else f"[{', '.join(given)}]"
    if lookup.method == "exec_driver_sql":
        return first, _all(lookup, f"{lookup.owner}.exec_driver_sql({sql}, tuple({values}))")
    if (
        lookup.ran is not None
        and isinstance(lookup.ran, cst.SimpleStatementLine)
        and isinstance(lookup.ran.body[0], cst.Expr)
    ):
        execute = f"{lookup.owner}.execute({sql}, {values})"
        return f"{first}{'await ' if lookup.is_awaited else ''}{execute}\n", f"{lookup.owner}.fetchall()"
    return first, _all(lookup, f"{lookup.owner}.execute({sql}, {values})", "fetchall")


def _order_of(statement: SetStatement, lookup: RawLookup, number: int) -> list[int]:
    """The values that are given apart, in the order of the text."""
    before, _, after = statement.text.partition("\x00keys\x00")
    order = [*marks(before), number, *marks(after)]
    return [item for item in order if item == number or lookup.names[item] is not None]


def _all(lookup: RawLookup, call: str, ending: str = "all") -> str:
    return f"(await {call}).{ending}()" if lookup.is_awaited else f"{call}.{ending}()"


def _style(finding: Finding, lookup: RawLookup) -> str:
    """How the driver marks a value."""
    written = code_of(lookup.call)
    if "%s" in written or (finding.evidence.get("database") not in ("sqlite", None) and "?" not in written):
        return "%s"
    return "?"


def _literal(text: str, lookup: RawLookup, fields: dict[str, str], keys: str) -> str:
    """The statement as a Python literal: an f-string only if something is written into it."""
    marks_of = {
        str(item): f":{name}" if isinstance(name, str) else _positional(lookup)
        for item, name in enumerate(lookup.names)
        if name is not None
    }
    is_formatted = keys.startswith("({") or any(f"\x00{item}\x00" in text for item in fields)
    if is_formatted:
        text = text.replace("{", "{{").replace("}", "}}")
    filled = fill(text, {**marks_of, **{item: f"{{{value}}}" for item, value in fields.items()}, "keys": keys})
    quoted = filled.replace("\\", "\\\\")
    if "\n" in quoted:
        return f'{"f" if is_formatted else ""}"""{quoted}"""'
    quote = "'" if '"' in quoted and "'" not in quoted else '"'
    escaped = quoted if quote == "'" else quoted.replace('"', '\\"')
    return f"{'f' if is_formatted else ''}{quote}{escaped}{quote}"


def _positional(lookup: RawLookup) -> str:
    return "%s" if "%s" in code_of(lookup.call) else "?"


def _kept(draft: Draft, loop: RowLoop, lookup: RawLookup, statement: SetStatement, name: str, rows: str) -> str:
    """The lines that keep the rows by their key, which is the last column."""
    row = (
        "row[0]"
        if lookup.shape.startswith("value")
        else "row"
        if lookup.text_call or _is_engine(lookup)
        else "row[:-1]"
    )
    if lookup.shape in ("values", "rows"):
        maker = draft.names(loop.source).library("collections", "defaultdict")
        return f"{name} = {maker}(list)\nfor row in {rows}:\n    {name}[row[-1]].append({row})"
    first_wins = rows if statement.aggregate or lookup.is_required else f"reversed({rows})"
    return f"{name} = {{row[-1]: {row} for row in {first_wins}}}"


def _is_engine(lookup: RawLookup) -> bool:
    return lookup.method == "exec_driver_sql"


def _answer(lookup: RawLookup, statement: SetStatement, name: str, key: str) -> str:
    if lookup.shape in ("values", "rows"):
        return f"{name}[{key}]"
    if statement.aggregate is not None:
        empty = "0" if statement.aggregate == "count" else "None"
        default = empty if lookup.shape == "value" else f"({empty},)"
        return f"{name}.get({key})" if default == "None" else f"{name}.get({key}, {default})"
    return f"{name}[{key}]" if lookup.is_required else f"{name}.get({key})"


def _remove_ran(draft: Draft, lookup: RawLookup) -> None:
    """The statement that ran the query, where the answer is read in another one."""
    source = lookup.source
    if lookup.ran is not None:
        start, end = source.span(lookup.ran)
        newline = source.text.find("\n", end)
        draft.edits(source).replace_span(
            (source.line_start(start), len(source.text) if newline < 0 else newline + 1), ""
        )


def _word(column: str) -> str:
    return "".join(item for item in column.rpartition(".")[2] if item.isalnum() or item == "_").lower() or "key"
