"""Loader options: ``selectinload(Order.lines).joinedload(Line.product)``, put into a query or into what it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.method_chain import append_call, chain_of, extend_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.sqlalchemy.executed_query import ExecutedQuery
    from ennead.fixes.sqlalchemy.file_names import FileNames
    from ennead.fixes.syntax.edits import Edits

ORM = "sqlalchemy.orm"


@dataclass(frozen=True)
class LoaderStep:
    """One step of an option."""

    loader: str
    """``selectinload``, ``joinedload``, ``contains_eager`` ..."""
    attribute: str
    """``Order.lines``."""
    arguments: str = ""
    """Further ones, with the comma in front."""

    @property
    def key(self) -> str:
        """The attribute without the module that its class is in."""
        return ".".join(self.attribute.split(".")[-2:])


def add_option(edits: Edits, names: FileNames, query: ExecutedQuery, steps: Sequence[LoaderStep]) -> None:
    """Let a query load what an option names; what it has already is prolonged."""
    existing = next(query.calls("options"), None)
    if existing is None:
        append_call(edits, query.statement, f".options({_text(names, steps)})")
        return
    known = [(argument.value, read_option(argument.value)) for argument in existing.args if not argument.star]
    expression, shared = max(
        ((value, _common(path, steps)) for value, path in known), key=lambda pair: pair[1], default=(None, 0)
    )
    path = next((path for value, path in known if value is expression), [])
    if expression is not None and shared == len(path) > 0 and shared < len(steps):
        edits.insert(edits.source.outer_span(expression)[1], _prolonged(steps[shared:]))
        return
    if expression is not None and shared == len(steps):
        if len(path) == shared and [step.loader for step in path] != [step.loader for step in steps]:
            edits.replace(expression, _text(names, steps))
        return
    merged = [*path[:shared], *steps[shared:]]
    extend_call(edits, existing, [_text(names, merged)])


def read_option(expression: cst.BaseExpression) -> list[LoaderStep]:
    """The steps of an option that is written out; none if it cannot be read.

    >>> read_option(cst.parse_expression("selectinload(Order.lines).joinedload(models.Line.product)"))[1].key
    'Line.product'
    """
    chain = chain_of(expression)
    calls = [chain.root, *(link.node for link in chain.links)]
    if isinstance(chain.root, cst.Name):
        calls = calls[1:]
    steps: list[LoaderStep] = []
    for call in calls:
        if not isinstance(call, cst.Call):
            return []
        function = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        if not isinstance(function, cst.Name) or not call.args or function.value == "options":
            return []
        steps.append(LoaderStep(function.value, cst.Module([]).code_for_node(call.args[0].value)))
    return steps


def _common(path: Sequence[LoaderStep], steps: Sequence[LoaderStep]) -> int:
    shared = 0
    for one, other in zip(path, steps, strict=False):
        if one.key != other.key:
            break
        shared += 1
    return shared


def _text(names: FileNames, steps: Sequence[LoaderStep]) -> str:
    first = steps[0]
    return f"{names.library(ORM, first.loader)}({first.attribute}{first.arguments}){_prolonged(steps[1:])}"


def _prolonged(steps: Sequence[LoaderStep]) -> str:
    return "".join(f".{step.loader}({step.attribute}{step.arguments})" for step in steps)
