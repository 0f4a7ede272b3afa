"""The names that an expression reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.syntax.source_file import SourceFile

_CONSTANTS = frozenset({"True", "False", "None"})


def free_names(source: SourceFile, node: cst.CSTNode) -> Iterator[cst.Name]:
    """The names that an expression reads; no attributes, no keywords of calls."""
    for name in source.walk(cst.Name, node):
        if name.value in _CONSTANTS:
            continue
        above = source.parent(name)
        if isinstance(above, cst.Attribute) and above.attr is name:
            continue
        if isinstance(above, cst.Arg) and above.keyword is name:
            continue
        yield name
