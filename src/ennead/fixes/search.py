"""Looking for a fix of each finding: candidates, the likeliest first, replayed and judged.

A replay costs seconds, so the candidates of many findings are tried at once, each laid over the ones before it. If the
work gives other results with all of them, the half that did it is looked for; a candidate that changes nothing or does
not end the growth makes room for the finding's next one. What reduces the queries without ending their growth is built
upon in the end: nested relations may need a second step. Whatever was accepted is judged once more, all together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from ennead.fixes.patch import edit_of
from ennead.fixes.proposals import propose
from ennead.fixes.relocation import relocated
from ennead.fixes.search_result import Attempt, FindingFix, Judged, SearchResult, Status
from ennead.fixes.syntax.long_chains import with_short_lines
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources

_MOST_STEPS = 3
_SPOILS_OTHERS = frozenset({"could-not-run", "changes-results", "non-deterministic", "worse"})
"""Verdicts that one candidate brings upon all that are replayed with it."""
_OTHERS_FIXES = "What repairs the other findings"


class Judge(Protocol):
    """Whoever replays a change and judges it."""

    def look(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        """Judge the project with ``files`` changed at the small data size only: what fails there need not go on."""
        ...

    def judge(self, files: Mapping[str, str], finding_ids: Collection[str]) -> Judged:
        """Judge the project with ``files`` changed at both data sizes."""
        ...


@dataclass(slots=True)
class _Case:
    """A finding while its fix is looked for."""

    finding: Finding
    status: Status = "not-tried"
    attempts: list[Attempt] = field(default_factory=list)
    diff: str = ""
    is_on_top: bool = False
    tried: int = 0
    """Candidates that were taken from its list."""
    reduced: list[int] = field(default_factory=list)
    """Places, in its list, of candidates that reduced the queries without ending their growth."""

    def note(self, candidate: Candidate, judgement: Judgement) -> None:
        self.attempts.append(Attempt(title=candidate.title, strategy=candidate.strategy, judgement=judgement))
        if judgement.verdict == "reduced-not-flat":
            self.reduced.append(self.tried - 1)

    @property
    def is_open(self) -> bool:
        return self.status == "not-tried"

    def finished(self) -> FindingFix:
        status = "not-fixed" if self.is_open and self.attempts else self.status
        return FindingFix(
            finding=self.finding,
            status=status,
            attempts=tuple(self.attempts),
            diff=self.diff,
            is_on_top=self.is_on_top,
        )


@dataclass(frozen=True, slots=True)
class _Trial:
    """A case with the candidate that is tried for it, and the whole project with it and those before it."""

    case: _Case
    candidate: Candidate
    before: ProjectSources
    after: ProjectSources


class Search:
    """Looks for fixes.

    Parameters
    ----------
    judge
        Replays and judges.
    sources
        The project as it is.
    seconds
        Time it may take; a replay that has begun is finished.
    tell
        Told of each finding with the candidate that is tried for it next.
    """

    def __init__(
        self,
        judge: Judge,
        sources: ProjectSources,
        *,
        seconds: float = 900.0,
        tell: Callable[[Finding, Candidate], None] | None = None,
    ) -> None:
        self._judge = judge
        self._original = sources
        self._sources = sources
        self._until = monotonic() + seconds
        self._tell = tell or _nothing
        self._accepted: list[_Case] = []
        self._current: dict[str, Finding] | None = None
        """What the code as it stands now shows, by id; ``None`` while it is the original."""

    def run(self, findings: Sequence[Finding]) -> SearchResult:
        """Look for a fix of each finding; those that come first are served first."""
        cases = [_Case(finding) for finding in findings]
        while not self._is_late and (batch := self._compose(cases)):
            self._settle(batch)
        for case in cases:
            if case.is_open and case.reduced and not self._is_late:
                self._build_upon(case)
        self._break_long_lines()
        together = self._judge_together(cases)
        return SearchResult(
            fixes=tuple(case.finished() for case in cases),
            files=self._sources.changed,
            diff=edit_of(self._original, self._sources.changed).diff,
            together=together,
        )

    @property
    def _is_late(self) -> bool:
        return monotonic() > self._until

    # ------------------------------------------------------------------------------------- many findings at once

    def _compose(self, cases: Iterable[_Case]) -> list[_Trial]:
        """The next candidate of each open case, each laid over those before it."""
        batch: list[_Trial] = []
        sources = self._sources
        for case in cases:
            if not case.is_open:
                continue
            trial = self._next_trial(case, sources)
            if trial is not None:
                self._tell(case.finding, trial.candidate)
                batch.append(trial)
                sources = trial.after
        return batch

    def _next_trial(self, case: _Case, sources: ProjectSources) -> _Trial | None:
        finding = case.finding if self._current is None else self._current.get(case.finding.id)
        if finding is None:
            case.status = "fixed-along"
            return None
        here: Finding | None = finding
        if sources is not self._sources:
            here = relocated(finding, edit_of(self._sources, sources.changed), sources)
        if here is None:  # its lines were rewritten by another candidate: its turn comes in the next round
            return None
        candidates = propose(here, sources)
        for _ in range(case.tried):
            next(candidates, None)
        candidate = next(candidates, None)
        if candidate is None and sources is not self._sources:
            return None  # what another candidate does may be its own fix, too: the next round tells
        if candidate is None:
            case.status = "not-fixed" if case.attempts else "no-candidate"
            if case.reduced:
                case.status = "not-tried"  # something can be built upon
            return None
        case.tried += 1
        return _Trial(case, candidate, sources, sources.with_changes(candidate.files))

    def _again(self, trials: Sequence[_Trial]) -> list[_Trial]:
        """The same candidates on the code as it stands now."""
        for trial in trials:
            trial.case.tried -= 1
        return self._compose([trial.case for trial in trials])

    def _settle(self, batch: list[_Trial]) -> None:
        """Find out which trials of a batch are good, and accept them."""
        if not batch:
            return
        judged = self._judge.look(batch[-1].after.changed, self._ids(batch))
        if judged.judgement.verdict in _SPOILS_OTHERS:
            self._split(batch, judged)
            return
        useless = [trial for trial in batch if judged.by_finding[trial.case.finding.id].verdict == "no-effect"]
        if useless:
            self._note(useless, judged)
            rest = [trial for trial in batch if trial not in useless]
            batch = self._again(rest)
            if not batch:
                return
        judged = self._judge.judge(batch[-1].after.changed, self._ids(batch))
        if judged.judgement.verdict in _SPOILS_OTHERS:
            self._split(batch, judged)
            return
        self._take(batch, judged)

    def _split(self, batch: list[_Trial], judged: Judged) -> None:
        """Something is wrong with a batch: look for it in its halves."""
        if len(batch) == 1:
            batch[0].case.note(batch[0].candidate, judged.judgement)
            return
        first = [trial for trial in batch if trial.case.finding.id not in judged.suspects]
        second = [trial for trial in batch if trial.case.finding.id in judged.suspects]
        if not first or not second:
            middle = len(batch) // 2
            first, second = batch[:middle], batch[middle:]
        self._settle(self._again(first))
        self._settle(self._again(second))

    def _take(self, batch: list[_Trial], judged: Judged) -> None:
        """Accept what is good in a batch that does no harm as a whole."""
        good = [trial for trial in batch if judged.by_finding[trial.case.finding.id].is_accepted]
        if len(good) == len(batch) and not judged.is_accepted:
            # Two findings of one statement: what is left of it passes, for each of them, as the other's.
            self._split(batch, judged)
            return
        self._note([trial for trial in batch if trial not in good], judged)
        if good and len(good) < len(batch):
            good = self._again(good)
            if good:
                judged = self._judge.judge(good[-1].after.changed, self._ids(good))
                if not judged.is_accepted:
                    self._split(good, judged)
                    return
        for trial in good:
            trial.case.note(trial.candidate, judged.by_finding[trial.case.finding.id])
            self._accept(trial.case, trial.before, trial.after, judged)

    def _accept(self, case: _Case, before: ProjectSources, after: ProjectSources, judged: Judged) -> None:
        self._accepted.append(case)
        self._sources = after
        self._current = {each.id: each for each in judged.findings}
        case.status, case.diff = "fixed", edit_of(before, after.changed).diff
        edited = [name for name, text in after.changed.items() if before.text(name) != text]
        case.is_on_top = any(before.text(name) != self._original.text(name) for name in edited)

    def _note(self, trials: Iterable[_Trial], judged: Judged) -> None:
        for trial in trials:
            trial.case.note(trial.candidate, judged.by_finding[trial.case.finding.id])

    def _ids(self, batch: Sequence[_Trial]) -> list[str]:
        return [case.finding.id for case in (*self._accepted, *(trial.case for trial in batch))]

    # ------------------------------------------------------------------------------------------ one step upon another

    def _build_upon(self, case: _Case) -> None:
        """Try what can be done on top of the candidates that reduced the queries."""
        finding = case.finding if self._current is None else self._current.get(case.finding.id)
        if finding is None:
            case.status = "fixed-along"
            return
        wanted = set(case.reduced)
        for place, candidate in enumerate(propose(finding, self._sources)):
            if place in wanted and self._next_steps(case, self._sources.with_changes(candidate.files), _MOST_STEPS - 1):
                return
            if self._is_late:
                return

    def _next_steps(self, case: _Case, sources: ProjectSources, steps: int) -> bool:
        """Whether something more on top of ``sources`` ends the growth."""
        ids = [*(each.finding.id for each in self._accepted), case.finding.id]
        rest = _rest_of(case.finding, self._judge.look(sources.changed, ids).findings)
        if rest is None:
            return False
        for candidate in propose(rest, sources):
            self._tell(rest, candidate)
            after = sources.with_changes(candidate.files)
            judged = self._judge.judge(after.changed, ids)
            case.note(candidate, judged.by_finding[case.finding.id])
            if judged.is_accepted:
                self._accept(case, self._sources, after, judged)
                return True
            if self._is_late:
                return False
            if (
                judged.judgement.verdict == "reduced-not-flat"
                and steps > 1
                and self._next_steps(case, after, steps - 1)
            ):
                return True
        return False

    def _break_long_lines(self) -> None:
        """Leave the files as a formatter would; to Python they are the same."""
        files = {
            name: with_short_lines(self._original.text(name) or "", text) if name.endswith(".py") else text
            for name, text in self._sources.changed.items()
        }
        self._sources = self._original.with_changes(files)
        if len(self._accepted) == 1:
            self._accepted[0].diff = edit_of(self._original, files).diff

    def _judge_together(self, cases: Iterable[_Case]) -> Judgement | None:
        """Judge all that is repaired at once, what is only not shown any more included."""
        along = [case for case in cases if case.status == "fixed-along"]
        ids = [case.finding.id for case in (*self._accepted, *along)]
        if len(ids) < 2:  # noqa: PLR2004 -- one alone has been judged
            return None
        judged = self._judge.judge(self._sources.changed, ids)
        if judged.is_accepted or not along:
            return judged.judgement
        refused = [case for case in along if not judged.by_finding[case.finding.id].is_accepted]
        for case in refused or along:
            verdict = judged.by_finding[case.finding.id] if refused else judged.judgement
            case.status = "not-fixed"
            case.attempts.append(Attempt(title=_OTHERS_FIXES, strategy="others-fixes", judgement=verdict))
        return self._judge_together(along)


def _rest_of(finding: Finding, found: Iterable[Finding]) -> Finding | None:
    """What is left of a finding in the changed code: itself, or another one of the same loop."""
    known = tuple(found)
    same = next((each for each in known if each.id == finding.id), None)
    return same or next((each for each in known if _is_of_same_loop(each, finding)), None)


def _is_of_same_loop(found: Finding, finding: Finding) -> bool:
    if found.loop is None or finding.loop is None or found.code != finding.code:
        return False
    return (found.loop.file, found.loop.function) == (finding.loop.file, finding.loop.function)


def _nothing(_finding: Finding, _candidate: Candidate) -> None:
    return None
