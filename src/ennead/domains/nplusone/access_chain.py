"""What a line asks of a relation or a model: ``order.lines.filter(sent=True).count()``.

What a line says is remembered by its text: the same problem is found again by the next analysis.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.syntax_tree import parse_quietly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.kernel.call_site import CallSite

_SESSION_METHODS = frozenset({"scalars", "scalar", "execute", "get", "query", "refresh", "stream", "stream_scalars"})
_SESSION_NAME = re.compile(r"session|(?:^|[._])db$|^connection$", re.IGNORECASE)
"""Any other name may be one that is bound anew for each item."""
_COMMENT = re.compile(r"\s+#[^\"']*$")
_KNOWN_NAMES = frozenset({"Q", "F", "Value"})
"""Django's expressions, which an import makes the same everywhere."""


class ChainCall(NamedTuple):
    """One call of a chain."""

    name: str
    arguments: str
    """As they are written."""
    is_constant: bool
    """The arguments mean the same on every line: constants, and Django's expressions of constants."""
    keywords: tuple[tuple[str, str, bool], ...]
    """Name, text and whether it is constant, of keyword arguments; empty if there are others, too."""

    @property
    def text(self) -> str:
        """``filter(sent=True)``."""
        return f"{self.name}({self.arguments})"


class AccessChain(NamedTuple):
    """An expression that goes from a name over calls."""

    text: str
    """The whole of it, up to the last call or subscript."""
    owner: str
    """What stands in front: the row's name, or the manager's model."""
    calls: tuple[ChainCall, ...]
    line: str
    span: tuple[int, int]
    """Columns of it in the line, in bytes, with an ``await`` in front."""
    taken: int | None = None
    """Rows that a subscript behind the calls takes from the start; ``None`` if there is none, or another one."""
    is_sliced: bool = False
    is_item: bool = False
    """The subscript is ``[0]``, a row and no list."""

    def replaced_by(self, text: str) -> str:
        """The line with something else in its place."""
        line, (start, end) = self.line.encode(), self.span
        return (line[:start] + text.encode() + line[end:]).decode()


@lru_cache(maxsize=512)
def parse_line(line: str) -> ast.AST:
    """The tree of a line, a block's header and a comprehension's ``for`` included; an empty one for a part."""
    for text in (line, f"{line}\n    pass", f"{_COMMENT.sub('', line)}: pass"):
        try:
            return parse_quietly(text)
        except (SyntaxError, ValueError):
            continue
    return ast.Module([], [])


def line_of(place: CallSite | None) -> str:
    """The text of a line of Python; empty for anything else."""
    return (place.source or "") if place is not None and place.language == "python" else ""


def chain_from(place: CallSite | None, attribute: str) -> AccessChain | None:
    """The only chain of calls behind ``.attribute`` in the place's line.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> chain = chain_from(CallSite("v.py", 3, "v", "n = order.lines.filter(sent=True).count()"), "lines")
    >>> chain.owner, [call.text for call in chain.calls]
    ('order', ['filter(sent=True)', 'count()'])
    """
    return _chain_in(line_of(place), attribute)


def executed(access: CallSite | None, place: CallSite | None, method: str, statement: str) -> str:
    """Code that runs a statement of SQLAlchemy's the way the access does, as far as its names are known at ``place``.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> access = CallSite("v.py", 3, "page", "total = await db.scalar(query)")
    >>> executed(access, access, "execute", "select(Order.id)")
    '(await db.execute(select(Order.id)))'
    """
    line = line_of(access)
    session = _session_in(line) if access and place and access.function == place.function else None
    code = f"{session or 'session'}.{method}({statement})"
    return f"(await {code})" if _awaits(line) else code


@lru_cache(maxsize=512)
def _awaits(line: str) -> bool:
    return any(isinstance(node, ast.Await) for node in ast.walk(parse_line(line)))


@lru_cache(maxsize=512)
def _session_in(line: str) -> str | None:
    for node in ast.walk(parse_line(line)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SESSION_METHODS:
            receiver = node.func.value
            name = ast.unparse(receiver)
            if isinstance(receiver, ast.Name | ast.Attribute) and _SESSION_NAME.search(name):
                return name
    return None


def calls_of(place: CallSite | None) -> frozenset[str]:
    """Names of all functions and methods that the line calls."""
    return _calls_in(line_of(place))


@lru_cache(maxsize=512)
def _calls_in(line: str) -> frozenset[str]:
    return frozenset(_called_names(parse_line(line)))


def argument_of(place: CallSite | None, function: str) -> str | None:
    """The class that the line gives to a function, ``Order`` of ``insert(Order)``."""
    return _argument_in(line_of(place), function)


@lru_cache(maxsize=512)
def _argument_in(line: str, function: str) -> str | None:
    for node in ast.walk(parse_line(line)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == function
            and len(node.args) == 1
        ):
            name = ast.unparse(node.args[0])
            return name if name.rpartition(".")[2][:1].isupper() else None
    return None


def _called_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@lru_cache(maxsize=512)
def _chain_in(line: str, attribute: str) -> AccessChain | None:
    tree = parse_line(line)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    starts = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == attribute]
    return _chain(starts[0], parents, line) if len(starts) == 1 else None


def _chain(start: ast.Attribute, parents: dict[ast.AST, ast.AST], line: str) -> AccessChain:
    top: ast.expr = start
    calls: list[ChainCall] = []
    while isinstance(attribute := parents.get(top), ast.Attribute):
        call = parents.get(attribute)
        if not isinstance(call, ast.Call) or call.func is not attribute:
            break
        calls.append(_call(attribute.attr, call, line))
        top = call
    awaited = parents.get(top)
    whole: ast.expr = awaited if isinstance(awaited, ast.Await) else top
    subscript = parents.get(whole)
    if not isinstance(subscript, ast.Subscript) or subscript.value is not whole:
        subscript = None
    outer = subscript or whole
    return AccessChain(
        _text(outer, line),
        _text(start.value, line),
        tuple(calls),
        line,
        (outer.col_offset, outer.end_col_offset or 0),
        _taken(subscript.slice) if subscript else None,
        is_sliced=subscript is not None,
        is_item=subscript is not None and not isinstance(subscript.slice, ast.Slice),
    )


def _taken(node: ast.expr) -> int | None:
    """``[0]`` and ``[:3]`` take one and three rows from the start."""
    if isinstance(node, ast.Slice):
        upper = node.upper.value if isinstance(node.upper, ast.Constant) else None
        return upper if isinstance(upper, int) and node.lower is None and node.step is None else None
    return 1 if isinstance(node, ast.Constant) and node.value == 0 else None


def _call(name: str, call: ast.Call, line: str) -> ChainCall:
    parts: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    is_constant = all(map(_is_constant, parts)) and all(keyword.arg for keyword in call.keywords)
    texts = [_text(node, line) for node in call.args]
    texts += [f"{item.arg}={_text(item.value, line)}" if item.arg else "**" for item in call.keywords]
    named = (
        ()
        if call.args
        else tuple((item.arg or "**", _text(item.value, line), _is_constant(item.value)) for item in call.keywords)
    )
    return ChainCall(name, ", ".join(texts), is_constant, named)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(_is_constant, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KNOWN_NAMES:
        return all(map(_is_constant, [*node.args, *(keyword.value for keyword in node.keywords)]))
    return False


def _text(node: ast.AST, line: str) -> str:
    return ast.get_source_segment(line, node) or ast.unparse(node)
