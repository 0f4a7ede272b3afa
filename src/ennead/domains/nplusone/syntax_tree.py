"""Parsing the user's code without a word on the user's terminal."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from threading import Lock

_quiet = Lock()
"""Two threads that change the warning filters at once would leave them changed."""
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
        return _parse(text)
    tree = _parse_line(text)
    if tree is None:
        raise SyntaxError(text)
    return tree


@lru_cache(maxsize=2048)
def _parse_line(text: str) -> ast.Module | None:
    """``None`` for what is no Python: that is remembered, too."""
    try:
        return _parse(text)
    except (SyntaxError, ValueError):
        return None


def _parse(text: str) -> ast.Module:
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
