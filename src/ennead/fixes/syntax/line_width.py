"""Long lines, broken at their brackets."""

from __future__ import annotations

LINE_WIDTH = 100
_PAIRS = {")": "(", "]": "[", "}": "{"}
_STEP = "    "
_LEAST_INSIDE = 20
"""Characters from the bracket on: it helps nobody to break ``[:1]``."""


def broken(text: str, indent: str, taken: int) -> str:
    """Code that ends with a bracket, over several lines if it is too long for one.

    Parameters
    ----------
    text
        The code, without line breaks.
    indent
        White space of the line that it is put into.
    taken
        Characters that the line has besides.

    Examples
    --------
    >>> print(broken("rows = list(" + "x" * 90 + ")", "", 0))
    rows = list(
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    )
    >>> broken("rows = list(x)", "", 0)
    'rows = list(x)'
    """
    if taken + len(text) <= LINE_WIDTH or "\n" in text or text[-1:] not in _PAIRS:
        return text
    start = _opening(text)
    if start is None or len(text) - start < _LEAST_INSIDE:
        return text
    inner = broken(text[start + 1 : -1].strip(), indent + _STEP, len(indent + _STEP))
    return f"{text[: start + 1]}\n{indent}{_STEP}{inner}\n{indent}{text[-1]}"


def _opening(text: str) -> int | None:
    """Offset of the bracket that the last one closes."""
    opened: list[int] = []
    quote = ""
    for offset, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[offset - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            opened.append(offset)
        elif character in _PAIRS:
            if not opened or text[opened[-1]] != _PAIRS[character]:
                return None
            start = opened.pop()
            if offset == len(text) - 1:
                return start
    return None
