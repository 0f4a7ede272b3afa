"""Inline suppressions: ``# ennead: ok <reason> [until=YYYY-MM-DD]`` on the access, loop or origin line."""

from __future__ import annotations

import linecache
import re
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding

_COMMENT = re.compile(r"(?:#|\{#|--|<!--)\s*ennead:\s*ok\b[\s:]*(?P<reason>.*?)\s*(?:#\}|-->)?\s*$", re.IGNORECASE)
_UNTIL = re.compile(r"\[?until=(?P<day>\d{4}-\d{2}-\d{2})\]?")


class Suppression(NamedTuple):
    """A comment that says why something is all right."""

    reason: str
    until: date | None

    def holds(self, today: date) -> bool:
        """Whether it has not expired; the day named is the last one."""
        return self.until is None or today <= self.until


def read_suppression(line: str) -> Suppression | None:
    """The suppression in a line of source, if there is one.

    Examples
    --------
    >>> read_suppression("for o in orders:  # ennead: ok at most three rows [until=2027-01-31]")
    Suppression(reason='at most three rows', until=datetime.date(2027, 1, 31))
    >>> read_suppression("for o in orders:  # fine") is None
    True
    """
    found = _COMMENT.search(line)
    if found is None:
        return None
    reason = found["reason"]
    until = _UNTIL.search(reason)
    day = _parse_day(until["day"]) if until else None
    return Suppression(_UNTIL.sub("", reason).strip() or "no reason given", day)


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min  # a day that does not exist has passed: the finding comes back and the comment is seen


def suppression_of(sites: Iterable[CallSite | None], root: str, today: date | None = None) -> str | None:
    """The reason of the first suppression on one of the lines that still holds, or ``None``."""
    day = today or datetime.now(UTC).date()
    for site in sites:
        if site is None:
            continue
        path = site.file if Path(site.file).is_absolute() else f"{root}/{site.file}"
        found = read_suppression(linecache.getline(path, site.line))
        if found is not None and found.holds(day):
            return found.reason
    return None


def ignored_by_settings(finding: Finding, patterns: Sequence[str]) -> str | None:
    """The reason if a pattern of the settings names the finding: its id, relation, route, file or ``file:line``."""
    names = [finding.id, finding.relation or "", finding.route or ""]
    for site in (finding.call_site, finding.loop, finding.origin):
        if site is not None:
            names += [site.file, str(site)]
    for pattern in patterns:
        if any(name and fnmatchcase(name, pattern) for name in names):
            return f"ignored by settings: {pattern}"
    return None
