"""Finding the loop around an access, from recorded frames and the source's syntax tree.

Goal: the header of the loop that ran the access once per item: ``for``, ``while``, a comprehension, a template's
``for``, or the call that iterates (``map``, ``sorted``, ``gather``, a serializer's ``.data``).

Known limits: a loop in a file that cannot be read is not found; in a one-line template all loops share a line.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from os.path import isabs
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ennead.domains.nplusone.syntax_tree import parse_quietly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ennead.kernel.call_site import CallSite

_CELL = -1
"""In place of the time of change: a cell that is changed gets another name."""
Loop = ast.For | ast.AsyncFor | ast.While | ast.comprehension
Parents = dict[ast.AST, ast.AST]
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_COMPREHENSION_FRAMES = dict(zip(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"), _COMPREHENSIONS, strict=True))
_ITERATING_CALLS = frozenset(
    [
        "map",
        "filter",
        "sorted",
        "list",
        "tuple",
        "set",
        "dict",
        "frozenset",
        "sum",
        "any",
        "all",
        "max",
        "min",
        "join",
        "gather",
        "reduce",
        "render",
        "render_to_string",
        "render_to_response",
        "as_completed",
        "submit",
        "to_representation",
        "dumps",
        "dump",
        "serialize",
        "writerows",
        "extend",
        "update",
        "from_iterable",
        "chain",
        "groupby",
        "deque",
        "Counter",
        "execute",
        "execute_async",
        "execute_sync",
        "model_dump",
        "model_validate",
        "validate_python",
        "TypeAdapter",
        "jsonable_encoder",
        "run_sync",
        "starmap",
        "imap",
    ]
)
_RANGE_WITH_STEP = 3


class FoundLoop(NamedTuple):
    """A loop around the access."""

    site: CallSite
    depth: int
    """Index in the call path of the frame that holds it."""
    over: Literal["rows", "steps", "constants"]
    """What it iterates over: rows or items; steps that are no rows (``range``, ``while True``, parts of a text); or a
    fixed list written in the source, whose length does not follow the data."""
    length: int | None = None
    """Turns of a loop over constants, where they can be counted in the source."""
    is_while: bool = False
    by_iterating: bool = False
    """The instruction asks this loop's own iterator for the next item."""
    waits: bool = False
    """Its body sleeps or waits."""
    in_condition: bool = False
    """The access is in the condition of a ``while``: its answer decides whether the loop goes on."""

    @property
    def rank(self) -> int:
        """0 for rows: the lower, the likelier that this is the loop that repeats the access."""
        return ("rows", "steps", "constants").index(self.over)


@dataclass(frozen=True)
class SourceFile:
    """A parsed Python file."""

    lines: tuple[str, ...]
    tree: ast.Module

    def parents_near(self, line: int) -> Parents:
        """The parent of every node, those in statements that do not reach to a line left out; outer nodes first."""
        parents: Parents = {}
        waiting: deque[ast.AST] = deque([self.tree])
        while waiting:
            node = waiting.popleft()
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.stmt) or _reaches(child, line):
                    parents[child] = node
                    waiting.append(child)
        return parents

    @cached_property
    def assigned(self) -> Mapping[str, Sequence[ast.expr]]:
        """Every value that a name is given anywhere in the file."""
        values: dict[str, list[ast.expr]] = {}
        for item in ast.walk(self.tree):
            if isinstance(item, ast.Assign | ast.AnnAssign) and item.value is not None:
                targets = item.targets if isinstance(item, ast.Assign) else [item.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        values.setdefault(target.id, []).append(item.value)
        return values


def enclosing_loops(call_path: Sequence[CallSite], entry: CallSite | None, root: str) -> Iterator[FoundLoop]:
    """The loops around an access, innermost first, across functions and templates.

    Parameters
    ----------
    call_path
        The user's frames from the access outwards.
    entry
        The line that opened the unit of work in the user's code: loops around it are not part of the work.
    root
        Folder that relative file names start from.
    """
    for depth, site in enumerate(inside_entry(call_path, entry)):
        first_line = entry.line if entry and _is_entry_frame(site, entry) else 0
        for loop in _loops_at(site, root):
            if loop.site.line < first_line:
                continue
            # The access is what is iterated over: its own first row, once for each turn of a loop further out.
            own_header = depth == 0 and site.note == "iterates" and loop.by_iterating
            yield loop._replace(depth=depth, over="steps" if own_header else loop.over)


def inside_entry(call_path: Sequence[CallSite], entry: CallSite | None) -> Sequence[CallSite]:
    """The frames up to the one that opened the unit of work."""
    if entry is not None:
        for depth, site in enumerate(call_path):
            if _is_entry_frame(site, entry):
                return call_path[: depth + 1]
    return call_path


def asks_until(call_path: Sequence[CallSite], entry: CallSite | None, root: str) -> bool:
    """Whether the innermost loop is one of attempts: a poll that waits between its questions, or a retry."""
    loop = next(iter(enclosing_loops(call_path, entry, root)), None)
    if loop is None or loop.length is not None:
        return False
    return loop.waits or (not loop.in_condition and (loop.is_while or loop.over in ("steps", "constants")))


def iterating_call(call_path: Sequence[CallSite], root: str) -> CallSite | None:
    """The call that iterates, where no loop is written: a library walks over the items and calls back.

    A function's call of itself iterates. Else it is the innermost call with a name known for iterating, else the
    innermost frame whose expression is not simply a call of the next frame further in, else the access itself:
    something it called must iterate.
    """
    fallback: CallSite | None = None
    for inner, outer in pairwise(call_path):
        if outer.language != "python" or outer.note:
            continue
        if (inner.file, inner.function) == (outer.file, outer.function):
            return outer
        callee = _callee(outer, root)
        if callee in _ITERATING_CALLS:
            return outer
        if fallback is None and callee and not _is_plain_call(inner, callee):
            fallback = outer
    access = call_path[0] if call_path else None
    if access is not None and _names_iterating_call(access, root):
        return access
    return fallback or access


def _is_entry_frame(site: CallSite, entry: CallSite) -> bool:
    return (site.file, site.function) == (entry.file, entry.function)


def _loops_at(site: CallSite, root: str) -> Iterator[FoundLoop]:
    if site.note and site.note.startswith("for"):
        yield FoundLoop(replace(site, note=None), 0, "rows")
    if site.language == "jinja2":
        yield from _template_loops(site, root)
    elif site.language == "python" and (site.column is not None or not site.note):
        path = _absolute(site.file, root)
        yield from _known_loops(path, _stamp_of(path), site, site.note)


# ------------------------------------------------------------------------------------------------ Python


@lru_cache(maxsize=8192)
def _known_loops(path: str, stamp: int | None, site: CallSite, note: str | None) -> tuple[FoundLoop, ...]:
    """The loops at a place; remembered until its file changes, while the tree may be forgotten."""
    source = _parse(path, stamp) if stamp is not None else None
    if source is None:
        return ()
    parents = source.parents_near(site.line)
    node = node_at(parents, site)
    return () if node is None else tuple(_python_loops(source, parents, node, site, iterates=note == "iterates"))


def _python_loops(
    source: SourceFile, parents: Parents, node: ast.AST, site: CallSite, *, iterates: bool
) -> Iterator[FoundLoop]:
    inner: ast.AST = node
    own_frame = _has_own_frame(node, site, parents)
    if (iterates or own_frame) and isinstance(node, (*_COMPREHENSIONS, ast.For, ast.AsyncFor)):
        # Before 3.12 the place of asking for the next item, or for the truth of a condition, is the whole loop.
        whole = node.generators[0] if isinstance(node, _COMPREHENSIONS) else node
        yield _found(whole, node, site, source)._replace(by_iterating=iterates)
        iterates = False
    while not own_frame:
        parent = parents.get(inner)
        if parent is None or _is_body_of_scope(parent, inner):
            return
        for loop in _loops_around(parent, inner, iterates=iterates):
            found = _found(loop, parent, site, source)
            condition = isinstance(parent, ast.While) and inner is parent.test
            yield found._replace(in_condition=condition, by_iterating=iterates)
            iterates = False
        own_frame = _has_own_frame(parent, site, parents)
        inner = parent


def _has_own_frame(node: ast.AST, site: CallSite, parents: Parents) -> bool:
    """Whether the site's frame is that of this comprehension: what is around it is told by the next frame outwards."""
    frame = site.function.rpartition(".")[2]
    kind = _COMPREHENSION_FRAMES.get(frame)
    return kind is not None and isinstance(node, kind) and site.function.count(frame) == _nesting(node, kind, parents)


def _nesting(node: ast.AST, kind: type[ast.AST], parents: Parents) -> int:
    """How many comprehensions of its kind a comprehension stands in, itself counted; a first iterable is outside."""
    count, inner, before = 1, node, node
    while (parent := parents.get(inner)) is not None and not _is_body_of_scope(parent, inner):
        if isinstance(parent, kind):
            first = parent.generators[0] if isinstance(parent, _COMPREHENSIONS) else None
            count += not (inner is first and before is first.iter)
        inner, before = parent, inner
    return count


def _is_body_of_scope(parent: ast.AST, inner: ast.AST) -> bool:
    """Defaults, decorators and base classes are no part of the scope: they run where it is defined."""
    if isinstance(parent, ast.Lambda):
        return inner is parent.body
    return isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and inner in parent.body


def _loops_around(parent: ast.AST, inner: ast.AST, *, iterates: bool) -> Iterator[Loop]:
    """The loops that ``parent`` is and whose body, not header, holds ``inner``."""
    if isinstance(parent, ast.For | ast.AsyncFor):
        if inner in parent.body or (iterates and inner is parent.iter):
            yield parent
    elif isinstance(parent, ast.While):
        if inner is parent.test or inner in parent.body:
            yield parent
    elif isinstance(parent, _COMPREHENSIONS):
        generators = parent.generators
        if not isinstance(inner, ast.comprehension):
            yield from reversed(generators)
            return
        position = generators.index(inner)
        yield from reversed(generators[:position])
    elif isinstance(parent, ast.comprehension) and (inner in parent.ifs or (iterates and inner is parent.iter)):
        yield parent


def _found(loop: Loop, parent: ast.AST, site: CallSite, source: SourceFile) -> FoundLoop:
    line = loop.target.lineno if isinstance(loop, ast.comprehension) else loop.lineno
    text = source.lines[line - 1].strip() if line <= len(source.lines) else None
    place = replace(site, line=line, source=text, column=None, end_line=None, end_column=None, note=None)
    if isinstance(loop, ast.While):
        steps = isinstance(loop.test, ast.Constant) or _follows_links(loop)
        return FoundLoop(place, 0, "steps" if steps else "rows", is_while=True, waits=_waits(loop))
    over = _iterated(loop, parent, source)
    length = _length(loop.iter, source) if over == "constants" else None
    return FoundLoop(place, 0, over, length, waits=isinstance(loop, ast.For | ast.AsyncFor) and _waits(loop))


def _follows_links(loop: ast.While) -> bool:
    """Whether it goes from one object to the next: ``node = node.parent``."""
    return any(
        isinstance(item, ast.Assign)
        and isinstance(item.value, ast.Attribute)
        and isinstance(item.value.value, ast.Name)
        and any(isinstance(target, ast.Name) and target.id == item.value.value.id for target in item.targets)
        for item in ast.walk(loop)
    )


def _waits(loop: ast.AST) -> bool:
    return any(isinstance(item, ast.Call) and _called_name(item) in ("sleep", "wait") for item in ast.walk(loop))


def _length(node: ast.expr, source: SourceFile, hops: int = 3) -> int | None:
    """How many items a fixed list written in the source has."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return len(node.elts)
    if isinstance(node, ast.Dict):
        return len(node.keys)
    if isinstance(node, ast.Call) and node.args and _called_name(node) != "range":
        return _length(node.args[0], source, hops)
    if isinstance(node, ast.Name) and hops:
        lengths = {_length(value, source, hops - 1) for value in source.assigned.get(node.id, ())}
        return lengths.pop() if len(lengths) == 1 else None
    return None


def _iterated(
    loop: ast.For | ast.AsyncFor | ast.comprehension, parent: ast.AST, source: SourceFile
) -> Literal["rows", "steps", "constants"]:
    if _is_constant(loop.iter, source, parent):
        return "constants"
    return "steps" if _is_steps(loop.iter) else "rows"


def _is_steps(node: ast.expr) -> bool:
    """Counters, and parts of a text: ``range(attempts)``, ``path.split(".")``."""
    if not isinstance(node, ast.Call):
        return False
    name = _called_name(node)
    if name in ("count", "split", "splitlines", "partition"):
        return True
    sizes = [item for item in ast.walk(node) if isinstance(item, ast.Call) and _called_name(item) == "len"]
    return name == "range" and (not sizes or len(node.args) == _RANGE_WITH_STEP)


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _is_constant(node: ast.expr, source: SourceFile, scope: ast.AST, hops: int = 3) -> bool:
    """Whether an iterated expression is a fixed list written in the source."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(_is_constant(item, source, scope, hops) or _is_enum_member(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_constant(key, source, scope, hops) for key in node.keys)
    if isinstance(node, ast.Call):
        return _is_constant_call(node, source, scope, hops)
    if isinstance(node, ast.Attribute):
        is_choices = node.attr in ("choices", "values", "labels", "names") and _looks_like_class(node.value)
        return is_choices or _is_constant_attribute(node, source, scope, hops)
    if isinstance(node, ast.Name):
        return _looks_like_class(node) or (hops > 0 and _is_constant_name(node, source, scope, hops - 1))
    return False


def _is_constant_call(node: ast.Call, source: SourceFile, scope: ast.AST, hops: int) -> bool:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values"):
        return _is_constant(node.func.value, source, scope, hops)
    if name in ("range", "enumerate", "list", "tuple", "sorted", "reversed", "zip", "set"):
        return bool(node.args) and all(_is_constant(item, source, scope, hops) for item in node.args)
    return False


def _is_enum_member(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and _looks_like_class(node.value) and node.attr.isupper()


def _looks_like_class(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return len(name) > 1 and name[0].isupper() and not name.isupper()


def _is_constant_name(node: ast.Name, source: SourceFile, scope: ast.AST, hops: int) -> bool:
    values = source.assigned.get(node.id, ())
    if not values:  # imported: by convention a constant's name is in capitals
        return len(node.id) > 1 and node.id.isupper()
    return all(_is_constant(value, source, scope, hops) for value in values)


def _is_constant_attribute(node: ast.Attribute, source: SourceFile, scope: ast.AST, hops: int) -> bool:
    """``self.fields`` where every class of the file that has such an attribute writes it out."""
    if hops <= 0 or not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
        return False
    values = [
        item.value
        for owner in ast.walk(source.tree)
        if isinstance(owner, ast.ClassDef)
        for item in owner.body
        if isinstance(item, ast.Assign | ast.AnnAssign) and item.value is not None and _assigns(item, node.attr)
    ]
    return bool(values) and all(_is_constant(value, source, scope, hops - 1) for value in values)


def _assigns(item: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _callee(site: CallSite, root: str) -> str:
    path = _absolute(site.file, root)
    return _known_callee(path, _stamp_of(path), site)


@lru_cache(maxsize=8192)
def _known_callee(path: str, stamp: int | None, site: CallSite) -> str:
    source = _parse(path, stamp) if stamp is not None else None
    node = node_at(source.parents_near(site.line), site) if source else None
    if isinstance(node, ast.Expr):
        node = node.value
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _names_iterating_call(site: CallSite, root: str) -> bool:
    return site.language == "python" and not site.note and _callee(site, root) in _ITERATING_CALLS


def _is_plain_call(inner: CallSite, callee: str) -> bool:
    """Whether the outer frame just called the inner one by its name, or through an operator."""
    name = inner.function.rsplit(".", 1)[-1]
    return name == callee or (name.startswith("__") and name not in ("__iter__", "__next__"))


def node_at(nodes: Iterable[ast.AST], site: CallSite) -> ast.AST | None:
    """The smallest expression or statement that covers the instruction at a call site; outer nodes come first."""
    best: ast.AST | None = None
    best_size = float("inf")
    start = (site.line, site.column if site.column is not None else -1)
    end = (site.end_line or site.line, site.end_column if site.end_column is not None else -1)
    for node in nodes:
        span = _span(node)
        if span is None or not _covers(span, start, end, exact=site.column is not None):
            continue
        size = (span[1][0] - span[0][0]) * 10_000 + span[1][1] - span[0][1]
        if size < best_size or (site.column is None and size > best_size and isinstance(node, ast.stmt)):
            best, best_size = node, size
    return best


Point = tuple[int, int]


def _span(node: ast.AST) -> tuple[Point, Point] | None:
    if not isinstance(node, ast.expr | ast.stmt):
        return None
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


def _reaches(node: ast.stmt, line: int) -> bool:
    """Whether a line is one of a statement's; decorators stand in front of theirs."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min([node.lineno, *(each.lineno for each in decorators)]) <= line <= (node.end_lineno or node.lineno)


def _covers(span: tuple[Point, Point], start: Point, end: Point, *, exact: bool) -> bool:
    if exact:
        return span[0] <= start and end <= span[1]
    return span[0][0] <= start[0] <= span[1][0]


def read_source(path: str) -> SourceFile | None:
    """Parse a file or a notebook's cell; remembered until it changes. ``None`` if it cannot be read or parsed."""
    stamp = _stamp_of(path)
    return None if stamp is None else _parse(path, stamp)


def _stamp_of(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 -- asked for every place of every analysis
    except (OSError, ValueError):  # a record from elsewhere may name what can be no file
        return _CELL if _is_cell(path) else None


def _is_cell(path: str) -> bool:
    """Whether it is no file, but a cell that IPython left where tracebacks find its lines: with no time of change."""
    entry = linecache.cache.get(path, ())
    return len(entry) > 1 and entry[1] is None


@lru_cache(maxsize=8)
def _parse(path: str, stamp: int) -> SourceFile | None:
    """Few are kept: a tree is thousands of objects, which the host's garbage collector goes through again and again."""
    try:
        text = "".join(linecache.getlines(path)) if stamp == _CELL else Path(path).read_text(encoding="utf-8")
        tree = parse_quietly(text)
    except (OSError, SyntaxError, ValueError):
        return None
    return SourceFile(tuple(text.splitlines()), tree)


def _absolute(file: str, root: str) -> str:
    return file if isabs(file) or file.startswith("<") else f"{root}/{file}"  # noqa: PTH117 -- asked for every place


# ------------------------------------------------------------------------------------------------ Jinja2

_TEMPLATE_TAG = re.compile(r"\{%-?\+?\s*(for|endfor)\b")


def _template_loops(site: CallSite, root: str) -> Iterator[FoundLoop]:
    """The ``{% for %}`` blocks around a template's line, innermost first."""
    path = _absolute(site.file, root)
    lines = _template_lines(path, _stamp_of(path))
    open_lines: list[int] = []
    closing: list[tuple[int, int]] = []
    for number, line in enumerate(lines, start=1):
        for tag in _TEMPLATE_TAG.findall(line):
            if tag == "for":
                open_lines.append(number)
            elif open_lines:
                closing.append((open_lines.pop(), number))
    around = [first for first, last in closing if first <= site.line <= last and (first < site.line or first == last)]
    for first in sorted(around, reverse=True):
        place = replace(site, line=first, source=lines[first - 1].strip(), note=None)
        yield FoundLoop(place, 0, "rows")


@lru_cache(maxsize=32)
def _template_lines(path: str, stamp: int | None) -> tuple[str, ...]:
    """Remembered until the file changes."""
    if stamp is None:
        return ()
    try:
        return tuple(Path(path).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return ()
