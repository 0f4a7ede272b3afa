"""Whether a project is checked by mypy, and which of its files are."""

from __future__ import annotations

import configparser
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""In the order in which mypy looks for them."""
_OF_MYPY_ALONE = frozenset({"mypy.ini", ".mypy.ini"})
_OWN_FOLDER = "$MYPY_CONFIG_FILE_DIR/"


@dataclass(frozen=True, slots=True)
class MypySettings:
    """The part of mypy's configuration that says what is checked."""

    folder: Path
    """Where mypy is started."""
    file: str
    """The configuration file in it."""
    paths: tuple[str, ...] = ()
    """Files and folders that are checked, with wildcards; empty for all."""
    excluded: tuple[str, ...] = ()
    """Regular expressions of what is not."""

    @classmethod
    def find(cls, folder: Path, root: Path) -> MypySettings | None:
        """The configuration that mypy would take in a folder of a project; ``None`` if the project has none."""
        for place in _upwards(folder, root):
            for name in _FILES:
                section = _section(place / name)
                if section is not None:
                    excluded = tuple(text for text in _listed(section.get("exclude"), None) if _is_pattern(text))
                    return cls(place, name, _listed(section.get("files"), ","), excluded)
        return None

    def is_checked(self, file: str) -> bool:
        """Whether a file is among those that are checked, by its path relative to the folder.

        Examples
        --------
        >>> settings = MypySettings(Path("/srv/shop"), "mypy.ini", ("src",), ("/migrations/",))
        >>> settings.is_checked("src/shop/views.py"), settings.is_checked("src/shop/migrations/0001.py")
        (True, False)
        >>> settings.is_checked("tools/seed.py")
        False
        """
        path = PurePosixPath(file)
        if path.suffix not in (".py", ".pyi") or ".." in path.parts:
            return False
        inside = [*(f"{above}/" for above in path.parents if above.name), file]
        if any(re.search(pattern, part) for pattern in self.excluded for part in inside):
            return False
        return not self.paths or any(_is_meant(path, pattern) for pattern in self.paths)


def _upwards(folder: Path, root: Path) -> Iterator[Path]:
    yield folder
    for above in folder.parents if folder.is_relative_to(root) and folder != root else ():
        yield above
        if above == root:
            return


def _section(path: Path) -> Mapping[str, Any] | None:
    """The section about mypy of a file; ``None`` if the file is not there or is not about mypy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    try:
        if path.suffix == ".toml":
            found = tomllib.loads(text).get("tool", {}).get("mypy")
            return found if isinstance(found, dict) else None
        parser = configparser.RawConfigParser()
        parser.read_string(text)
    except (configparser.Error, tomllib.TOMLDecodeError, AttributeError):
        return {} if path.name in _OF_MYPY_ALONE else None
    if parser.has_section("mypy"):
        return dict(parser.items("mypy"))
    return {} if path.name in _OF_MYPY_ALONE else None


def _listed(value: object, comma: str | None) -> tuple[str, ...]:
    """A list, or a text with several of them."""
    if isinstance(value, str):
        value = value.split(comma) if comma else [value]
    if not isinstance(value, list):
        return ()
    words = [str(word).strip().removeprefix(_OWN_FOLDER) for word in value]
    return tuple(word for word in words if word)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _is_meant(path: PurePosixPath, pattern: str) -> bool:
    """Whether a path is what a pattern names, or is inside of it."""
    wanted = str(PurePosixPath(pattern))
    if wanted == ".":
        return True
    if "**" in wanted:
        wanted = wanted.partition("**")[0].rstrip("/") or "*"
    return any(_matches(part, wanted) for part in (path, *path.parents))


def _matches(path: PurePosixPath, pattern: str) -> bool:
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)
