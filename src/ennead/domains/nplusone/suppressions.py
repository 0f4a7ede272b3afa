"""Inline suppressions: ``# ennead: ok <reason> [until=YYYY-MM-DD]`` on the access, loop or origin line."""

from __future__ import annotations

import linecache
import re
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from io import StringIO
from pathlib import Path
from tokenize import COMMENT, TokenError, generate_tokens
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.kernel.call_site import CallSite, Language
    from ennead.kernel.finding import Finding

_SAYS_OK = r"ennead:\s*ok\b[\s:]*(?P<reason>.*?)\s*"
_PYTHON_COMMENT = re.compile(rf"#\s*{_SAYS_OK}$", re.IGNORECASE)
_TEMPLATE_COMMENTS = tuple(
    re.compile(rf"{opening}\s*{_SAYS_OK}{closing}", re.IGNORECASE)
    for opening, closing in (
        (r"\{#-?", r"-?#\}"),
        ("<!--", "-->"),
        (r"\{%-?\s*comment\s*%\}", r"\{%-?\s*endcomment"),
    )
)
_UNTIL = re.compile(r"\[?until=(?P<day>\d{4}-\d{2}-\d{2})\]?")


class Suppression(NamedTuple):
    """A comment that says why something is all right."""

    reason: str
    until: date | None

    def holds(self, today: date) -> bool:
        """Whether it has not expired; the day named is the last one."""
        return self.until is None or today <= self.until


def read_suppression(line: str, language: Language = "python") -> Suppression | None:
    """The suppression in a line of source, if there is one.

    Parameters
    ----------
    line
        A line of Python whose ``#`` begins a comment and no part of a text, or a template's line.
    language
        A template's comment is ``{# ... #}``, ``<!-- ... -->`` or ``{% comment %} ... {% endcomment %}``.

    Examples
    --------
    >>> read_suppression("for o in orders:  # ennead: ok at most three rows [until=2027-01-31]")
    Suppression(reason='at most three rows', until=datetime.date(2027, 1, 31))
    >>> read_suppression("for o in orders:  # fine") is None
    True
    """
    forms = (_PYTHON_COMMENT,) if language == "python" else _TEMPLATE_COMMENTS
    found = next(filter(None, (form.search(line) for form in forms)), None)
    if found is None:
        return None
    reason = found["reason"]
    until = _UNTIL.search(reason)
    day = _parse_day(until["day"]) if until else None
    return Suppression(" ".join(_UNTIL.sub(" ", reason).split()) or "no reason given", day)


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
        found = _suppression_at(site, root)
        if found is not None and found.holds(day):
            return found.reason
    return None


def _suppression_at(site: CallSite, root: str) -> Suppression | None:
    path = site.file if Path(site.file).is_absolute() else f"{root}/{site.file}"
    line = linecache.getline(path, site.line)
    if "ennead" not in line.lower():  # most lines: nothing has to be parsed for them
        return None
    if site.language == "python":
        line = _comments("".join(linecache.getlines(path))).get(site.line, "")
    return read_suppression(line, site.language)


@lru_cache(maxsize=32)
def _comments(text: str) -> dict[int, str]:
    """The comments of a Python file by line: a text with a ``#`` in it is none."""
    comments: dict[int, str] = {}
    try:
        for token in generate_tokens(StringIO(text).readline):
            if token.type == COMMENT:
                comments[token.start[0]] = token.string
    except (TokenError, SyntaxError):  # what could be read until there counts
        pass
    return comments


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
