"""The change that is judged: its diff, and where each line of the old text went."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ALIKE = 0.5
"""From this similarity on, a line in the place of another one is its rewritten form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    r"""A change of the user's files.

    Examples
    --------
    >>> edit = Edit.between({"a.py": "x = 1\nprint(x)\n"}, {"a.py": "import os\nx = 1\nprint(x)\n"})
    >>> edit.line_after("a.py", 2), edit.line_after("b.py", 7), edit.diff.splitlines()[3]
    (3, 7, '+import os')
    """

    diff: str = ""
    """Unified diff over all files."""
    moves: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Of each edited file: old line to new line; a line that is missing here has no counterpart."""
    rewritten: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """Of each edited file: old lines whose counterpart says something else, and what it says."""

    @classmethod
    def between(
        cls,
        before: Mapping[str, str],
        after: Mapping[str, str],
        moves: Mapping[str, Mapping[int, int]] | None = None,
    ) -> Edit:
        """The change from one set of texts to another, by path; what only ``after`` has is a new file.

        Parameters
        ----------
        before, after
            Whole texts by path relative to the project root. Files that only ``before`` has are unchanged.
        moves
            What the author of the change knows about where lines went; the texts tell the rest.
        """
        changed = [file for file in after if after[file] != before.get(file, "")]
        known = moves or {}
        whole = {file: {**line_moves(before.get(file, ""), after[file]), **known.get(file, {})} for file in changed}
        return cls(
            diff="".join(_diff(file, before.get(file, ""), after[file]) for file in changed),
            moves=whole,
            rewritten={file: _rewritten_lines(before.get(file, ""), after[file], whole[file]) for file in changed},
        )

    def is_rewritten(self, file: str, line: int) -> bool:
        """Whether a line of the original says something else now."""
        return line in self.rewritten.get(file, {})

    def rewritten_text(self, file: str, line: int) -> str:
        """What stands in the place of a line that says something else now; empty for any other line."""
        return self.rewritten.get(file, {}).get(line, "")

    def line_after(self, file: str, line: int) -> int | None:
        """Where a line of the original stands now; ``None`` if it has no counterpart."""
        moves = self.moves.get(file)
        return line if moves is None else moves.get(line)

    @property
    def added(self) -> tuple[str, ...]:
        """Lines that the change brings in."""
        return tuple(line[1:] for line in self._body if line.startswith("+"))

    @property
    def removed(self) -> tuple[str, ...]:
        """Lines that the change takes out."""
        return tuple(line[1:] for line in self._body if line.startswith("-"))

    @property
    def _body(self) -> list[str]:
        return [line for line in self.diff.splitlines() if not line.startswith(("+++", "---"))]


def line_moves(before: str, after: str) -> dict[int, int]:
    r"""Where each line went, 1-based; lines that were taken out are missing.

    A line that was rewritten keeps its counterpart if that stands in the same place, as deeply indented and similar:
    a line that left a loop is not the same line any more.

    >>> line_moves("for a in b:\n    use(a.c)\n", "for a in b.all():\n    use(a.c)\n")
    {1: 1, 2: 2}
    >>> line_moves("for a in b:\n    save(a)\n", "save_all(b)\n")
    {}
    """
    old, new = before.splitlines(), after.splitlines()
    moves: dict[int, int] = {}
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            moves |= {old_start + at + 1: new_start + at + 1 for at in range(old_end - old_start)}
        elif tag == "replace":
            moves |= _rewritten(old, range(old_start, old_end), new, range(new_start, new_end))
    return moves


def _rewritten_lines(before: str, after: str, moves: Mapping[int, int]) -> dict[int, str]:
    old, new = before.splitlines(), after.splitlines()
    texts = {line: new[now - 1].strip() for line, now in moves.items()}
    return {line: text for line, text in texts.items() if old[line - 1].strip() != text}


def _rewritten(old: Sequence[str], old_lines: range, new: Sequence[str], new_lines: range) -> dict[int, int]:
    moves: dict[int, int] = {}
    start = new_lines.start
    for at in old_lines:
        candidates = range(start, new_lines.stop)
        best = max(candidates, key=lambda place: _similarity(old[at], new[place]), default=None)
        if best is not None and _similarity(old[at], new[best]) >= _ALIKE:
            moves[at + 1] = best + 1
            start = best + 1
    return moves


def _similarity(old: str, new: str) -> float:
    if _indentation(old) != _indentation(new):
        return 0.0
    return SequenceMatcher(None, old.strip(), new.strip(), autojunk=False).ratio()


def _indentation(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())


def _diff(file: str, before: str, after: str) -> str:
    lines = unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{file}" if before else "/dev/null",
        f"b/{file}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
