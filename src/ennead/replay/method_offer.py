"""Verified fixes with their eager loads as methods: written, replayed once more, and offered only if they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ennead.fixes.as_method.method_form import method_form
from ennead.fixes.patch import edit_of

if TYPE_CHECKING:
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.search import Judge
    from ennead.fixes.search_result import FindingFix, SearchResult
    from ennead.fixes.verdict import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodOffer:
    """What became of the wish for methods."""

    names: tuple[str, ...] = ()
    """Methods, functions and constants that the fix uses now; empty if it stays as it was."""
    kept: tuple[str, ...] = ()
    """Sentences: which loads stay where they are, and why."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"names": list(self.names), "kept": list(self.kept)}


def offer_methods(result: SearchResult, judge: Judge, sources: ProjectSources) -> tuple[SearchResult, MethodOffer]:
    """Write accepted fixes with methods, and judge them again.

    Parameters
    ----------
    result
        What a search found.
    judge
        Replays and judges.
    sources
        The project as it is.

    Returns
    -------
    SearchResult
        The same with methods if that was verified, otherwise as it was. Of several fixes, only the whole change is
        written with methods: the diff of each alone stays as it was judged.
    MethodOffer
        What was done.
    """
    fixed = [fix for fix in result.fixes if fix.status == "fixed"]
    if not fixed or (result.together is not None and not result.together.is_accepted):
        return result, MethodOffer(kept=("no fix was verified that a method could be made of",))
    form = method_form(sources, result.files)
    if not form.files:
        return result, MethodOffer(kept=form.kept)
    judged = judge.judge(form.files, [fix.finding.id for fix in result.fixes if fix.is_fixed])
    refused = [judged.judgement, *judged.by_finding.values()]
    refused = [each for each in refused if not each.is_accepted]
    if refused:
        first = f"{refused[0].verdict}: {refused[0].reasons[0]}"
        return result, MethodOffer(kept=(*form.kept, f"with {' and '.join(form.names)} it is no fix: {first}"))
    diff = edit_of(sources, form.files).diff
    fixes = result.fixes
    if len(fixed) == 1:
        fixes = tuple(_rewritten(fix, diff, judged.judgement) if fix is fixed[0] else fix for fix in fixes)
    together = judged.judgement if result.together is not None else None
    whole = replace(result, fixes=fixes, files=form.files, diff=diff, together=together)
    return whole, MethodOffer(names=form.names, kept=form.kept)


def _rewritten(fix: FindingFix, diff: str, judgement: Judgement) -> FindingFix:
    *before, last = fix.attempts
    return replace(fix, diff=diff, attempts=(*before, replace(last, judgement=judgement)))
