"""The values that literals in SQL stand for."""

from __future__ import annotations

import re
from typing import Final

LiteralValue = str | int | float | bytes | bool | None

_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S]?)|''|\"\"")
_NAMED_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "Z": "\x1a"}
_LONGEST_NUMBER: Final = 1_000
_LAST_CODE_POINT: Final = 0x10FFFF


def literal_value(text: str, *, backslash_escapes: bool) -> LiteralValue:
    r"""Return the value of a literal token.

    Parameters
    ----------
    text
        The token, with its quotes and prefix.
    backslash_escapes
        Whether ``'\n'`` without a prefix is a line feed, as in MySQL.

    Examples
    --------
    >>> literal_value("'it''s'", backslash_escapes=False), literal_value("x'00ff'", backslash_escapes=False)
    ("it's", b'\x00\xff')
    >>> literal_value("0x1f", backslash_escapes=False), literal_value("1_000.5", backslash_escapes=False)
    (31, 1000.5)
    """
    first = text[0]
    if first in "'\"":
        return _string(text, escapes=backslash_escapes)
    if first.isdigit() or first == ".":
        return _number(text)
    if first in "eE":
        return _string(text[1:], escapes=True)
    if first in "xX":
        return _hexadecimal(text[1:])
    if first in "uU":
        return _string(text[2:], escapes=False)
    return _string(text[1:], escapes=backslash_escapes)


def _string(text: str, *, escapes: bool) -> str:
    quote = text[0]
    body = text[1:-1] if len(text) > 1 and text[-1] == quote else text[1:]
    if escapes and "\\" in body:
        return _ESCAPE.sub(_unescaped, body)
    return body.replace(quote * 2, quote) if quote in body else body


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if code is None:
        return escape[0][0]
    if code[:1] in {"x", "u", "U"} and len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point <= _LAST_CODE_POINT else code
    if code.isascii() and code.isdigit():
        return chr(int(code, 8)) if code != "0" else "\0"
    return _NAMED_ESCAPES.get(code, code)


def _hexadecimal(text: str) -> bytes | str:
    digits = text.strip("'")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return digits


def _number(text: str) -> int | float | str:
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:
        return digits
    try:
        if digits[:2] in {"0x", "0X", "0b", "0B", "0o", "0O"}:
            return int(digits, 0)
        return int(digits) if digits.isdigit() else float(digits)
    except ValueError:
        return digits
