"""One finding in one line, told while the program still runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.sql import shortened
from ennead.reporting.story import subject
from ennead.reporting.terminal import SEVERITY_STYLES

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding
    from ennead.reporting.places import Places

_LONGEST_STATEMENT = 60


def live_line(finding: Finding, places: Places, *, links: bool = False, fancy: bool = True) -> Text:
    """Severity, what is loaded again and again, how often, where, and on which route."""
    finding = made_printable(finding)
    text = Text.assemble(("ennead  ", "dim"))
    text.append(finding.severity, SEVERITY_STYLES[finding.severity])
    text.append("  " + (subject(finding) or _cut(shortened(finding.statement))))
    text.append(f" {'×' if fancy else 'x'}{finding.query_count:,}", "bold")
    site = finding.call_site or finding.loop or finding.origin
    if site is not None:
        text.append("  ")
        text.append(places.text(site), Style(color="cyan", link=places.link(site) if links else None))
    if finding.route:
        text.append(f"  {one_line(finding.route)}", "dim")
    return text


def _cut(statement: str) -> str:
    text = one_line(statement)
    return text if len(text) <= _LONGEST_STATEMENT else f"{text[: _LONGEST_STATEMENT - 1]}…"
