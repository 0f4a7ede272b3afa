"""The values that an expression takes in a loop, told before the loop begins.

An expression in a loop, or in a function that a loop calls, depends on the loop's items. Before the loop the same
values are ``[expression for item in items]``. To say that, the parameters of functions on the way are replaced by what
their callers give them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.bindings import argument_for, bindings_of, parameters_of
from ennead.fixes.syntax.loops import Loop, item_loops
from ennead.fixes.syntax.names import free_names
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite

_MAPPING = frozenset({"map", "filter", "imap", "imap_unordered", "starmap", "filterfalse", "takewhile", "dropwhile"})
_SORTING = frozenset({"sorted", "max", "min", "sort", "groupby", "nlargest", "nsmallest"})
_STARTING = frozenset({"submit", "to_thread", "run_in_executor", "apply_async", "partial", "create_task"})
_MOST_CALLERS = 5


@dataclass(frozen=True)
class Passed:
    """A call on the way from the loop to the expression."""

    source: SourceFile
    call: cst.Call | None
    """``None`` where a function is handed over instead of being called."""
    callee: SourceFile
    function: cst.FunctionDef


@dataclass(frozen=True)
class LoopValues:
    """Expressions of one place, as they can be said where the loop is."""

    source: SourceFile
    """The file of the loop."""
    texts: tuple[str, ...]
    """The expressions, in the words of the loop's function."""
    loops: tuple[Loop, ...]
    """The loops that bind the names in them, outermost first."""
    before: cst.CSTNode
    """The values are known in front of this node's statement."""
    passed: tuple[Passed, ...] = ()
    """Calls from the loop to the expressions, outermost first; functions inside of the loop's own are left out."""

    @property
    def function(self) -> cst.FunctionDef | None:
        """The function of the loop."""
        return self.source.function_of(self.before)

    @property
    def is_asynchronous(self) -> bool:
        """Whether the loop's function is a coroutine."""
        return self.function is not None and self.function.asynchronous is not None

    def knows(self, names: set[str], near: cst.CSTNode) -> bool:
        """Whether names that are read at a place of the same file mean the same in front of the loop."""
        return _are_known(self.source, names, self.before, near)


@dataclass(frozen=True)
class _Frame:
    """Expressions in the words of one function."""

    source: SourceFile
    near: cst.CSTNode
    texts: tuple[str, ...]
    names: frozenset[str]
    passed: tuple[Passed, ...] = ()


def loop_values(
    sources: ProjectSources,
    source: SourceFile,
    near: cst.CSTNode,
    expressions: Sequence[cst.BaseExpression],
    path: Sequence[CallSite],
) -> LoopValues | None:
    """Where expressions get their values from; ``None`` if that cannot be told.

    Parameters
    ----------
    sources
        The project.
    source, near
        Where the expressions stand.
    expressions
        What varies.
    path
        Call sites from the place outwards.
    """
    names = frozenset(name.value for node in expressions for name in free_names(source, node))
    frame = _Frame(source, near, tuple(source.text_of(node) for node in expressions), names)
    for number in range(_MOST_CALLERS):
        frame = _with_assigned(frame)
        found = _in_function(frame)
        if found is not None:
            return found
        mapped = next(_callers(sources, frame, path[number:]), None)
        if isinstance(mapped, LoopValues):
            return mapped
        if mapped is None:
            return None
        frame = mapped
    return None


# ---------------------------------------------------------------------------------------------- in one function


def _with_assigned(frame: _Frame) -> _Frame:
    """Names that the loop's body assigns are replaced by what it assigns to them."""
    for name in sorted(frame.names):
        bindings = bindings_of(frame.source, name, frame.near)
        if len(bindings) != 1 or bindings[0].kind != "value" or not bindings[0].whole:
            continue
        value, node = bindings[0].value, bindings[0].node
        loops = list(item_loops(frame.source, node))
        if value is None or not loops or isinstance(value, cst.Await | cst.Yield):
            continue
        if not _follows_from(frame.source, value, loops):
            continue
        texts = tuple(substituted(text, {name: frame.source.text_of(value)}) for text in frame.texts)
        names = (frame.names - {name}) | {item.value for item in free_names(frame.source, value)}
        return replace(frame, texts=texts, names=names)
    return frame


def _follows_from(source: SourceFile, value: cst.BaseExpression, loops: Sequence[Loop]) -> bool:
    """Whether a value is the same each time it is computed for an item: a call of nothing but a clock is not."""
    if next(source.walk(cst.Call, value), None) is None:
        return True
    names = {name.value for name in free_names(source, value)}
    return any(loop.names & names for loop in loops)


def _in_function(frame: _Frame) -> LoopValues | None:
    loops = list(item_loops(frame.source, frame.near))
    used: list[Loop] = []
    wanted = set(frame.names)
    for loop in loops:
        if loop.names & wanted:
            used.insert(0, loop)
            wanted |= {name.value for name in free_names(frame.source, _sliced(loop.iterable))}
    if not used:
        return None
    before = next((loop.node for loop in loops if loop.node is used[0].node), used[0].node)
    before = _outermost(before, used, loops, wanted)
    if not _are_known(frame.source, wanted - {name for loop in used for name in loop.names}, before, frame.near):
        return None
    return LoopValues(frame.source, frame.texts, tuple(used), before, frame.passed)


def _outermost(before: cst.CSTNode, used: list[Loop], loops: list[Loop], wanted: set[str]) -> cst.CSTNode:
    """The outermost loop in front of which everything is known."""
    further = loops[loops.index(used[0]) + 1 :]
    for loop in further:
        if loop.names & wanted:
            break
        before = loop.node
    return before


def _are_known(source: SourceFile, names: set[str], before: cst.CSTNode, near: cst.CSTNode) -> bool:
    """Whether names mean the same in front of the loop as they do in it."""
    statement = source.block_statement(before)
    for name in names:
        for binding in bindings_of(source, name, near):
            function = source.function_of(binding.node)
            is_inner = function is source.function_of(near) or (
                function is not None and source.is_inside(near, function)
            )
            is_inner = is_inner and binding.kind != "parameter"
            if is_inner and source.span(binding.node)[0] >= source.span(statement)[0]:
                return False
            if binding.kind == "parameter" and not source.is_inside(before, binding.node):
                return False
    return True


def _sliced(node: cst.BaseExpression) -> cst.BaseExpression:
    """The values of a slice are among those of the whole."""
    is_slice = isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Slice)
    return node.value if is_slice and isinstance(node, cst.Subscript) else node


# ---------------------------------------------------------------------------------------------- over calls


def _callers(sources: ProjectSources, frame: _Frame, path: Sequence[CallSite]) -> Iterator[_Frame | LoopValues]:
    """The same expressions in the words of who calls the function."""
    function = frame.source.enclosing(frame.near, cst.FunctionDef, cst.Lambda)
    if not isinstance(function, cst.FunctionDef | cst.Lambda):
        return
    parameters = {item.name.value for item in parameters_of(function)}
    if not frame.names & parameters:
        return
    for site in path:
        caller = SourceFile.of(sources, site.file) if site.language == "python" else None
        if caller is None:
            continue
        for call in caller.walk(cst.Call):
            mapped = _mapped(frame, function, caller, call) if _may_call(frame, function, caller, call, site) else None
            if mapped is not None:
                yield mapped


def _may_call(
    frame: _Frame, function: cst.FunctionDef | cst.Lambda, caller: SourceFile, call: cst.Call, site: CallSite
) -> bool:
    if isinstance(function, cst.Lambda) and frame.source.is_inside(function, call):
        return True
    first, last = caller.lines_of(call)
    return first <= site.line <= last and not frame.source.is_inside(function, call)


def _mapped(
    frame: _Frame, function: cst.FunctionDef | cst.Lambda, caller: SourceFile, call: cst.Call
) -> _Frame | LoopValues | None:
    name = function.name.value if isinstance(function, cst.FunctionDef) else None
    called = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", None)
    if name is not None and called == name:
        return _with_arguments(frame, function, caller, call, call)
    handed = next((item for item in call.args if _is_function(item.value, function, name)), None)
    if handed is None:
        return None
    if called in _MAPPING or called in _SORTING:
        iterable = _iterated(call, handed)
        first = parameters_of(function)[0].name.value
        if iterable is None or frame.source.file != caller.file:
            return None
        loop = Loop(call, first, frozenset({first}), iterable)
        if frame.names & {item.name.value for item in parameters_of(function)} != {first}:
            return None
        passed = _passing(frame, function, caller, None)
        if passed is None:
            return None
        return LoopValues(caller, frame.texts, (loop,), call, passed)
    if called in _STARTING:
        rest = list(call.args[call.args.index(handed) + 1 :])
        return _with_arguments(frame, function, caller, call.with_changes(args=rest), None)
    return None


def _iterated(call: cst.Call, handed: cst.Arg) -> cst.BaseExpression | None:
    plain = [item.value for item in call.args if item.keyword is None and item is not handed]
    if not plain and isinstance(call.func, cst.Attribute):
        return call.func.value
    return plain[0] if len(plain) == 1 else None


def _is_function(node: cst.BaseExpression, function: cst.CSTNode, name: str | None) -> bool:
    return node is function or (name is not None and isinstance(node, cst.Name) and node.value == name)


def _with_arguments(
    frame: _Frame,
    function: cst.FunctionDef | cst.Lambda,
    caller: SourceFile,
    call: cst.Call,
    written: cst.Call | None,
) -> _Frame | None:
    """Parameters replaced by what the call gives."""
    if not isinstance(function, cst.FunctionDef):
        return None
    is_method = frame.source.class_of(function) is not None and frame.source.function_of(function) is None
    given: dict[str, str] = {}
    names: set[str] = set()
    for parameter in parameters_of(function):
        name = parameter.name.value
        if name not in frame.names:
            continue
        value = argument_for(call, function, name, bound=is_method)
        if value is None:
            return None
        given[name] = caller.text_of(value)
        names |= {item.value for item in free_names(caller, value)}
    kept = frame.names - set(given)
    if kept and not _is_visible(frame, kept, caller):
        return None
    passed = _passing(frame, function, caller, written)
    if passed is None:
        return None
    texts = tuple(substituted(text, given) for text in frame.texts)
    near = written or call
    anchor = near if written is not None else _anchor(caller, call)
    return _Frame(caller, anchor, texts, frozenset(names | kept), passed)


def _anchor(caller: SourceFile, call: cst.Call) -> cst.CSTNode:
    """A node of the tree that stands for a call whose arguments were cut."""
    return next(node for node in caller.walk(cst.Call) if node.func is call.func)


def _passing(
    frame: _Frame, function: cst.FunctionDef | cst.Lambda, caller: SourceFile, call: cst.Call | None
) -> tuple[Passed, ...] | None:
    if isinstance(function, cst.Lambda):
        return frame.passed
    outer = frame.source.function_of(function)
    is_inner = outer is not None and frame.source.file == caller.file
    if is_inner and not frame.passed:
        return ()
    return (Passed(caller, call, frame.source, function), *frame.passed)


def _is_visible(frame: _Frame, names: frozenset[str], caller: SourceFile) -> bool:
    """Names that are no parameters have to mean the same for the caller."""
    return frame.source.file == caller.file and all(
        frame.source.function_of(binding.node) is not frame.source.function_of(frame.near)
        for name in names
        for binding in bindings_of(frame.source, name, frame.near)
    )


def substituted(text: str, values: dict[str, str]) -> str:
    """An expression with other expressions in the place of some names.

    >>> substituted("row.key + offset(row)", {"row": "items[0]"})
    'items[0].key + offset(items[0])'
    """
    for name, value in values.items():
        is_plain = re.fullmatch(r"[\w.]+(?:\[[^\[\]]*\]|\([^()]*\))?", value) or value[:1] in "\"'" or value[:2] == 'f"'
        by = value if is_plain or text == name else f"({value})"
        text = re.sub(rf"(?<![\w.\"']){re.escape(name)}(?![\w\"']|\s*=(?!=))", by.replace("\\", r"\\"), text)
    return text
