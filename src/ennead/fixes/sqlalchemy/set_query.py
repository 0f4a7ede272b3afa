"""The one query that stands for many look-ups, what its rows are kept in, and how one answer is taken out again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.expressions import code_of, parsed, replaced
from ennead.fixes.sqlalchemy.key_conditions import KeyCondition, selected_entity, take_keys
from ennead.fixes.sqlalchemy.lookup import Lookup, select_call
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.fixes.sqlalchemy.file_names import FileNames
    from ennead.kernel.finding import Finding

_AGGREGATE = re.compile(r"\bfunc\.(count|sum|min|max|avg|total|group_concat|string_agg|array_agg|bool_or|bool_and)\(")
_ORDERED = re.compile(r"ORDER BY (?:\w+\.)?(\w+)( DESC)?$")


@dataclass(frozen=True)
class SetQuery:
    """A look-up for all keys at once."""

    lookup: Lookup
    keys: tuple[KeyCondition, ...]
    rest: cst.BaseExpression
    """The statement without the key conditions."""
    names: FileNames
    order: str = ""
    """``ORDER BY`` of a relation, which no code names."""

    # -------------------------------------------------------------------------------------------- what is asked

    @property
    def key_text(self) -> str:
        """The key of one look-up, as the loop has it."""
        values = [key.value for key in self.keys]
        return values[0] if len(values) == 1 else f"({', '.join(values)})"

    @property
    def column(self) -> str:
        """The key's column, or the tuple of them."""
        return self.keys[0].column

    @property
    def suggested_name(self) -> str:
        """``lines_by_order_id``."""
        attribute = "_and_".join(key.attribute or "key" for key in self.keys)
        return f"{self._content_name}_by_{attribute}"

    @property
    def _content_name(self) -> str:
        if self.is_exists:
            return "found"
        aggregate = _AGGREGATE.search(self._selected)
        if self.lookup.shape == "count" or (aggregate and aggregate[1] == "count"):
            return "counts"
        last = re.findall(r"\w+", self._selected)
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", last[-1]).lower() if last else "row"
        plural = word if word.endswith("s") else f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"
        return f"{aggregate[1]}_{word}" if aggregate else plural

    @property
    def _call(self) -> cst.Call:
        return _must_select(self.rest)

    @property
    def _selected(self) -> str:
        return ", ".join(code_of(item.value) for item in self._call.args)

    @property
    def is_exists(self) -> bool:
        """Only whether there is a row is asked."""
        return bool(re.match(r"(\w+\.)?exists\(|.*\.exists\(\)$", self._selected, re.DOTALL))

    @property
    def is_aggregate(self) -> bool:
        """One figure for all rows of a key."""
        links = [link.name for link in chain_of(self.rest).links]
        return (
            bool(_AGGREGATE.search(self._selected)) and "group_by" not in links and ".over(" not in self._selected
        ) or (self.lookup.shape == "count")

    @property
    def is_joined(self) -> bool:
        """Joins start at what is selected first, so that the key is selected last."""
        return any(link.name in ("join", "outerjoin") for link in chain_of(self.rest).links)

    @property
    def is_entity(self) -> bool:
        """Whole objects are selected."""
        selected = self._call.args[0].value if len(self._call.args) == 1 else None
        name = selected.attr if isinstance(selected, cst.Attribute) else selected
        return isinstance(name, cst.Name) and name.value[:1].isupper() and name.value.upper() != name.value

    @property
    def hint(self) -> str:
        """The type of what :meth:`lines` fills; its keys may be anything, as columns that may be null are of two types.

        A column's values are of the type that the look-up's function returns, if it returns them.
        """
        if self.is_exists:
            return "set[Any]"
        if self.is_aggregate and self._default() == "0":
            return "dict[Any, int]"
        is_list = self.lookup.shape in ("values", "rows")
        if self.is_entity and self.lookup.shape in ("value", "values"):
            return f"dict[Any, list[{self._selected}]]" if is_list else f"dict[Any, {self._selected}]"
        told = self._returned_type
        if is_list:
            return f"dict[Any, {told}]" if told.startswith("list[") else "dict[Any, list[Any]]"
        return f"dict[Any, {told or 'Any'}]"

    @property
    def _returned_type(self) -> str:
        """What the function says that it returns, if that is the look-up's answer."""
        source = self.lookup.source
        function = source.function_of(self.lookup.node)
        if not isinstance(source.parent(self.lookup.node), cst.Return) or function is None or function.returns is None:
            return ""
        text = source.text_of(function.returns.annotation)
        return "" if '"' in text or "'" in text else text

    # -------------------------------------------------------------------------------------------- code

    def lines(self, name: str, keys: str, run: Callable[[str, str], str]) -> str | None:
        """The lines that run the query and fill ``name``; ``None`` if there is no such query."""
        if any(link.name in ("offset", "union", "union_all", "distinct") for link in chain_of(self.rest).links):
            return None
        if self.is_exists:
            return self._exists_lines(name, keys, run)
        if self.is_aggregate:
            return self._aggregate_lines(name, keys, run)
        limit = _limit(self.rest)
        if limit is not None or (self.lookup.has_first and _order(self.rest)):
            return self._ranked_lines(name, keys, run, limit or "1")
        return self._row_lines(name, keys, run)

    def answer(self, name: str) -> str:
        """The expression for one look-up's answer."""
        return self.answer_for(name, self.key_text)

    def answer_for(self, name: str, key: str) -> str:
        """The expression for the answer of a key."""
        if self.is_exists:
            return f"({key} in {name})"
        if self.is_aggregate:
            default = self._default()
            return f"{name}.get({key}, {default})" if default else f"{name}.get({key})"
        if self.lookup.shape in ("values", "rows"):
            return f"{name}[{key}]"
        return f"{name}[{key}]" if self.lookup.is_required else f"{name}.get({key})"

    def _default(self) -> str | None:
        if self.lookup.shape == "count" or re.match(r"(\w+\.)*func\.count\(", self._selected):
            return "0"
        first = self._call.args[0].value if self._call.args else None
        if isinstance(first, cst.Call) and code_of(first.func).endswith("coalesce") and len(first.args) == 2:  # noqa: PLR2004 -- value and default
            return code_of(first.args[1].value)
        return None

    def _in(self, keys: str) -> str:
        if len(self.keys) == 1:
            return f"{self.column}.in_({keys})"
        columns = ", ".join(key.column for key in self.keys)
        return f"{self.names.library('sqlalchemy', 'tuple_')}({columns}).in_({keys})"

    def _columns(self) -> str:
        return ", ".join(key.column for key in self.keys)

    def _with_selected(self, selected: str) -> cst.BaseExpression:
        return _selecting(self.rest, selected)

    def _exists_lines(self, name: str, keys: str, run: Callable[[str, str], str]) -> str | None:
        inner = _exists_conditions(self._call.args[0].value)
        if inner is None:
            return None
        conditions, base = inner
        select = self.names.library("sqlalchemy", "select")
        if base is None:
            where = ", ".join([self._in(keys), *conditions])
            statement = f"{select}({self._columns()}).where({where}).distinct()"
        else:
            statement = f"{code_of(_selecting(base, self._columns()))}.where({self._in(keys)}).distinct()"
        if len(self.keys) > 1:
            return f"{name} = {{tuple(row) for row in {run('execute', statement)}}}"
        return f"{name} = set({run('scalars', statement)})"

    def _aggregate_lines(self, name: str, keys: str, run: Callable[[str, str], str]) -> str | None:
        figure = (
            f"{self.names.library('sqlalchemy', 'func')}.count()" if self.lookup.shape == "count" else self._selected
        )
        if len(self._call.args) != 1 or len(self.keys) != 1:
            return None
        selected = f"{figure}, {self._columns()}" if self.is_joined else f"{self._columns()}, {figure}"
        changed = _without_order(self._with_selected(selected))
        statement = f"{code_of(changed)}.where({self._in(keys)}).group_by({self._columns()})"
        rows = run("execute", statement)
        if self.lookup.shape in ("row", "rows"):
            return None
        if self.is_joined:
            return f"{name} = {{row[-1]: row[0] for row in {rows}}}"
        return f"{name} = {{row[0]: row[1] for row in {rows}}}"

    def _row_lines(self, name: str, keys: str, run: Callable[[str, str], str]) -> str | None:
        shape, is_list = self.lookup.shape, self.lookup.shape in ("values", "rows")
        if self.is_entity and shape in ("value", "values") and all(self._is_own(key) for key in self.keys):
            statement = f"{code_of(self.rest)}.where({self._in(keys)}){self.order}"
            row_key = self._row_key("row")
            rows = f"{run('scalars', statement)}"
            if is_list:
                return self._grouped(name, f"for row in {rows}:", row_key, "row")
            return f"{name} = {{{row_key}: row for row in {self._first_wins(rows)}}}"
        count = len(self.keys)
        if shape in ("value", "values") and not self.is_joined:
            changed = self._with_selected(f"{self._columns()}, {self._selected}")
            statement = f"{code_of(changed)}.where({self._in(keys)}){self.order}"
            rows, key = run("execute", statement), "row[0]" if count == 1 else f"tuple(row[:{count}])"
            if is_list:
                return self._grouped(name, f"for row in {rows}:", key, f"row[{count}]")
            return f"{name} = {{{key}: row[{count}] for row in {self._first_wins(rows)}}}"
        changed = self._with_selected(f"{self._selected}, {self._columns()}")
        statement = f"{code_of(changed)}.where({self._in(keys)}){self.order}"
        rows, key = run("execute", statement), "row[-1]" if count == 1 else f"tuple(row[-{count}:])"
        row = "row[0]" if shape in ("value", "values") else "row"
        if is_list:
            return self._grouped(name, f"for row in {rows}:", key, row)
        return f"{name} = {{{key}: {row} for row in {self._first_wins(rows)}}}"

    def _first_wins(self, rows: str) -> str:
        """Of several rows with one key the first one stays."""
        is_unique = self.lookup.is_required or self.lookup.key is not None or self.column.endswith(".id")
        return rows if is_unique else f"reversed({rows}.all())"

    def _ranked_lines(self, name: str, keys: str, run: Callable[[str, str], str], limit: str) -> str | None:
        """The first rows of each key, numbered by the database."""
        order, shape = _order(self.rest), self.lookup.shape
        if not order or len(self.keys) != 1 or shape in ("row", "rows"):
            return None
        func = self.names.library("sqlalchemy", "func")
        entity = selected_entity(self.rest)
        order = [_column_of(item, entity) for item in order]
        ordered = order[0] if len(order) == 1 else f"({', '.join(order)})"
        place = f'{func}.row_number().over(partition_by={self.column}, order_by={ordered}).label("place")'
        base = _without_order(self.rest, "limit")
        selected = f"{self._selected}, {place}" if self.is_entity else f"{self.column}, {self._selected}, {place}"
        changed = _selecting(base, selected)
        select = self.names.library("sqlalchemy", "select")
        ranked = f"ranked = {code_of(changed)}.where({self._in(keys)}).subquery()\n"
        chosen = f"ranked.c.place == {limit}" if limit == "1" else f"ranked.c.place <= {limit}"
        behind = "" if limit == "1" else ".order_by(ranked.c.place)"
        if self.is_entity:
            alias = self.names.library("sqlalchemy.orm", "aliased")
            rows = run("scalars", f"{select}({alias}({self._selected}, ranked)).where({chosen}){behind}")
            key, value = self._row_key("row"), "row"
        else:
            rows, key, value = run("execute", f"{select}(ranked).where({chosen}){behind}"), "row[0]", "row[1]"
        if shape in ("values", "rows"):
            return ranked + self._grouped(name, f"for row in {rows}:", key, value)
        return f"{ranked}{name} = {{{key}: {value} for row in {rows}}}"

    def _grouped(self, name: str, header: str, key: str, value: str) -> str:
        maker = self.names.library("collections", "defaultdict")
        return f"{name} = {maker}(list)\n{header}\n    {name}[{key}].append({value})"

    def _row_key(self, row: str) -> str:
        parts = [f"{row}.{key.attribute}" for key in self.keys]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def _is_own(self, key: KeyCondition) -> bool:
        """Whether the key is an attribute of what is selected."""
        return key.attribute is not None and key.column.rpartition(".")[0] == self._selected


def set_query(lookup: Lookup, varying: set[str], finding: Finding, names: FileNames) -> SetQuery | None:
    """The query for all keys; ``None`` if the look-up varies in other ways than by equal values."""
    if lookup.key is not None:
        columns = finding.evidence.get("varying_columns") or []
        model = code_of(_must_select(lookup.statement).args[0].value)
        if len(columns) != 1 or not re.fullmatch(r"(\w+\.)*[A-Z]\w*", model) or model.split(".")[0] in varying:
            return None
        condition = KeyCondition(f"{model}.{columns[0]}", code_of(lookup.key), cst.Arg(lookup.key))
        return SetQuery(lookup, (condition,), lookup.statement, names)
    taken = take_keys(lookup.statement, varying, finding)
    if taken is None or select_call(taken[1]) is None:
        return None
    keys, rest = taken
    order = ""
    ordered = _ORDERED.search(finding.statement.strip())
    if ordered and not _order(rest) and selected_entity(rest):
        order = f".order_by({selected_entity(rest)}.{ordered[1]}{'.desc()' if ordered[2] else ''})"
    if code_of(rest).startswith("select("):
        names.library("sqlalchemy", "select")
    entities = {key.column.split(".")[0] for key in keys}
    if any(name[:1].isupper() and names.model(name) is None for name in entities):
        return None
    return SetQuery(lookup, tuple(keys), rest, names, order)


def parsed_arguments(text: str) -> list[cst.Arg]:
    """Arguments of a call out of their text."""
    call = parsed(f"f({text})")
    return list(call.args) if isinstance(call, cst.Call) else []


def _must_select(statement: cst.BaseExpression) -> cst.Call:
    found = select_call(statement)
    if found is None:
        raise ValueError(f"no select() in {code_of(statement)}")
    return found


def _selecting(statement: cst.BaseExpression, selected: str) -> cst.BaseExpression:
    """A statement that selects something else."""
    call = _must_select(statement)
    return replaced(statement, call, call.with_changes(args=parsed_arguments(selected)))


def _limit(statement: cst.BaseExpression) -> str | None:
    link = chain_of(statement).link("limit")
    return code_of(link.call.args[0].value) if link is not None and link.call is not None and link.call.args else None


def _order(statement: cst.BaseExpression) -> list[str]:
    link = chain_of(statement).link("order_by")
    return [code_of(item.value) for item in link.call.args] if link is not None and link.call is not None else []


def _without_order(statement: cst.BaseExpression, *further: str) -> cst.BaseExpression:
    """A statement without its order, which no aggregate needs."""
    for link in chain_of(statement).links:
        if link.name in ("order_by", *further) and link.call is not None and isinstance(link.call.func, cst.Attribute):
            return _without_order(replaced(statement, link.call, link.call.func.value), *further)
    return statement


def _column_of(order: str, entity: str | None) -> str:
    """``order_by("id")`` names a column by text.

    >>> _column_of('"-id"', "Line"), _column_of("Line.id", "Line")
    ('Line.id.desc()', 'Line.id')
    """
    found = re.fullmatch(r"""["'](-?)(\w+)( desc)?["']""", order)
    if found is None or entity is None:
        return order
    return f"{entity}.{found[2]}{'.desc()' if found[1] or found[3] else ''}"


def _exists_conditions(node: cst.BaseExpression) -> tuple[list[str], cst.BaseExpression | None] | None:
    """Conditions of ``exists().where(...)``; or the ``select()`` that is asked for rows."""
    chain = chain_of(node)
    if select_call(node) is not None:
        last = chain.links[-1]
        inner = last.call.func.value if last.call is not None and isinstance(last.call.func, cst.Attribute) else None
        return None if last.name != "exists" or inner is None else ([], inner)
    root = chain.root if isinstance(chain.root, cst.Call) else chain.links[0].call if chain.links else None
    if root is None:
        return None
    if root.args:
        given = root.args[0].value
        return ([], given) if select_call(given) is not None and not chain.links else None
    conditions = [
        code_of(item.value) for link in chain.links if link.name == "where" and link.call for item in link.call.args
    ]
    return conditions, None
