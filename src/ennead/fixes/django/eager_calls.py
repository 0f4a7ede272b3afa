"""``select_related`` and ``prefetch_related`` on a query set: put behind it, or into the call that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.line_width import LINE_WIDTH, broken
from ennead.fixes.syntax.method_chain import append_call, call_arguments, extend_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.django.query_place import QueryPlace
    from ennead.fixes.syntax.edits import Edits

_DEFAULT_CHUNK = 2000


def load_relations(edits: Edits, query: QueryPlace, joined: Sequence[str], prefetched: Sequence[str]) -> bool:
    """Let a query set load relations by their paths.

    Returns
    -------
    bool
        Whether anything is left to do: not if the query set names all of them already, or cannot take them.
    """
    joins = _missing(query, "select_related", joined) if joined else []
    prefetches = _missing(query, "prefetch_related", prefetched) if prefetched else []
    if joins is None or prefetches is None or not (joins or prefetches):
        return False
    if not _load_link_columns(edits, query, joins):
        return False
    _add(edits, query, "select_related", joins)
    _add(edits, query, "prefetch_related", prefetches)
    if prefetches:
        give_chunks(edits, query)
    return True


def add_prefetch(edits: Edits, query: QueryPlace, argument: str) -> None:
    """Let a query set prefetch what an expression says, ``Prefetch(...)``."""
    link = query.chain.link("prefetch_related")
    if link is not None and link.call is not None and _is_before_end(query, link.node):
        _extend_in_lines(edits, link.call, argument)
    else:
        append_call(edits, query.node, f".prefetch_related({argument})")
    give_chunks(edits, query)


def _extend_in_lines(edits: Edits, call: cst.Call, argument: str) -> None:
    """Put an argument behind the others, each on a line of its own if one line is too short."""
    source = edits.source
    start, end = source.span(call)
    row = source.text[source.line_start(end) :].splitlines()[0].partition("  #")[0]
    if not call.args or "\n" in source.text[start:end] or len(row) + len(argument) <= LINE_WIDTH:
        extend_call(edits, call, [argument])
        return
    indent = row[: len(row) - len(row.lstrip())]
    first, last = source.outer_span(call.args[0].value)[0], source.outer_span(call.args[-1].value)[1]
    lines = [*(source.text_of(item.value) for item in call.args), broken(argument, f"{indent}    ", len(indent) + 5)]
    gap = f"{source.newline}{indent}    "
    is_plain = all(item.keyword is None and not item.star for item in call.args)
    if is_plain:
        edits.replace_span((first, last), gap + f",{gap}".join(lines) + f",{source.newline}{indent}")
    else:
        extend_call(edits, call, [argument])


def give_chunks(edits: Edits, query: QueryPlace) -> None:
    """``iterator()`` prefetches only if it knows the size of its chunks."""
    link = query.chain.link("iterator", "aiterator")
    if link is not None and link.call is not None and not link.call.args and link.name == "iterator":
        extend_call(edits, link.call, [f"chunk_size={_DEFAULT_CHUNK}"])


def named_paths(query: QueryPlace, method: str) -> list[str]:
    """The paths that a query set loads already by plain names."""
    link = query.chain.link(method)
    if link is None or link.call is None:
        return []
    values = (argument.value for argument in link.call.args)
    return [str(value.evaluated_value) for value in values if isinstance(value, cst.SimpleString)]


def _missing(query: QueryPlace, method: str, paths: Sequence[str]) -> list[str] | None:
    """Paths that a query set does not load yet; ``None`` if it switches them off or takes all there are."""
    link = query.chain.link(method)
    if link is not None and link.call is not None and method == "select_related":
        known = call_arguments(link.call)
        if known == [] or known is None:
            return None
    known = named_paths(query, method)
    return [path for path in paths if not any(name == path or name.startswith(f"{path}__") for name in known)]


def _add(edits: Edits, query: QueryPlace, method: str, paths: Sequence[str]) -> None:
    if not paths:
        return
    arguments = [f'"{path}"' for path in paths]
    link = query.chain.link(method)
    if link is not None and link.call is not None and _is_before_end(query, link.node):
        _extend_paths(edits, link.call, paths)
    else:
        append_call(edits, query.node, f".{method}({', '.join(arguments)})")


def _extend_paths(edits: Edits, call: cst.Call, paths: Sequence[str]) -> None:
    """A longer path stands for the shorter one that it goes on from."""
    new = list(paths)
    for argument in call.args:
        value = argument.value
        if not isinstance(value, cst.SimpleString):
            continue
        known = str(value.evaluated_value)
        longer = next((path for path in new if path.startswith(f"{known}__")), None)
        if longer is not None:
            new.remove(longer)
            edits.replace(value, f"{value.quote}{longer}{value.quote}")
    if new:
        extend_call(edits, call, [f'"{path}"' for path in new])


def _is_before_end(query: QueryPlace, node: cst.BaseExpression) -> bool:
    return query.source.span(node)[1] <= query.source.span(query.node)[1]


def _load_link_columns(edits: Edits, query: QueryPlace, joined: Sequence[str]) -> bool:
    """A foreign key that is left out by ``only()`` or ``defer()`` cannot be joined."""
    fields = list(dict.fromkeys(path.partition("__")[0] for path in joined))
    deferred, only = query.chain.link("defer"), query.chain.link("only")
    if deferred is not None and deferred.call is not None:
        left_out = call_arguments(deferred.call)
        if left_out is None or set(fields) & {name.partition("__")[0] for name in left_out}:
            return False
    if only is not None and only.call is not None and fields:
        named = call_arguments(only.call)
        if named is None:
            return False
        known = {name.partition("__")[0].removesuffix("_id") for name in named}
        lacking = [field for field in fields if field not in known]
        if lacking:
            extend_call(edits, only.call, [f'"{field}"' for field in lacking])
    return True
