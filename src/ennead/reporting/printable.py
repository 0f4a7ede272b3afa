"""Other people's text made safe to print: source lines, SQL, names and routes may hold anything."""

from __future__ import annotations

import re

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


def one_line(text: str) -> str:
    r"""The text on a single line.

    >>> one_line("SELECT 1\n  FROM t")
    'SELECT 1 FROM t'
    """
    return printable(" ".join(text.split()))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
