"""Rows that are written one at a time: collected in the loop and written together behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import assigned, nodes_at
from ennead.fixes.sqlalchemy.expressions import code_of, fresh_name, parsed, read_names, reads, replaced, walk
from ennead.fixes.sqlalchemy.hoisted_lookups import remove_unused, varying_names
from ennead.fixes.sqlalchemy.key_conditions import take_keys
from ennead.fixes.sqlalchemy.row_loop import RowLoop, row_loop
from ennead.fixes.syntax.method_chain import chain_of
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_DEEPEST = 6


@dataclass(frozen=True)
class RowWrite:
    """A statement of a loop's body that writes: ``session.execute(insert(Order).values(day=day))``."""

    loop: RowLoop
    expression: cst.BaseExpression
    """The whole statement, ``await`` included."""
    call: cst.Call
    owner: str
    is_awaited: bool


def write_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One statement for all rows, behind the loop."""
    loop = row_loop(finding, sources)
    write = _row_write(finding, loop) if loop is not None else None
    if loop is None or write is None:
        return
    method = chain_of(write.call).names()[-1]
    if method == "flush":
        yield from filter(None, (_flushed_once(sources, write), _added_as_rows(sources, write)))
    elif method in ("execute", "exec_driver_sql"):
        yield from filter(None, (_executed_once(finding, sources, write),))


def _row_write(finding: Finding, loop: RowLoop) -> RowWrite | None:
    """The write that is a statement of its own in the loop's body."""
    if finding.call_site is None or finding.call_site.file != loop.source.file or not isinstance(loop.node, cst.For):
        return None
    for node in nodes_at(loop.source, finding.call_site):
        call = node.expression if isinstance(node, cst.Await) else node
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            continue
        above = loop.source.parent(call)
        whole = above if isinstance(above, cst.Await) else call
        if isinstance(loop.source.parent(whole), cst.Expr) and loop.source.is_inside(whole, loop.node.body):
            owner = loop.source.text_of(call.func.value)
            if not reads(parsed(owner), varying_names(loop)):
                return RowWrite(loop, whole, call, owner, isinstance(above, cst.Await))
    return None


def _flushed_once(sources: ProjectSources, write: RowWrite) -> Candidate | None:
    """What was added in the loop is flushed together."""
    draft = Draft(sources, "Flush once, behind the loop", "flush-once")
    if not _taken_out(draft, write):
        return None
    draft.edits(write.loop.source).insert_after(write.loop.node, write.loop.source.text_of(write.expression))
    return draft.candidate()


def _taken_out(draft: Draft, write: RowWrite) -> bool:
    """Take the write's statement out of the loop's body; not if nothing were left of it."""
    source = write.loop.source
    statement = source.block_statement(write.expression)
    block = source.parent(statement)
    if not isinstance(block, cst.IndentedBlock) or len(block.body) == 1:
        return False
    start, end = source.span(statement)
    newline = source.text.find("\n", end)
    draft.edits(source).replace_span((source.line_start(start), len(source.text) if newline < 0 else newline + 1), "")
    return True


def _added_as_rows(sources: ProjectSources, write: RowWrite) -> Candidate | None:
    """``session.add(Order(day=day))``, of which nobody uses the object, as a row of one INSERT."""
    source = write.loop.source
    added = [
        call
        for call in source.walk(cst.Call, write.loop.body)
        if source.text_of(call.func) == f"{write.owner}.add" and isinstance(source.parent(call), cst.Expr | cst.Await)
    ]
    made = added[0].args[0].value if len(added) == 1 and len(added[0].args) == 1 else None
    row = (
        _values_of(made) if isinstance(made, cst.Call) and code_of(made.func).rpartition(".")[2][:1].isupper() else None
    )
    draft = Draft(sources, "Insert all rows with one statement, behind the loop", "bulk-write")
    if row is None or not isinstance(made, cst.Call) or not _taken_out(draft, write):
        return None
    insert = draft.names(source).library("sqlalchemy", "insert")
    rows = fresh_name(source, "written", write.loop.node)
    edits = draft.edits(source)
    edits.insert_before(write.loop.node, f"{rows} = []")
    edits.replace(added[0], f"{rows}.append({row})")
    once = f"{write.owner}.execute({insert}({code_of(made.func)}), {rows})"
    edits.insert_after(write.loop.node, f"if {rows}:\n    {'await ' if write.is_awaited else ''}{once}")
    return draft.candidate()


def _executed_once(finding: Finding, sources: ProjectSources, write: RowWrite) -> Candidate | None:
    if not write.call.args or len(write.call.args) > 2:  # noqa: PLR2004 -- statement and values
        return None
    draft = Draft(sources, "Write all rows with one statement, behind the loop", "bulk-write")
    names: list[cst.Name] = []
    statement = _written_out(write.loop.source, write.call.args[0].value, names)
    if len(write.call.args) == 2:  # noqa: PLR2004 -- statement and values
        many = _with_values(write, statement)
    else:
        many = _inserted(write, statement) or _by_key(finding, write, statement)
    if many is None or reads(parsed(many[0]), varying_names(write.loop)):
        return None
    rows = fresh_name(write.loop.source, "written", write.loop.node)
    once = f"{'await ' if write.is_awaited else ''}{many[0].replace(_ROWS, rows)}"
    edits = draft.edits(write.loop.source)
    edits.insert_before(write.loop.node, f"{rows} = []")
    edits.replace(write.expression, f"{rows}.append({many[1]})")
    edits.insert_after(write.loop.node, f"if {rows}:\n    {once}")
    remove_unused(draft, write.loop.source, write.expression, names)
    return draft.candidate()


_ROWS = "rows_of_the_loop"
"""Stands for the list of rows until its name is known."""


def _written_out(source: SourceFile, node: cst.BaseExpression, names: list[cst.Name]) -> cst.BaseExpression:
    """A statement with the names that the loop's body gives to its parts written out."""
    return parsed(_text(source, node, names, 0))


def _text(source: SourceFile, node: cst.BaseExpression, names: list[cst.Name], depth: int) -> str:
    start, end = source.outer_span(node)
    text = source.text[start:end]
    for name in reversed(list(read_names(node))):
        value = assigned(source, name, name) if depth < _DEEPEST else None
        if value is not None and _is_write(source, value):
            names.append(name)
            first, last = source.span(name)
            text = text[: first - start] + _text(source, value, names, depth + 1) + text[last - start :]
    return text


def _is_write(source: SourceFile, value: cst.BaseExpression) -> bool:
    """``insert(...)``, ``update(...)``, ``text(...)``, whatever the import calls them, or a name of one."""
    for _ in range(_DEEPEST):
        chain = chain_of(value)
        called = [chain.root.func] if isinstance(chain.root, cst.Call) else []
        called += [link.call.func for link in chain.links if link.call is not None]
        words = {code_of(item).rpartition(".")[2] for item in called}
        if any(word.endswith(("insert", "update", "delete")) or word == "text" for word in words):
            return True
        if not isinstance(chain.root, cst.Name) or not chain.links:
            return False
        further = assigned(source, chain.root, chain.root)
        if further is None:
            return False
        value = further
    return False


# ------------------------------------------------------------------------------------------------ what is run once


def _with_values(write: RowWrite, statement: cst.BaseExpression) -> tuple[str, str] | None:
    """A statement that is given its values: it is given all of them."""
    values = write.call.args[1].value
    if not isinstance(values, cst.Dict | cst.Tuple):
        return None
    method = chain_of(write.call).names()[-1]
    if method == "execute" and not isinstance(statement, cst.Call):
        method = "executemany"  # of a cursor, which is given SQL as it is
    return f"{write.owner}.{method}({code_of(statement)}, {_ROWS})", write.loop.source.text_of(values)


class _WithoutValues(cst.CSTTransformer):
    """Takes ``.values(...)`` out of chains."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[cst.Call] = []

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802 -- named by the library
        function = updated_node.func
        if isinstance(function, cst.Attribute) and function.attr.value == "values" and updated_node.args:
            self.values.append(original_node)
            return function.value
        return updated_node


def _values_of(call: cst.Call) -> str | None:
    """The values of one row as a dictionary."""
    if len(call.args) == 1 and call.args[0].keyword is None and isinstance(call.args[0].value, cst.Dict):
        return code_of(call.args[0].value)
    if any(item.keyword is None for item in call.args):
        return None
    pairs = [f'"{item.keyword.value}": {code_of(item.value)}' for item in call.args if item.keyword is not None]
    return f"{{{', '.join(pairs)}}}"


def _inserted(write: RowWrite, statement: cst.BaseExpression) -> tuple[str, str] | None:
    """``insert(Order).values(...)``, with or without ``on_conflict``: executed with a list of rows."""
    chain = chain_of(statement)
    called = chain.root.func if isinstance(chain.root, cst.Call) else None
    if called is None or not code_of(called).rpartition(".")[2].endswith("insert"):
        return None
    taking = _WithoutValues()
    rest = statement.visit(taking)
    row = _values_of(taking.values[0]) if taking.values else None
    if row is None or not isinstance(rest, cst.BaseExpression) or ".returning(" in code_of(rest):
        return None
    return f"{write.owner}.execute({code_of(rest)}, {_ROWS})", row


def _by_key(finding: Finding, write: RowWrite, statement: cst.BaseExpression) -> tuple[str, str] | None:
    """``update()`` and ``delete()`` of one key: of all keys, or of rows by their primary key."""
    chain = chain_of(statement)
    called = code_of(chain.root.func).rpartition(".")[2] if isinstance(chain.root, cst.Call) else ""
    if called not in ("update", "delete") or not isinstance(chain.root, cst.Call):
        return None
    taken = _keys(statement, varying_names(write.loop), finding)
    if taken is None:
        return None
    column, key, rest = taken
    if not reads(rest, varying_names(write.loop)):
        return f"{write.owner}.execute({code_of(rest)}.where({column}.in_({_ROWS})))", key
    attribute = column.rpartition(".")[2]
    values = next((link.call for link in chain.links if link.name == "values" and link.call is not None), None)
    row = _values_of(values) if values is not None else None
    is_plain = len([link for link in chain.links if link.call is not None]) == 2  # noqa: PLR2004 -- where and values
    is_session = "session" in write.owner.lower()
    if called != "update" or row is None or not is_plain or not is_session or attribute != "id":
        return None
    return f"{write.owner}.execute({code_of(chain.root)}, {_ROWS})", f'{{"{attribute}": {key}, {row[1:]}'


def _keys(
    statement: cst.BaseExpression, varying: set[str], finding: Finding
) -> tuple[str, str, cst.BaseExpression] | None:
    """Column, key, and the statement without that condition; what it sets may vary."""
    values = [item for item in walk(statement) if isinstance(item, cst.Call) and _is_values(item)]
    without = statement
    for item in values:
        if isinstance(item.func, cst.Attribute):
            without = replaced(without, item, item.func.value)
    taken = take_keys(without, varying, finding)
    if taken is None or len(taken[0]) != 1:
        return None
    condition, rest = taken[0][0], taken[1]
    text = code_of(rest) + "".join(f".values({', '.join(code_of(item) for item in call.args)})" for call in values)
    return condition.column, condition.value, parsed(text.replace(",,", ","))


def _is_values(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "values"
