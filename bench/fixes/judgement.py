"""The word for a candidate, from what the original and the patched code showed at two sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bench.fixes.comparable import differing_columns, in_any_order, without
from bench.fixes.trial import Shown

Word = Literal["ok", "reduced", "reordered", "no-effect", "worse", "changed", "error"]
PROGRESS: tuple[Word, ...] = ("ok", "reduced")


@dataclass(frozen=True)
class Judgement:
    word: Word
    before: tuple[int, ...] = ()
    """Queries at each size, the smaller first."""
    after: tuple[int, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Original:
    """The untouched code: what it showed at each size, and what two runs of it did not agree on."""

    shown: tuple[Shown, ...]
    volatile: Mapping[str, list[str]] = field(default_factory=dict)
    """Columns by table."""
    steady: bool = True
    """Two runs gave the same; otherwise the order of what they gave says nothing."""

    @classmethod
    def of(cls, shown: tuple[Shown, ...], again: Shown) -> "Original":
        """`again` is a second run at the first size."""
        return cls(shown, differing_columns(shown[0]["tables"], again["tables"]), shown[0]["value"] == again["value"])

    @property
    def queries(self) -> tuple[int, ...]:
        return tuple(each["queries"] for each in self.shown)


def judge(original: Original, patched: tuple[Shown, ...]) -> Judgement:
    """Compare at every size; the first difference decides."""
    before = original.queries
    for shown in patched:
        if "error" in shown:
            return Judgement("error", before, remark=shown["error"])
    after = tuple(shown["queries"] for shown in patched)
    difference = None
    for old, new in zip(original.shown, patched, strict=True):
        difference = difference or _difference(original, old, new)
    if difference:
        return Judgement(difference[0], before, after, difference[1])
    return Judgement(_by_counts(before, after), before, after)


def _by_counts(before: tuple[int, ...], after: tuple[int, ...]) -> Word:
    if after[-1] > before[-1]:
        return "worse"
    if after[-1] == before[-1]:
        return "no-effect"
    return "ok" if len(set(after)) == 1 else "reduced"


def _difference(original: Original, old: Shown, new: Shown) -> tuple[Word, str] | None:
    written_old = without(original.volatile, old["tables"])
    written_new = without(original.volatile, new["tables"])
    for name in written_old:
        if written_old[name] != written_new.get(name):
            return "changed", f"rows of {name}: {_first(written_old[name], written_new.get(name, []))}"
    if old["value"] == new["value"]:
        return None
    told = _first(old["value"], new["value"])
    if in_any_order(old["value"]) != in_any_order(new["value"]):
        return "changed", told
    return ("reordered", told) if original.steady else None


def _first(old: object, new: object) -> str:
    """The first place where two values differ, in a few words."""
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{len(old)} items, now {len(new)}"
        return next((_first(a, b) for a, b in zip(old, new, strict=True) if a != b), "")
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return next((f"{key}: {_first(old[key], new[key])}" for key in old if old[key] != new[key]), "")
    one, other = str(old), str(new)
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    window = slice(max(0, start - 20), start + 60)
    return f"{one[window]!r}, now {other[window]!r}"
