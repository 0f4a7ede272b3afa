"""Where in the user's own code something happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["python", "django-template", "jinja2"]


@dataclass(frozen=True, slots=True)
class CallSite:
    """One line of the user's code, a template's line included.

    Two call sites are equal if they name the same place; the text of the line takes no part.

    Examples
    --------
    >>> site = CallSite("shop/views.py", 12, "order_list")
    >>> str(site)
    'shop/views.py:12'
    >>> CallSite.from_dict(site.to_dict()) == site
    True
    """

    file: str
    """Relative to the project root where it lies inside it, else absolute; always with forward slashes."""
    line: int
    """1-based."""
    function: str
    """Qualified name; the template's name for a template line."""
    source: str | None = None
    """The line's text, stripped; ``None`` where it cannot be read."""
    language: Language = "python"
    module: str = ""
    """Dotted module name; the same on every host, whatever the folder is called."""
    column: int | None = None
    """0-based first column of the instruction, where the interpreter knows it (several accesses may share a line)."""
    end_line: int | None = None
    end_column: int | None = None
    note: str | None = None
    """What a framework calls this place, e.g. ``serializer field OrderSerializer.customer``."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CallSite) and self._place == other._place

    def __hash__(self) -> int:
        return hash(self._place)

    @property
    def _place(self) -> tuple[str, int, str, int | None, int | None, int | None]:
        return (self.file, self.line, self.function, self.column, self.end_line, self.end_column)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; fields without a value are left out."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value not in (None, "")}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CallSite:
        """Read what :meth:`to_dict` wrote; unknown keys, of a newer version, are ignored.

        Raises
        ------
        KeyError
            ``file`` or ``line`` is missing.
        """
        known = {name: data[name] for name in cls.__slots__ if name in data}
        return cls(**{"function": "", **known, "file": data["file"], "line": int(data["line"])})
