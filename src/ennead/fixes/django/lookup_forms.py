"""One query for all values of a loop, and what is read of its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from ennead.fixes.django.lookup_read import Condition, LookupRead

_AGGREGATES = frozenset({"Sum", "Avg", "Max", "Min", "Count"})
_FIRST = frozenset({"first", "last", "latest", "earliest", "[0]"})
_MODELS, _FUNCTIONS = "django.db.models", "django.db.models.functions"


@dataclass(frozen=True)
class LookupForm:
    """What stands in front of the loop, and what in it."""

    title: str
    strategy: str
    name: str
    """A good name for the result."""
    setup: str
    """Lines with ``{name}`` for the result's name."""
    instead: str
    """The new text of the look-up, with ``{name}`` and ``{key}`` to be replaced."""
    imports: tuple[tuple[str, str], ...] = ()
    """Module and name."""
    hint: str = "dict[Any, Any]"
    """The result's type. Its keys may be anything: those of a column that may be null are of two types."""


@dataclass(frozen=True)
class AskedAtOnce:
    """The look-up for all values: which conditions vary, and what the others are."""

    read: LookupRead
    varying: tuple[Condition, ...]
    fixed: tuple[Condition, ...]
    order: tuple[str, ...]
    is_asynchronous: bool
    key_lists: tuple[str, ...]

    @property
    def columns(self) -> str:
        """The compared columns, quoted."""
        return ", ".join(f'"{condition.field}"' for condition in self.varying)

    @property
    def key(self) -> str:
        """The key of a row."""
        parts = [f"item.{condition.attribute}" for condition in self.varying]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    @property
    def spans_models(self) -> bool:
        """A compared column is of another model: rows do not have it."""
        return any("__" in condition.field for condition in self.varying)

    @property
    def rows(self) -> str:
        """The query set of all of them."""
        several = [
            f"{condition.field}__in={keys}" for condition, keys in zip(self.varying, self.key_lists, strict=True)
        ]
        single = [f"{item.field}={self.read.source.text_of(item.value)}" for item in self.fixed]
        return f"{self.read.manager}.filter({', '.join([*several, *single])}){''.join(self.read.kept)}"

    @property
    def row_type(self) -> str:
        """The type of a row; rows with further attributes have one of their own."""
        return "Any" if any(text.startswith(".annotate(") for text in self.read.kept) else self.read.model

    @property
    def loop(self) -> str:
        """``for``, or ``async for``."""
        return "async for" if self.is_asynchronous else "for"

    @property
    def named(self) -> str:
        """``customer_by_number``."""
        return "_".join([_lower(self.read.model), "by", *(condition.field for condition in self.varying)])


def forms_of(asked: AskedAtOnce) -> list[LookupForm]:
    """The forms for one look-up, the best first."""
    terminal = asked.read.terminal
    title = f"Fetch the {asked.read.model} rows of all values at once"
    if terminal == "exists":
        return [_exists(asked)]
    if terminal == "count" and not asked.read.columns:
        return [_count(asked)]
    if terminal == "aggregate":
        return _aggregate(asked)
    if terminal in ("get", "in_bulk"):
        return _single(asked, title)
    if terminal in _FIRST:
        return _first(asked)
    return [_lists(asked, title)] if not terminal and not asked.spans_models else []


def _single(asked: AskedAtOnce, title: str) -> list[LookupForm]:
    if asked.spans_models:
        return []
    if asked.read.columns:
        return _single_values(asked, title)
    varying, instead = asked.varying, "{name}" if asked.read.terminal == "in_bulk" else "{name}[{key}]"
    hint = f"dict[Any, {asked.row_type}]"
    if len(varying) == 1 and varying[0].field in ("pk", "id") and not asked.fixed:
        method = "await {}.ain_bulk({})" if asked.is_asynchronous else "{}.in_bulk({})"
        setup = "{name} = " + method.format(asked.read.manager + "".join(asked.read.kept), asked.key_lists[0])
        return [LookupForm(title, "in-bulk", asked.named, setup, instead, hint=hint)]
    setup = f"{{name}} = {{{asked.key}: item {asked.loop} item in {asked.rows}}}"
    return [LookupForm(title, "in-query", asked.named, setup, instead, hint=hint)]


def _single_values(asked: AskedAtOnce, title: str) -> list[LookupForm]:
    fields = ", ".join(f'"{column}"' for column in asked.read.columns)
    if len(asked.varying) != 1 or asked.is_asynchronous:
        return []
    rows = f"{asked.rows}.values_list({asked.columns}, {fields})"
    if asked.read.is_flat:
        return [LookupForm(title, "in-query", asked.named, f"{{name}} = dict({rows})", "{name}[{key}]")]
    return [
        LookupForm(title, "in-query", asked.named, f"{{name}} = {{row[0]: row[1:] for row in {rows}}}", "{name}[{key}]")
    ]


def _lists(asked: AskedAtOnce, title: str) -> LookupForm:
    imports = (("collections", "defaultdict"),)
    if asked.read.columns:
        fields = ", ".join(f'"{column}"' for column in asked.read.columns)
        size = len(asked.varying)
        key, value = (
            ("row[0]" if size == 1 else f"row[:{size}]"),
            (f"row[{size}]" if asked.read.is_flat else f"row[{size}:]"),
        )
        rows = f"{asked.rows}.values_list({asked.columns}, {fields})"
        body = f"{asked.loop} row in {rows}:\n    {{name}}[{key}].append({value})"
    else:
        body = f"{asked.loop} item in {asked.rows}:\n    {{name}}[{asked.key}].append(item)"
    name = "_".join([f"{_plural(asked)}_by", *(condition.field for condition in asked.varying)])
    hint = f"dict[Any, list[{'Any' if asked.read.columns else asked.row_type}]]"
    return LookupForm(title, "in-query", name, f"{{name}} = defaultdict(list)\n{body}", "{name}[{key}]", imports, hint)


def _first(asked: AskedAtOnce) -> list[LookupForm]:
    """The database numbers the rows of each value and keeps the first."""
    if not asked.order or asked.spans_models or asked.read.columns:
        return []
    order = ", ".join(f'"{column}"' for column in asked.order)
    order = order if len(asked.order) == 1 else f"[{order}]"
    by = asked.columns if len(asked.varying) == 1 else f"[{asked.columns}]"
    rows = f"{asked.rows}.annotate(place=Window(RowNumber(), partition_by={by}, order_by={order})).filter(place=1)"
    setup = f"{{name}} = {{{asked.key}: item {asked.loop} item in {rows}}}"
    instead = "{name}.get({key})" if asked.read.terminal in ("first", "last") else "{name}[{key}]"
    title = f"Fetch the first {asked.read.model} row of each value at once"
    imports = ((_MODELS, "Window"), (_FUNCTIONS, "RowNumber"))
    return [LookupForm(title, "window", asked.named, setup, instead, imports)]


def _exists(asked: AskedAtOnce) -> LookupForm:
    name = "known_" + "_".join(_plural_of(condition.field) for condition in asked.varying)
    flat = ", flat=True" if len(asked.varying) == 1 else ""
    rows = f"{asked.rows}.values_list({asked.columns}{flat})"
    setup = f"{{name}} = {{key async for key in {rows}}}" if asked.is_asynchronous else f"{{name}} = set({rows})"
    title = f"Ask for the {asked.read.model} rows that exist at once"
    return LookupForm(title, "in-query", name, setup, "({key} in {name})", hint="set[Any]")


def _count(asked: AskedAtOnce) -> LookupForm:
    figures = _figures(asked, 'Count("pk")')
    name = f"{_lower(asked.read.model)}_counts"
    title = f"Count the {asked.read.model} rows of all values at once"
    imports = ((_MODELS, "Count"),)
    return LookupForm(title, "aggregate", name, figures, "{name}.get({key}, 0)", imports, "dict[Any, int]")


def _aggregate(asked: AskedAtOnce) -> list[LookupForm]:
    last = asked.read.last
    item = last.args[0] if last is not None and len(last.args) == 1 else None
    call = item.value if item is not None else None
    if item is None or not isinstance(call, cst.Call) or not call.args or asked.is_asynchronous:
        return []
    function = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    column = call.args[0].value
    if function not in _AGGREGATES or not isinstance(column, cst.SimpleString):
        return []
    label = item.keyword.value if item.keyword is not None else f"{column.evaluated_value!s}__{function.lower()}"
    default = ", 0" if function == "Count" else ""
    figures = _figures(asked, asked.read.source.text_of(call))
    instead = f'{{"{label}": {{name}}.get({{key}}{default})}}'
    title = f"Aggregate the {asked.read.model} rows of all values at once"
    return [LookupForm(title, "aggregate", f"{_lower(asked.read.model)}_{label}", figures, instead)]


def _figures(asked: AskedAtOnce, value: str) -> str:
    rows = f"{asked.rows}.order_by().values_list({asked.columns}).annotate({value})"
    if len(asked.varying) == 1 and not asked.is_asynchronous:
        return f"{{name}} = dict({rows})"
    key = "row[0]" if len(asked.varying) == 1 else "row[:-1]"
    return f"{{name}} = {{{key}: row[-1] {asked.loop} row in {rows}}}"


def _lower(model: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in model).lstrip("_")


def _plural(asked: AskedAtOnce) -> str:
    return _plural_of(_lower(asked.read.model))


def _plural_of(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"
