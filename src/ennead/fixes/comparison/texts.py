"""Texts, compared exactly except for the words in which runs of the original differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A word is what is generated as a whole: a number with its sign and point, a time, a token, an address (0x7f..).
# Slashes, quotes, brackets and equals signs part words, so that a mask stays as narrow as an attribute's value.
_WORDS = re.compile(r"[\w.:+-]+|\s+|.", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,:]\d+)*(?:[a-zµ%]{1,3})?")
_EXCERPT_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class TextComparison:
    """What comparing a text with two or more originals showed."""

    masked: tuple[str, ...] = ()
    """Places that were not compared, because the originals differ there: ``line 3, word 7``."""
    word_count: int = 1
    """Words of the text; white space is none."""
    unstable: bool = False
    """The originals cannot be laid over each other word by word."""
    difference: str | None = None
    """What the patched text has instead; ``None`` if it agrees."""


def compare_texts(originals: Sequence[str], patched: str) -> TextComparison:
    """Compare a text with what runs of the original gave.

    Where the originals agree the patched text must agree with them. Where they differ, and only there, it may differ
    too, by a word that looks like theirs: a number for a number, as many characters where theirs have equally many.

    Parameters
    ----------
    originals
        One or more.
    patched
        The text of the patched run.

    Examples
    --------
    >>> compare_texts(["took 12 ms", "took 15 ms"], "took 9 ms").masked
    ('line 1, word 2',)
    >>> compare_texts(["took 12 ms", "took 15 ms"], "gave 9 ms").difference
    'line 1: "took … ms" became "gave … ms"'
    >>> compare_texts(["a", "a"], "b").difference
    'line 1: "a" became "b"'
    """
    first = originals[0]
    if all(text == first for text in originals):
        difference = None if patched == first else _first_difference(first, patched)
        return TextComparison(word_count=word_count(first), difference=difference)
    words = [_WORDS.findall(text) for text in originals]
    if len({len(found) for found in words}) > 1:
        return TextComparison(word_count=word_count(first), unstable=True)
    masked = [at for at, column in enumerate(zip(*words, strict=True)) if len(set(column)) > 1]
    if any(found[at].isspace() for found in words for at in masked):
        return TextComparison(word_count=word_count(first), unstable=True)
    return TextComparison(
        masked=tuple(_places(words[0], masked)),
        word_count=word_count(first),
        difference=_difference(words, masked, patched),
    )


def word_count(text: str) -> int:
    """Words in a text, at least one.

    >>> word_count("<b>12.5</b> ")
    8
    """
    return max(1, sum(1 for word in _WORDS.findall(text) if not word.isspace()))


def looks_like(value: str, examples: Sequence[str]) -> bool:
    """Whether a generated word is of the kind of its examples.

    >>> looks_like("9", ["12", "15"]), looks_like("none", ["12", "15"]), looks_like("c0ffee", ["00ff00", "ab12cd"])
    (True, False, True)
    """
    if value in examples:
        return True
    if all(_NUMBER.fullmatch(example) for example in examples):
        return _NUMBER.fullmatch(value) is not None
    lengths = {len(example) for example in examples}
    if len(lengths) == 1:
        return len(value) in lengths
    return bool(value.strip())


def excerpt(value: str) -> str:
    """A text as it stands in a sentence: quoted, one line, not too long.

    >>> excerpt("a" * 100)[-6:]
    'aaaa…"'
    """
    line = " ".join(value.split())
    return f'"{line[: _EXCERPT_CHARACTERS - 1]}…"' if len(line) > _EXCERPT_CHARACTERS else f'"{line}"'


def _difference(words: Sequence[Sequence[str]], masked: Sequence[int], patched: str) -> str | None:
    found = _WORDS.findall(patched)
    free = set(masked)
    agrees = len(found) == len(words[0]) and all(
        looks_like(word, [column[at] for column in words]) if at in free else word == words[0][at]
        for at, word in enumerate(found)
    )
    if agrees:
        return None
    if len(found) != len(words[0]):
        return _first_difference("".join(words[0]), patched)
    # What is masked anyway says nothing about what is wrong.
    known = "".join("…" if at in free else word for at, word in enumerate(words[0]))
    now = "".join(
        _masked(word, [column[at] for column in words]) if at in free else word for at, word in enumerate(found)
    )
    return _first_difference(known, now)


def _masked(word: str, examples: Sequence[str]) -> str:
    return "…" if looks_like(word, examples) else word


def _first_difference(original: str, patched: str) -> str:
    before, after = original.splitlines(), patched.splitlines()
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        if old != new:
            return f"line {number}: {excerpt(old)} became {excerpt(new)}"
    if len(before) != len(after):
        number = min(len(before), len(after)) + 1
        longer = before if len(before) > len(after) else after
        return f"line {number}: {excerpt(longer[number - 1])} is {'missing' if longer is before else 'new'}"
    return "the ends of the lines differ"


def _places(words: Sequence[str], masked: Sequence[int]) -> list[str]:
    places, line, number, wanted = [], 1, 0, set(masked)
    for at, word in enumerate(words):
        if word.isspace():
            newlines = word.count("\n")
            line, number = line + newlines, 0 if newlines else number
            continue
        number += 1
        if at in wanted:
            places.append(f"line {line}, word {number}")
    return places
