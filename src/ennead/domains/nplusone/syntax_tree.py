"""Syntax trees of the user's code; those of lines are remembered."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ennead.kernel.parsing import parse_python

if TYPE_CHECKING:
    import ast

_LONGEST_LINE = 400
"""Trees of single lines are small, and asked for again by every analysis that finds the same problem."""


def parse_quietly(text: str) -> ast.Module:
    r"""The syntax tree of Python source; what the compiler warns of was said when the user's code was imported.

    The tree of a short text is remembered and shared: look at it, do not change it.

    Raises
    ------
    SyntaxError, ValueError
        It is no Python.

    Examples
    --------
    >>> len(parse_quietly(r"pattern = '\d'").body)
    1
    """
    if len(text) > _LONGEST_LINE:
        return parse_python(text)
    tree = _parse_line(text)
    if tree is None:
        raise SyntaxError(text)
    return tree


@lru_cache(maxsize=2048)
def _parse_line(text: str) -> ast.Module | None:
    """``None`` for what is no Python: that is remembered, too."""
    try:
        return parse_python(text)
    except (SyntaxError, ValueError):
        return None
