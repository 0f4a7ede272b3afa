"""What a type checker says of a change: a fix that it complains of is none to be offered."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ennead.fixes.comparison.notes import first_sentences
from ennead.fixes.search_result import Judged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ennead.fixes.verdict import Judgement
    from ennead.kernel.finding import Finding

_OF_A_LIBRARY = re.compile(r"\[import-(?:untyped|not-found)\]$")
"""What is said of an import is said of what is imported: where that is known, another import of it is nothing new."""


@dataclass(frozen=True, slots=True)
class TypeReport:
    """What a type checker said of one state of the project."""

    checker: str
    """Its name."""
    errors: tuple[tuple[str, str], ...] = ()
    """File and message, without line numbers, in the order in which they were told."""
    problem: str = ""
    """Why it did not say all; empty if it did its work."""


def new_errors(before: TypeReport, after: TypeReport) -> list[tuple[str, str]]:
    """Errors that are told of the changed code, and were not told so often before.

    Of two errors of one kind in one file, one that is gone and one that came, the latter is the former in other words.

    Examples
    --------
    >>> known, new = ("a.py", "Missing return  [return]"), ("a.py", "Name is not defined  [name-defined]")
    >>> new_errors(TypeReport("mypy", (known,)), TypeReport("mypy", (known, new)))
    [('a.py', 'Name is not defined  [name-defined]')]
    >>> new_errors(TypeReport("mypy", (known, new)), TypeReport("mypy", (known,)))
    []
    """
    gone, came = Counter(before.errors), Counter(after.errors)
    gone, came = gone - came, came - gone
    left = Counter(_kind(error) for error in gone.elements())
    of_libraries = {message for _, message in before.errors if _OF_A_LIBRARY.search(message)}
    found: list[tuple[str, str]] = []
    for error in came.elements():
        if left[_kind(error)]:
            left[_kind(error)] -= 1
        elif error[1] not in of_libraries:
            found.append(error)
    return found


def _kind(error: tuple[str, str]) -> tuple[str, str]:
    """File and error code."""
    file, message = error
    return file, message.rpartition("  [")[2]


def with_types(judged: Judged, before: TypeReport, after: TypeReport, findings: Mapping[str, Finding]) -> Judged:
    """What was judged, and what the type checker says to it.

    Parameters
    ----------
    judged
        A change that was accepted.
    before, after
        Of the original and of the changed code.
    findings
        Of the original, by id: those whose files have the new errors are the suspects.
    """
    problem = before.problem or after.problem
    new = [] if before.problem else new_errors(before, after)

    def told(judgement: Judgement) -> Judgement:
        if new:
            return _refused(judgement, after.checker, new) if judgement.is_accepted else judgement
        if problem:
            return _not_compared(judgement, f"types: {problem}")
        return _compared(judgement, f"types ({after.checker})")

    files = {file for file, _ in new}
    return Judged(
        told(judged.judgement),
        {name: told(judgement) for name, judgement in judged.by_finding.items()},
        judged.findings,
        judged.suspects | {name for name in judged.by_finding if name in findings and _is_in(findings[name], files)},
    )


def _refused(judgement: Judgement, checker: str, errors: Sequence[tuple[str, str]]) -> Judgement:
    sentences = dict.fromkeys(f"new to {checker}: {file}: {message}" for file, message in errors)
    reasons = (*first_sentences(sentences), *judgement.reasons)
    verification = replace(_compared(judgement, f"types ({checker})").verification, verdict="worse")
    return replace(judgement, verdict="worse", reasons=reasons, verification=verification)


def _compared(judgement: Judgement, what: str) -> Judgement:
    seen = judgement.verification
    return replace(judgement, verification=replace(seen, compared=(*seen.compared, what)))


def _not_compared(judgement: Judgement, sentence: str) -> Judgement:
    seen = judgement.verification
    return replace(judgement, verification=replace(seen, not_compared=(*seen.not_compared, sentence)))


def _is_in(finding: Finding, files: Collection[str]) -> bool:
    sites = (finding.origin, finding.loop, finding.call_site, *finding.call_path)
    return any(site is not None and site.file in files for site in sites)
