"""A change of one file of a small shop, written as pieces of text to be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"

Pieces = tuple[tuple[str, str], ...]
"""What stands in the file, and what takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A small application, the command that walks it, and the repair of all that it does wrong."""

    name: str
    file: str
    """The file that all patches change, relative to the root."""
    command: tuple[str, ...]
    repair: Pieces

    @property
    def root(self) -> Path:
        """Where it is kept; nothing may be run here."""
        return FIXTURES / self.name

    def repaired(self) -> str:
        """The file with everything repaired."""
        return replaced((self.root / self.file).read_text(encoding="utf-8"), self.repair)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPatch:
    """A repair with one mistake in it."""

    name: str
    mistake: Pieces
    """Pieces of the repaired file, and what stands there by mistake."""
    verdicts: frozenset[str] = frozenset({"changes-results"})
    """What may be said about it; all of them refuse it."""
    elsewhere: Mapping[str, Pieces] = field(default_factory=dict)
    """Pieces of other files, by path, that go with the mistake."""

    def files(self, shop: Shop) -> dict[str, str]:
        """Whole files with the mistake, by path."""
        others = {
            name: replaced((shop.root / name).read_text(encoding="utf-8"), pieces)
            for name, pieces in self.elsewhere.items()
        }
        return {shop.file: replaced(shop.repaired(), self.mistake), **others}


def replaced(text: str, pieces: Pieces) -> str:
    """A text with each piece replaced, which stands there exactly once.

    Raises
    ------
    ValueError
        A piece is not there, or more than once.
    """
    for old, new in pieces:
        if text.count(old) != 1:
            message = f"{old!r} stands {text.count(old)} times in the file, not once"
            raise ValueError(message)
        text = text.replace(old, new)
    return text
