"""Taking work out of a loop: what stands in front of it, and how the result gets to where it is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.annotations import add_parameter
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.loops import is_reiterable
from ennead.fixes.syntax.method_chain import extend_call

if TYPE_CHECKING:
    from ennead.fixes.syntax.loop_values import LoopValues
    from ennead.fixes.syntax.loops import Loop
    from ennead.fixes.syntax.project_edits import ProjectEdits


class Hoisting:
    """Edits that compute something once in front of a loop.

    Parameters
    ----------
    edits
        Where the edits go.
    values
        The loop, and the values that expressions take in it.
    extra
        A call that an expression of the loop's function gets, which may be the loop's iterable itself.
    """

    def __init__(
        self, edits: ProjectEdits, values: LoopValues, extra: tuple[cst.BaseExpression, str] | None = None
    ) -> None:
        self.edits = edits
        self.values = values
        self._extra = extra
        self.extra_is_open = extra is not None
        self._lines: list[str] = []
        self._lists: set[str] = set()
        self._iterables = {id(loop.node): self._kept(loop) for loop in values.loops}

    def all_of(self, text: str) -> str:
        """All values of an expression, as a list that can be written in front of the loop."""
        used = self._used(text)
        if len(used) == 1 and used[0].target == text:
            iterable = self._iterables[id(used[0].node)]
            return iterable if iterable in self._lists else f"list({iterable})"
        clauses = " ".join(f"for {loop.target} in {self._iterables[id(loop.node)]}" for loop in used)
        return f"[{text} {clauses}]"

    def setup(self, lines: str) -> None:
        """Write lines in front of the loop."""
        whole = "\n".join([*self._lines, lines])
        self.edits.of(self.values.source).insert_before(self.values.before, whole)

    def hand_down(self, name: str, hint: str) -> bool:
        """Give a result to the functions that are called on the way to its use, as an argument that may be left out.

        Parameters
        ----------
        name
            Of the result.
        hint
            Its type, for functions that are annotated: ``dict[Any, Customer]``.

        Returns
        -------
        bool
            Whether there are any; callers that know nothing of it give ``None``.
        """
        for passed in self.values.passed:
            if passed.call is not None:
                extend_call(self.edits.of(passed.source), passed.call, [f"{name}={name}"])
            add_parameter(self.edits.of(passed.callee), passed.function, name, hint)
        return bool(self.values.passed)

    def _used(self, text: str) -> list[Loop]:
        """The loops that an expression's names come from, and those that their iterables' names come from."""
        wanted = text
        used: list[Loop] = []
        for loop in reversed(self.values.loops):
            if any(_mentions(wanted, name) for name in loop.names):
                used.insert(0, loop)
                wanted += f" {self._iterables[id(loop.node)]}"
        return used

    def _kept(self, loop: Loop) -> str:
        """The iterable's text, where it can be gone over twice; else a list of it, made before."""
        source = self.values.source
        node = loop.iterable
        whole = node.value if _is_slice(node) and isinstance(node, cst.Subscript) else node
        if any(_mentions(source.text_of(node), name) for outer in self.values.loops for name in outer.names):
            return source.text_of(node)
        if not loop.asynchronous and is_reiterable(source, whole):
            return source.text_of(
                whole if loop is not self.values.loops[0] or loop.node is not self.values.before else node
            )
        name = free_name(source, "items")
        self._lists.add(name)
        written = self._with_extra(node)
        own = self.edits.of(source)
        if loop.asynchronous:
            target = "item" if loop.target != "item" else "each"
            self._lines.append(f"{name} = [{target} async for {target} in {written}]")
            start = source.span(loop.node)[0]
            own.replace_span((start, source.text.index("for", start)), "")
        else:
            self._lines.append(f"{name} = list({written})")
        own.replace(node, name)
        return name

    def _with_extra(self, node: cst.BaseExpression) -> str:
        """The iterable, which moves in front of the loop: what is put behind a part of it moves along."""
        source = self.values.source
        start, end = source.outer_span(node)
        if self._extra is None or not source.is_inside(self._extra[0], node):
            return source.text[start:end]
        self.extra_is_open = False
        middle = source.span(self._extra[0])[1]
        return source.text[start:middle] + self._extra[1] + source.text[middle:end]


def _is_slice(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Slice)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}\b", text) is not None
