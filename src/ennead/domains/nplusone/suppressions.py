"""Inline suppressions: ``# ennead: ok <reason> [until=YYYY-MM-DD]`` on the access, loop or origin line."""

from __future__ import annotations

import linecache
import re
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from io import StringIO
from os.path import isabs
from tokenize import COMMENT, TokenError, generate_tokens
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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

    @property
    def last_day(self) -> str | None:
        """The last day in words, if there is one."""
        if self.until is None:
            return None
        return "a day that does not exist" if self.until == date.min else self.until.isoformat()


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
    return next((found.reason for _, found in suppressions_at(sites, root) if found.holds(day)), None)


def suppressions_at(sites: Iterable[CallSite | None], root: str) -> Iterator[tuple[CallSite, Suppression]]:
    """The lines with a suppression, whether it still holds or not."""
    for site in sites:
        found = _suppression_at(site, root) if site is not None else None
        if site is not None and found is not None:
            yield site, found


def suppressions_in(text: str, language: Language = "python") -> dict[int, Suppression]:
    r"""All suppressions of a file, by line.

    Parameters
    ----------
    text
        The whole file.
    language
        As of a call site in it.

    Examples
    --------
    >>> suppressions_in("a = 1\nb = 2  # ennead: ok two rows\n")
    {2: Suppression(reason='two rows', until=None)}
    """
    if "ennead" not in text.lower():
        return {}
    lines = _comments(text) if language == "python" else dict(enumerate(text.splitlines(), 1))
    found = {number: read_suppression(line, language) for number, line in lines.items()}
    return {number: suppression for number, suppression in found.items() if suppression is not None}


def _suppression_at(site: CallSite, root: str) -> Suppression | None:
    is_whole = site.file.startswith("<") or isabs(site.file)  # noqa: PTH117 -- asked for every place of every finding
    path = site.file if is_whole else f"{root}/{site.file}"  # "<" begins the name of a notebook's cell
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
    found = matching_pattern(finding, patterns)
    return None if found is None else f"ignored by settings: {found}"


def matching_pattern(finding: Finding, patterns: Iterable[str], routes: Iterable[str] = ()) -> str | None:
    """The first pattern that names the finding, or one of the further routes it was seen on; ``None`` without one."""
    names = [finding.id, finding.relation or "", finding.route or "", *routes]
    for site in (finding.call_site, finding.loop, finding.origin):
        if site is not None:
            names += [site.file, str(site)]
    return next((each for each in patterns if any(name and fnmatchcase(name, each) for name in names)), None)
