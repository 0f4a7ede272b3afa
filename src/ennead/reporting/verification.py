"""What was found out about a fix, in the words of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ennead.reporting.amounts import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.kernel.finding import Verification

_LINE = "executions of "
DiffKind = Literal["file", "place", "added", "removed", "same"]


class DiffLine(NamedTuple):
    """A line of a diff, and what it is."""

    kind: DiffKind
    text: str


def query_counts(verification: Verification) -> str:
    """Queries before and after at each data size, the smallest one first; empty if nothing was counted.

    >>> from ennead.kernel.finding import Verification
    >>> query_counts(Verification("verified", "", {100: 101, 10: 11}, {10: 2, 100: 2}, 9.0, 1.0, (), ()))
    '11 → 2 queries at 10 rows, 101 → 2 at 100 rows'
    """
    parts: list[str] = []
    for size, before in sorted(verification.queries_before.items()):
        after = verification.queries_after.get(size)
        if after is not None:
            noun = "" if parts else " query" if (before, after) == (1, 1) else " queries"
            parts.append(f"{before:,} → {after:,}{noun}{_at(size, verification.queries_before)}")
    return ", ".join(parts)


def what_stayed(verification: Verification) -> str:
    """What was compared and is the same; lines that were counted are told by their number.

    >>> from ennead.kernel.finding import Verification
    >>> what_stayed(Verification("verified", "", {}, {}, 1.0, 1.0, ("status", "executions of a.py:3"), ()))
    'status, executions of 1 line'
    """
    lines = [item for item in verification.compared if item.startswith(_LINE) and ":" in item]
    rest = [item for item in verification.compared if item not in lines]
    told = [*rest, _LINE + count(len(lines), "line")] if lines else rest
    return ", ".join(told) or "nothing"


def diff_lines(diff: str) -> Iterator[DiffLine]:
    r"""The lines of a unified diff.

    >>> [line.kind for line in diff_lines("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n c\n")]
    ['file', 'file', 'place', 'removed', 'added', 'same']
    """
    for line in diff.splitlines():
        yield DiffLine(_kind(line), line)


def _kind(line: str) -> DiffKind:
    if line.startswith(("+++ ", "--- ")):
        return "file"
    if line.startswith("@@"):
        return "place"
    if line.startswith("+"):
        return "added"
    return "removed" if line.startswith("-") else "same"


def _at(size: int, sizes: Mapping[int, int]) -> str:
    return f" at {count(size, 'row')}" if size or len(sizes) > 1 else ""
