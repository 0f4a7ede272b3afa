"""Source lines around a story's places, read from disk where the files still say what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.reporting.printable import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.kernel.call_site import CallSite
    from ennead.reporting.places import Places
    from ennead.reporting.story import Line

_AROUND = 2
_LARGEST_FILE_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file."""

    number: int
    text: str
    line: Line | None
    """What the line has to do with the story; ``None`` for the lines around."""
    after_gap: bool = False
    """Lines between this one and the one before are left out."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Rows of one file, in its order."""

    site: CallSite
    """The first place of the story in this file."""
    rows: tuple[Row, ...]


def excerpts(lines: Iterable[Line], places: Places) -> list[Excerpt]:
    """One excerpt for each file, in the order the story meets them."""
    by_file: dict[str, list[Line]] = {}
    for line in lines:
        by_file.setdefault(line.site.file, []).append(line)
    return [Excerpt(members[0].site, tuple(_rows(members, places))) for members in by_file.values()]


def _rows(lines: list[Line], places: Places) -> Iterator[Row]:
    told = {line.site.line: line for line in lines}
    source = _read(places.absolute(lines[0].site))
    numbers: set[int] = set()
    for number, line in told.items():
        fresh = _says(source, line.site)
        numbers |= set(range(number - _AROUND, number + _AROUND + 1)) if fresh else {number}
    before: int | None = None
    for number in sorted(numbers):
        line_here = told.get(number)
        text = _text(source, number, line_here)
        if text is not None:
            yield Row(number, text, line_here, after_gap=before is not None and number > before + 1)
            before = number


def _text(source: tuple[str, ...], number: int, line: Line | None) -> str | None:
    if line is not None and not _says(source, line.site):
        return one_line(line.site.source or line.site.function)
    return source[number - 1] if 0 < number <= len(source) else None


def _says(source: tuple[str, ...], site: CallSite) -> bool:
    """Whether the file still has the recorded text at that line."""
    return 0 < site.line <= len(source) and source[site.line - 1].strip() == (site.source or "").strip() != ""


def _read(path: str) -> tuple[str, ...]:
    try:
        facts = Path(path).stat()
    except (OSError, ValueError):
        return ()
    if not path or facts.st_size > _LARGEST_FILE_BYTES:
        return ()
    return _read_once(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=256)
def _read_once(path: str, _changed_ns: int, _size_bytes: int) -> tuple[str, ...]:
    """A server lives long, and files are edited meanwhile: what is kept is that of one state of the file."""
    try:
        return tuple(map(printable, Path(path).read_text(encoding="utf-8", errors="replace").splitlines()))
    except (OSError, ValueError):
        return ()
