"""JSON values, compared leaf by leaf; a leaf is left out only if runs of the original differ in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ennead.fixes.comparison.texts import compare_texts, excerpt, looks_like, word_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LARGEST_MASKED_SHARE = 0.5
"""With more than this share of its leaves and words varying, a value says nothing."""
_LONGEST_GENERATED_TEXT = 512
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the patched value is another one."""

    path: str
    """``orders[3].customer``; empty for the value itself."""
    kind: Literal["value", "order", "length", "keys", "type"]
    text: str
    """What is different, to follow the path in a sentence."""
    length: int = 0
    """Elements of the list, where only their order differs."""

    def __str__(self) -> str:
        return f"{self.path} {self.text}" if self.path else self.text


@dataclass(slots=True)
class ValueComparison:
    """What comparing a value with two or more originals showed."""

    masked: list[str] = field(default_factory=list)
    """Paths of the leaves that were not compared, with the place in the text where only a part of it varies."""
    unstable: list[str] = field(default_factory=list)
    """Paths at which the originals have nothing in common that could be compared."""
    differences: list[Difference] = field(default_factory=list)
    weight: int = 0
    """Leaves, a text counting with its words."""

    @property
    def is_mostly_masked(self) -> bool:
        """Whether so much varies in the original that the rest says nothing."""
        return len(self.masked) > LARGEST_MASKED_SHARE * max(1, self.weight)


def compare_values(originals: Sequence[Any], patched: Any) -> ValueComparison:
    """Compare a value with what runs of the original gave.

    Parameters
    ----------
    originals
        One or more JSON values.
    patched
        The value of the patched run.

    Examples
    --------
    >>> seen = compare_values([{"id": 1, "at": 3}, {"id": 1, "at": 4}], {"id": 2, "at": 5})
    >>> seen.masked, [str(difference) for difference in seen.differences]
    (['at'], ['id was 1, became 2'])
    >>> [item.kind for item in compare_values([[1, 2]], [2, 1]).differences]
    ['order']
    """
    seen = ValueComparison()
    _compare(list(originals), patched, "", seen)
    return seen


def is_same(left: Any, right: Any) -> bool:
    """Equality of JSON values that tells ``1`` from ``true`` and from ``1.0``.

    >>> is_same({"a": 1, "b": 2}, {"b": 2, "a": 1}), is_same(1, True), is_same(1, 1.0)
    (True, False, False)
    """
    return canonical(left) == canonical(right)


def canonical(value: Any) -> str:
    """A value's one spelling, whatever the order of its keys.

    >>> canonical({"b": [1.5], "a": None})
    '{"a": null, "b": [1.5]}'
    """
    return json.dumps(value, sort_keys=True, default=repr, ensure_ascii=False)


def general_paths(paths: Sequence[str]) -> list[str]:
    """Paths with their indexes left open, and how many places each stands for.

    >>> general_paths(["a[0].at", "a[1].at", "b"])
    ['a[*].at (2 places)', 'b']
    """
    counts = Counter(_INDEX.sub("[*]", path) for path in paths)
    return [f"{path} ({count} places)" if count > 1 else path for path, count in counts.items()]


def _compare(originals: list[Any], patched: Any, path: str, seen: ValueComparison) -> None:
    first = originals[0]
    if any(type(original) is not type(first) for original in originals):
        _compare_changing_types(originals, patched, path, seen)
    elif type(patched) is not type(first) and _is_same_everywhere(originals):
        seen.weight += 1
        seen.differences.append(Difference(path, "type", _became(first, patched)))
    elif isinstance(first, dict):
        _compare_objects(originals, patched, path, seen)
    elif isinstance(first, list):
        _compare_lists(originals, patched, path, seen)
    else:
        _compare_leaves(originals, patched, path, seen)


def _compare_changing_types(originals: list[Any], patched: Any, path: str, seen: ValueComparison) -> None:
    seen.weight += 1
    if any(isinstance(original, dict | list) for original in originals):
        seen.unstable.append(path)
    else:
        seen.masked.append(path)
        if not any(type(patched) is type(original) for original in originals):
            seen.differences.append(Difference(path, "type", _became(originals[0], patched)))


def _compare_objects(originals: list[Mapping[str, Any]], patched: Any, path: str, seen: ValueComparison) -> None:
    first = originals[0]
    if any(original.keys() != first.keys() for original in originals):
        seen.unstable.append(path)
        return
    if not isinstance(patched, dict):
        seen.differences.append(Difference(path, "type", _became(first, patched)))
        return
    seen.weight += not first
    for verb, keys in (("lost", first.keys() - patched.keys()), ("got", patched.keys() - first.keys())):
        seen.differences += [Difference(path, "keys", f"{verb} the key {excerpt(key)}") for key in sorted(keys)]
    for key in first:
        if key in patched:
            _compare([original[key] for original in originals], patched[key], _below(path, key), seen)


def _compare_lists(originals: list[list[Any]], patched: Any, path: str, seen: ValueComparison) -> None:
    first = originals[0]
    is_stable = _is_same_everywhere(originals)
    if not is_stable and all(_is_reordered(first, original) for original in originals):
        seen.masked.append(f"order of {path or 'the list'}")
        seen.weight += _weight(first)
        if not isinstance(patched, list) or not _is_reordered(first, patched):
            seen.differences.append(Difference(path, "value", "has other elements"))
        return
    if not is_stable and len({len(original) for original in originals}) > 1:
        seen.unstable.append(path)
        return
    if not isinstance(patched, list):
        seen.differences.append(Difference(path, "type", _became(first, patched)))
    elif len(patched) != len(first):
        seen.weight += _weight(first)
        seen.differences.append(Difference(path, "length", f"had {len(first)} elements, has {len(patched)}"))
    elif is_stable and not is_same(first, patched) and _is_reordered(first, patched):
        seen.weight += _weight(first)
        text = "has the same elements in another order"
        seen.differences.append(Difference(path, "order", text, length=len(first)))
    else:
        for index, columns in enumerate(zip(*originals, strict=True)):
            _compare(list(columns), patched[index], f"{path}[{index}]", seen)


def _compare_leaves(originals: list[Any], patched: Any, path: str, seen: ValueComparison) -> None:
    first = originals[0]
    if isinstance(first, str) and isinstance(patched, str):
        _compare_texts(originals, patched, path, seen)
        return
    seen.weight += 1
    if not _is_same_everywhere(originals):
        seen.masked.append(path)
        if type(patched) is not type(first):
            seen.differences.append(Difference(path, "type", _became(first, patched)))
    elif not is_same(first, patched):
        seen.differences.append(Difference(path, "value", _became(first, patched)))


def _compare_texts(originals: list[str], patched: str, path: str, seen: ValueComparison) -> None:
    found = compare_texts(originals, patched)
    if found.unstable and all(_is_one_word(text) for text in originals):
        seen.weight += 1
        seen.masked.append(path)
        if not looks_like(patched, originals) or not _is_one_word(patched):
            seen.differences.append(Difference(path, "value", _became(originals[0], patched)))
        return
    seen.weight += found.word_count
    if found.unstable:
        seen.unstable.append(path)
    seen.masked += [f"{path} {place}".strip() if found.word_count > 1 else path for place in found.masked]
    if found.difference is not None:
        is_short = len(originals[0]) + len(patched) < _EXCERPTS and "\n" not in originals[0] + patched
        text = _became(originals[0], patched) if is_short else found.difference
        seen.differences.append(Difference(path, "value", text))


_EXCERPTS = 120


def _is_one_word(text: str) -> bool:
    return len(text) <= _LONGEST_GENERATED_TEXT and not re.search(r"\s", text)


def _is_same_everywhere(originals: Sequence[Any]) -> bool:
    return len({canonical(original) for original in originals}) == 1


def _is_reordered(left: Sequence[Any], right: Sequence[Any]) -> bool:
    return len(left) == len(right) and Counter(map(canonical, left)) == Counter(map(canonical, right))


def _weight(value: Any) -> int:
    if isinstance(value, dict):
        return max(1, sum(_weight(item) for item in value.values()))
    if isinstance(value, list):
        return max(1, sum(_weight(item) for item in value))
    return word_count(value) if isinstance(value, str) else 1


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _became(original: Any, patched: Any) -> str:
    return f"was {_shown(original)}, became {_shown(patched)}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return excerpt(value)
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    return canonical(value)
