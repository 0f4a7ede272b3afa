"""``file:line`` as terminals and editors find it: relative to where the reader stands, with a link where links work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.reporting.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.call_site import CallSite

_CAPABLE_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "mintty")
_CAPABLE_VARIABLES = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM", "ALACRITTY_WINDOW_ID")
_CAPABLE_TERMS = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty")
_FIRST_VTE_WITH_LINKS = 5000


@dataclass(frozen=True, slots=True)
class Places:
    """Turns call sites into what a reader can click.

    Parameters
    ----------
    project_root
        Absolute folder that relative files of call sites start from.
    working_folder
        Absolute folder that printed files are relative to; terminals and editors resolve them from there.
    """

    project_root: str
    working_folder: str

    def text(self, site: CallSite) -> str:
        """``path:line``."""
        return f"{self.file(site)}:{site.line}"

    def file(self, site: CallSite) -> str:
        """The path relative to the working folder, or absolute where it lies outside the project."""
        path = self.absolute(site)
        if not path:
            return one_line(site.file)
        if not self.working_folder or Path(site.file).is_absolute():
            return one_line(path)
        return one_line(os.path.relpath(path, self.working_folder)).replace(os.sep, "/")

    def absolute(self, site: CallSite) -> str:
        """The absolute path; empty for places that are no file (``<stdin>``), or whose project is not known."""
        if site.file.startswith("<"):
            return ""
        if Path(site.file).is_absolute():
            return site.file
        return str(Path(self.project_root) / site.file) if self.project_root else ""

    def link(self, site: CallSite) -> str | None:
        """A ``file:`` URL whose fragment is the line, as kitty and VS Code open it; ``None`` where there is no file."""
        path = self.absolute(site)
        try:
            return f"{Path(path).as_uri()}#{site.line}" if path else None
        except (ValueError, UnicodeError):
            return None


def shows_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is known to understand hyperlinks (OSC 8); ``FORCE_HYPERLINK`` decides if it is set.

    >>> shows_links({"TERM_PROGRAM": "WezTerm"}), shows_links({"TERM": "xterm-256color"}), shows_links({"TERM": "dumb"})
    (True, False, False)
    """
    forced = environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    if environ.get("TERM_PROGRAM") in _CAPABLE_PROGRAMS or environ.get("TERM") in _CAPABLE_TERMS:
        return True
    version = environ.get("VTE_VERSION", "")
    return (version.isdigit() and int(version) >= _FIRST_VTE_WITH_LINKS) or any(
        name in environ for name in _CAPABLE_VARIABLES
    )
