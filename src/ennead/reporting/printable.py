"""Other people's text made safe to print: source lines, SQL, names and routes may hold anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")

# C0 and C1 controls would steer the terminal, bidirectional overrides would show another order than the program reads,
# and lone surrogates (undecodable bytes of a file name) cannot be written at all.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Replace what must not reach a terminal by its escape sequence; tabs become spaces.

    >>> printable("a\x1b[31mb\tc")
    'a\\x1b[31mb    c'
    >>> printable("caf\u00e9 \udcff")
    'café \\udcff'
    """
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n").replace("\t", "    "))


def made_printable(value: T) -> T:
    r"""A copy of plain data, however deep, with every text in it printable.

    Renderers do this first of all, so that no text of a program can be forgotten.

    >>> made_printable({"a\x07": ("b\x1b", 1.5)})
    {'a\\x07': ('b\\x1b', 1.5)}
    """
    return cast("T", _made_printable(value))


def _made_printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {_made_printable(key): _made_printable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(_made_printable, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: _made_printable(getattr(value, item.name)) for item in fields(value)})
    return value


def one_line(text: str) -> str:
    """The text on a single line.

    >>> one_line("SELECT 1   FROM t ")
    'SELECT 1 FROM t'
    """
    return " ".join(text.split())


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
