"""From a piece of work to its verified fixes: replay it, look for a fix of what it shows, keep what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ennead.fixes.search import Search
from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import severity_rank
from ennead.replay.journal import Journal
from ennead.replay.method_offer import offer_methods
from ennead.replay.originals import notes_on
from ennead.replay.verify import Verifier
from ennead.runs.kept_changes import KeptChange, keep_changes
from ennead.runs.kept_fixes import keep_fixes
from ennead.runs.new_run import NewRun
from ennead.runs.notes import notes_on_settings
from ennead.runs.recorded import read_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.search_result import SearchResult
    from ennead.kernel.finding import Finding
    from ennead.replay.method_offer import MethodOffer
    from ennead.replay.replay import Work
    from ennead.replay.target import Target
    from ennead.runs.folder import RunFolder

_FAILED = 1


class Listener(Protocol):
    """Whoever tells a person how far it is."""

    def begin(self, count: int) -> None:
        """So many findings are to be fixed."""
        ...

    def trying(self, finding: Finding, candidate: Candidate) -> None:
        """A candidate for a finding is tried."""
        ...

    def doing(self, what: str) -> None:
        """A replay begins, or a run of the type checker."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixing:
    """What came of looking for fixes."""

    run: RunFolder
    """Where it is kept."""
    result: SearchResult
    change: KeptChange | None
    """All that was accepted, as it was judged; ``None`` if nothing was. No part of it was judged alone."""
    methods: MethodOffer | None = None
    """What became of the wish for methods; ``None`` if nobody wished for any."""
    notes: tuple[str, ...] = ()
    """On the work as it was replayed: what may explain that it shows less than was expected."""


def look_for_fixes(  # noqa: PLR0913 -- each is an option of the command and of the tool
    work: Work,
    target: Target,
    *,
    command: Sequence[str] = (),
    everything: bool = False,
    as_method: bool = False,
    sizes: Sequence[int] | None = None,
    seconds: float = 900.0,
    listener: Listener,
    stop: Event | None = None,
) -> Fixing:
    """Look for fixes of what the work shows, and keep what came of it beside the run's records.

    Parameters
    ----------
    work
        What is replayed.
    target
        Whose finding is meant; a new run is made for work without one, and its first replay is recorded there.
    command
        The work as it was typed, for a new run.
    everything
        Fix all findings, not only the one that is meant or the worst one.
    as_method
        Write eager loads as methods beside the project's own queries, where that is verified, too.
    sizes
        Two data sizes, for work that takes one.
    seconds
        Time it may take; a replay that has begun is finished.
    listener
        Told how far it is.
    stop
        Ends all of it when it is set.

    Raises
    ------
    EnneadError
        The work cannot be replayed, or does not show the finding.
    """
    new = None if target.run else NewRun.begin(command, output=target.output, working_folder=work.working_folder)
    run = target.run or (new.folder if new else None)
    assert run is not None  # noqa: S101 -- for the type checker: one of the two is there
    records = None if target.run else run.path
    journal = Journal.of(run.path.parent.parent / "judgements", work, sizes)
    with Verifier(work, sizes=sizes, tell=listener.doing, keep_records=records, stop=stop, journal=journal) as verifier:
        if new is not None:
            _record_first(verifier, new)
        findings = _wanted(verifier, target, everything=everything)
        if findings and verifier.problem is not None:
            message = f"no fix can be judged by this work: {verifier.problem}"
            raise EnneadError(message)
        listener.begin(len(findings))
        result = Search(verifier, verifier.sources, seconds=seconds, tell=listener.trying).run(findings)
        result, methods = offer_methods(result, verifier, verifier.sources) if as_method else (result, None)
        change = accepted_change(result, {name: verifier.sources.text(name) for name in result.files})
        notes = (*_notes_on_run(findings, target), *notes_on(verifier.first), *notes_on_settings())
    keep_fixes(run, {each.finding.id: known for each in result.fixes if (known := each.recommendation) is not None})
    keep_changes(run, [change] if change else [])
    return Fixing(run=run, result=result, change=change, methods=methods, notes=notes)


def _notes_on_run(findings: Sequence[Finding], target: Target) -> tuple[str, ...]:
    """What a run has recorded and its replay does not show."""
    recorded = len(read_report(target.run).entries) if target.run and not findings else 0
    if not recorded:
        return ()
    findings_told = "1 finding" if recorded == 1 else f"{recorded} findings"
    return (f"the run has recorded {findings_told}: repaired since, or the replay does something else",)


def _record_first(verifier: Verifier, new: NewRun) -> None:
    code = _FAILED
    try:
        code = verifier.first.exit_code
    finally:
        new.end(code)


def badness(finding: Finding) -> tuple[int, int, str]:
    """The greater, the earlier a finding is fixed; no times, so that two searches go the same way."""
    return (severity_rank(finding.severity), finding.query_count, finding.id)


def _wanted(verifier: Verifier, target: Target, *, everything: bool) -> list[Finding]:
    """What is to be fixed, as the replayed work shows it; the worst first."""
    shown = sorted(verifier.findings.values(), key=badness, reverse=True)
    if target.finding_id is not None:
        wanted = [finding for finding in shown if finding.id == target.finding_id]
        if not wanted:
            known = ", ".join(finding.id for finding in shown[:5]) or "none"
            shows = "; ".join((known, *notes_on(verifier.first)))
            message = f"the replayed work does not show {target.finding_id}; it shows: {shows}"
            raise EnneadError(message + _last_words(verifier))
        return wanted
    if not shown and verifier.first.exit_code:
        message = f"the replayed work failed with exit code {verifier.first.exit_code}{_last_words(verifier)}"
        raise EnneadError(message)
    return shown if everything else shown[:1]


def _last_words(verifier: Verifier) -> str:
    lines = verifier.first.stderr_tail.strip().splitlines() if verifier.first.exit_code else []
    if len(lines) > 1 and not any(line.startswith("Traceback ") for line in lines):
        return f": {lines[-2].strip()} {lines[-1].strip()}"
    return f": {lines[-1]}" if lines else ""


def accepted_change(result: SearchResult, originals: Mapping[str, str | None]) -> KeptChange | None:
    """What may be applied of a search: all that was accepted, if all of it works together.

    Parameters
    ----------
    result
        What the search found.
    originals
        The changed files as they were; ``None`` for a new one.
    """
    judged = [fix.best.judgement for fix in result.fixes if fix.status == "fixed" and fix.best is not None]
    judgement = result.together or next(iter(judged), None)
    if judgement is None or not judgement.is_accepted:
        return None
    return KeptChange(
        finding_ids=tuple(fix.finding.id for fix in result.fixes if fix.is_fixed),
        before={name: originals[name] for name in result.files},
        after=result.files,
        verification=judgement.verification,
    )
