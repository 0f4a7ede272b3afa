"""How a read of a collection looks once the query of its rows has loaded what it wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from ennead.fixes.django.collection_read import CollectionRead

_AGGREGATES = frozenset({"Sum", "Avg", "Max", "Min", "Count"})
_FIRST = frozenset({"first", "last", "latest", "earliest"})


@dataclass(frozen=True)
class LoadedForm:
    """What the query of the rows loads, and what is read instead."""

    title: str
    strategy: str
    alias: str
    """The attribute that the rows get; empty where the relation itself is prefetched."""
    value: str
    """``Count("lines")`` for an annotation, ``Prefetch(...)`` without its path for a prefetch."""
    instead: str
    """The new text of the read."""
    annotates: bool
    names: tuple[str, ...] = ()
    """What has to be imported from ``django.db.models``."""
    needs_target: bool = False
    prefetch: Callable[[str], str] | None = field(default=None, compare=False)
    """The prefetch's text for the path to the collection."""


def forms_of(read: CollectionRead, order: list[str] | None, alias_of: Callable[[str], str]) -> list[LoadedForm]:
    """The forms for one read, the best first.

    Parameters
    ----------
    read
        The read.
    order
        Columns that the statement sorted by.
    alias_of
        Makes a name unique.
    """
    terminal = read.terminal
    if read.narrowing is None:
        return []
    if terminal == "count":
        return [*_count(read, alias_of), *_listed(read, alias_of, "len({})")]
    if terminal == "exists":
        return [*_exists(read, alias_of), *_listed(read, alias_of, "bool({})")]
    if terminal == "aggregate":
        return _aggregate(read, alias_of)
    if terminal in _FIRST or terminal == "[]":
        return _first(read, order, alias_of)
    if terminal == "get":
        return _listed(read, alias_of, "{}[0]", extra=_filter_of(read))
    if terminal in ("values_list", "values"):
        taken = _fields(read)
        return _listed(read, alias_of, taken) if taken is not None else []
    return _listed(read, alias_of, "{}") if not terminal else []


def _count(read: CollectionRead, alias_of: Callable[[str], str]) -> list[LoadedForm]:
    conditions = read.conditions()
    if conditions is None:
        return []
    alias, names = alias_of(f"{read.field}_count"), ("Count", "Q") if conditions else ("Count",)
    value = _joined("Count", read.query_name, read, conditions, distinct=True)
    title = f"Count {read.field} with the rows (annotate)"
    return [LoadedForm(title, "annotate", alias, value, f"{read.row_text}.{alias}", annotates=True, names=names)]


def _exists(read: CollectionRead, alias_of: Callable[[str], str]) -> list[LoadedForm]:
    alias = alias_of(f"has_{read.field}")
    title, instead = f"Ask for {read.field} with the rows (Exists)", f"{read.row_text}.{alias}"
    if read.link is not None:
        value = f"Exists({_rows(read)})"
        names = ("Exists", "OuterRef")
        return [LoadedForm(title, "annotate", alias, value, instead, annotates=True, names=names, needs_target=True)]
    return [
        LoadedForm(
            title, form.strategy, form.alias, form.value, f"({form.instead} > 0)", annotates=True, names=form.names
        )
        for form in _count(read, alias_of)
    ]


def _aggregate(read: CollectionRead, alias_of: Callable[[str], str]) -> list[LoadedForm]:
    """Each aggregate in a subquery of its own, where a foreign key leads back; a join multiplies sums."""
    call = read.calls[-1].call
    figures = [_figure(item) for item in call.args] if call is not None else []
    known = [figure for figure in figures if figure is not None]
    if not known or len(known) != len(figures):
        return []
    if any(figure.function == "Count" for figure in known) and read.link is not None:
        return []
    parts = [(alias_of(f"{read.field}_{figure.function.lower()}"), _figure_value(read, figure)) for figure in known]
    if any(value is None for _, value in parts):
        return []
    pairs = zip(known, parts, strict=True)
    instead = ", ".join(f'"{figure.name}": {read.row_text}.{alias}' for figure, (alias, _) in pairs)
    value = ", ".join([str(parts[0][1]), *(f"{alias}={text}" for alias, text in parts[1:])])
    names = {figure.function for figure in known} | ({"OuterRef", "Subquery"} if read.link else {"Q"})
    return [
        LoadedForm(
            f"Aggregate {read.field} with the rows (annotate)",
            "annotate",
            parts[0][0],
            value,
            "{" + instead + "}",
            annotates=True,
            names=tuple(sorted(name for name in names if f"{name}(" in value)),
            needs_target=read.link is not None,
        )
    ]


def _figure_value(read: CollectionRead, figure: _Figure) -> str | None:
    conditions = read.conditions()
    if read.link is not None:
        rows = f'{_rows(read)}.order_by().values("{read.link}")'
        return f'Subquery({rows}.annotate(value={figure.function}("{figure.column}")).values("value"))'
    if conditions is None:
        return None
    return _joined(figure.function, f"{read.query_name}__{figure.column}", read, conditions, distinct=False)


@dataclass(frozen=True)
class _Figure:
    name: str
    function: str
    column: str


def _figure(item: cst.Arg) -> _Figure | None:
    """``total=Sum("price")`` and ``Sum("price")``."""
    call = item.value
    if not isinstance(call, cst.Call) or not call.args or not isinstance(call.args[0].value, cst.SimpleString):
        return None
    function = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    column = str(call.args[0].value.evaluated_value)
    if function not in _AGGREGATES or call.args[0].keyword is not None or len(call.args) > 1:
        return None
    name = item.keyword.value if item.keyword is not None else f"{column}__{function.lower()}"
    return _Figure(name, function, column)


def _first(read: CollectionRead, order: list[str] | None, alias_of: Callable[[str], str]) -> list[LoadedForm]:
    """The first rows of each, cut by the prefetch itself."""
    size, taken = _cut(read)
    if size is None or read.narrowing is None or order is None:
        return []
    kept = tuple(link for link in read.narrowing if link.name not in ("order_by", "reverse"))
    sort = ", ".join(f'"{column}"' for column in order)
    rows = f"{read.target}.objects{read.written(kept)}{f'.order_by({sort})' if order else '.all()'}[:{size}]"
    alias = alias_of(f"first_{read.field}")
    title = f"Prefetch the first of {read.field} of each row"
    return [_prefetch(title, rows, alias, taken.format(f"{read.row_text}.{alias}"))]


def _cut(read: CollectionRead) -> tuple[str | None, str]:
    """How many rows are taken from the start, and what is read of them."""
    terminal = read.terminal
    if terminal in ("first", "last"):
        return "1", "next(iter({}), None)"
    if terminal in ("latest", "earliest"):
        return "1", "{}[0]"
    node = read.last
    if not isinstance(node, cst.Subscript) or len(node.slice) != 1:
        return None, ""
    part = node.slice[0].slice
    if isinstance(part, cst.Index):
        return ("1", "{}[0]") if read.source.text_of(part.value) == "0" else (None, "")
    is_plain = isinstance(part, cst.Slice) and part.lower is None and part.step is None
    if not is_plain or not isinstance(part, cst.Slice) or not isinstance(part.upper, cst.Integer):
        return None, ""
    return part.upper.value, "{}"


def _listed(read: CollectionRead, alias_of: Callable[[str], str], taken: str, extra: str = "") -> list[LoadedForm]:
    """The rows that are wanted, prefetched under a name of their own; all of them under the relation's."""
    narrowing = read.written(read.narrowing or ()) + extra
    if not narrowing and read.own is None:
        instead = taken.format(f"{read.row_text}.{read.field}.all()")
        title = f"Prefetch {read.field} of all rows"
        return [LoadedForm(title, "prefetch", "", "", instead, annotates=False, prefetch=lambda path: f'"{path}"')]
    alias = alias_of(f"{read.field}_wanted" if narrowing else f"all_{read.field}")
    rows = f"{read.target}.objects{narrowing or '.all()'}"
    title = f"Prefetch the {read.field} that are used"
    return [_prefetch(title, rows, alias, taken.format(f"{read.row_text}.{alias}"))]


def _prefetch(title: str, rows: str, alias: str, instead: str) -> LoadedForm:
    def prefetch(path: str) -> str:
        return f'Prefetch("{path}", queryset={rows}, to_attr="{alias}")'

    names = ("Prefetch",)
    return LoadedForm(
        title, "prefetch-object", alias, "", instead, annotates=False, names=names, needs_target=True, prefetch=prefetch
    )


def _fields(read: CollectionRead) -> str | None:
    """Fields of objects, in the form that ``values_list`` or ``values`` gives them."""
    call = read.calls[-1].call
    columns: list[str] = []
    is_flat = False
    for item in call.args if call is not None else ():
        if item.keyword is not None:
            is_flat = item.keyword.value == "flat" and read.source.text_of(item.value) == "True"
            if not is_flat:
                return None
        elif isinstance(item.value, cst.SimpleString) and "__" not in str(item.value.evaluated_value):
            columns.append(str(item.value.evaluated_value))
        else:
            return None
    if not columns:
        return None
    if read.terminal == "values":
        pairs = ", ".join(f'"{column}": item.{column}' for column in columns)
        return f"[{{{{{pairs}}}}} for item in {{}}]"
    one = ", ".join(f"item.{column}" for column in columns)
    value = one if is_flat else f"({one},)" if len(columns) == 1 else f"({one})"
    return f"[{value} for item in {{}}]"


def _filter_of(read: CollectionRead) -> str:
    given = ", ".join(read.arguments(read.calls[-1]))
    return f".filter({given})" if given else ""


def _rows(read: CollectionRead) -> str:
    narrowing = read.written(tuple(link for link in read.narrowing or () if link.name != "order_by"))
    return f'{read.target}.objects.filter({read.link}=OuterRef("pk")){narrowing}'


def _joined(function: str, what: str, read: CollectionRead, conditions: dict[str, str], *, distinct: bool) -> str:
    """``Count("lines", filter=Q(lines__sent=True), distinct=True)``."""
    condition = ", ".join(f"{read.query_name}__{name}={value}" for name, value in conditions.items())
    parts = [f'"{what}"', *([f"filter=Q({condition})"] if condition else []), *(["distinct=True"] if distinct else [])]
    return f"{function}({', '.join(parts)})"
