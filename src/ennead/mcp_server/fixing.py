"""Tools that look for fixes, judge edits, and write what was verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.mcp_server.answers import (
    ApplyAnswer,
    FixAnswer,
    ProposeAnswer,
    Refused,
    VerificationAnswer,
    VerifyAnswer,
)
from ennead.mcp_server.observing import checked_command
from ennead.replay.applying import apply_change
from ennead.replay.fixing import look_for_fixes
from ennead.replay.target import Target, find_finding, find_target, work_of
from ennead.replay.uncommitted import committed_files
from ennead.replay.verify import Verifier
from ennead.reporting.amounts import count as count_of
from ennead.reporting.story import subject
from ennead.runs.folder import runs_folder
from ennead.runs.kept_changes import find_change
from ennead.runs.recorded import find_run, run_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.search_result import FindingFix
    from ennead.fixes.verdict import Judgement
    from ennead.kernel.finding import Finding


class Progress:
    """How far a search is, one sentence at a time.

    Parameters
    ----------
    tell
        Told each sentence.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def begin(self, count: int) -> None:
        """So many findings are to be fixed."""
        self._tell(f"looking for fixes of {count_of(count, 'finding')}")

    def trying(self, finding: Finding, candidate: Candidate) -> None:
        """A candidate for a finding is tried."""
        self._tell(f"trying for {subject(finding)}: {candidate.title}")

    def doing(self, what: str) -> None:
        """A replay begins, or a run of the type checker."""
        self._tell(what)


def propose_fixes(
    target: Target,
    command: Sequence[str] | None,
    *,
    everything: bool,
    as_method: bool,
    sizes: Sequence[int] | None,
    seconds: float,
    tell: Callable[[str], None],
    stop: Event,
) -> ProposeAnswer:
    """Look for verified fixes; no file of the project is changed.

    Raises
    ------
    EnneadError
        The work cannot be replayed, or does not show the finding.
    """
    words = checked_command(command) if command is not None else []
    fixing = look_for_fixes(
        work_of(words, target),
        target,
        command=words,
        everything=everything,
        as_method=as_method,
        sizes=sizes,
        seconds=seconds,
        listener=Progress(tell),
        stop=stop,
    )
    result, change, methods = fixing.result, fixing.change, fixing.methods
    return ProposeAnswer(
        run=fixing.run.id,
        is_complete=result.is_complete,
        fix=change.id if change else None,
        files=sorted(change.after) if change else [],
        diff=result.diff if change else "",
        fixes=[_fix_answer(fix) for fix in result.fixes],
        together=_verification(result.together) if result.together else None,
        methods=list(methods.names) if methods else [],
        kept=list(methods.kept) if methods else [],
        notes=list(fixing.notes),
    )


def verify_edits(
    command: Sequence[str] | None,
    finding: str | None,
    sizes: Sequence[int] | None,
    tell: Callable[[str], None],
    stop: Event,
) -> VerifyAnswer:
    """Judge the uncommitted edits of the project against what is committed.

    Raises
    ------
    EnneadError
        There are none, or the work cannot be replayed.
    """
    words = checked_command(command) if command is not None else []
    target = target_of(finding, None, has_command=bool(words))
    work = work_of(words, target)
    before, after = committed_files(work.root)
    with Verifier(work, sizes=sizes, tell=Progress(tell).doing, original=before, stop=stop) as verifier:
        judged = verifier.judge(after, None if target.finding_id is None else [target.finding_id])
    return VerifyAnswer(
        is_accepted=judged.is_accepted,
        files=sorted(after),
        verification=_verification(judged.judgement),
    )


def apply_verified(name: str, *, force: bool) -> ApplyAnswer:
    """Write a verified fix into the project.

    Raises
    ------
    EnneadError
        There is none of that name, or its files are not those any more that it was verified on.
    """
    settings, root = run_settings()
    change = find_change(runs_folder(settings.output, root).runs(), name)
    files = apply_change(Path(root).resolve(), change, force=force)
    return ApplyAnswer(fix=change.id, files=files, repairs=list(change.finding_ids), project_root=root)


def target_of(finding: str | None, run: str | None, *, has_command: bool) -> Target:
    """The run and the finding that are named; by default the last run, and its worst finding.

    Raises
    ------
    EnneadError
        There is nothing of that name.
    """
    if finding is not None:
        return find_finding(finding, run, None)
    if run is not None:
        return Target(find_run(run, None), None)
    settings, root = run_settings()
    if not has_command and not runs_folder(settings.output, root).runs():
        raise EnneadError("no run is recorded: name a command, or record one with the tool 'run'")
    return find_target(None, None, has_command=has_command)


def _fix_answer(fix: FindingFix) -> FixAnswer:
    best = fix.best
    is_fixed = fix.status == "fixed"
    return FixAnswer(
        finding=fix.finding.id,
        subject=subject(fix.finding),
        status=fix.status,
        title=best.title if best and is_fixed else None,
        diff=fix.diff,
        verification=_verification(best.judgement) if best and is_fixed else None,
        refused=[
            Refused(
                title=attempt.title,
                strategy=attempt.strategy,
                verdict=attempt.judgement.verdict,
                reason=attempt.judgement.reasons[0],
            )
            for attempt in fix.attempts
            if not attempt.judgement.is_accepted
        ],
    )


def _verification(judgement: Judgement) -> VerificationAnswer:
    told = judgement.verification.to_dict()
    del told["diff"]
    return VerificationAnswer(**told, reasons=list(judgement.reasons))
