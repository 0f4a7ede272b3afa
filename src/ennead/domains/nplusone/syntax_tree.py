"""Parsing the user's code without a word on the user's terminal."""

from __future__ import annotations

import ast
import warnings
from threading import Lock

_quiet = Lock()
"""Two threads that change the warning filters at once would leave them changed."""


def parse_quietly(text: str) -> ast.Module:
    r"""The syntax tree of Python source; what the compiler warns of was said when the user's code was imported.

    Raises
    ------
    SyntaxError, ValueError
        It is no Python.

    Examples
    --------
    >>> len(parse_quietly(r"pattern = '\d'").body)
    1
    """
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
