"""Whether a change of the code repairs a finding and changes nothing else: replays before and after, and the judge.

The original is replayed twice at the size that the data has, which tells what the work itself varies in, and once on
more rows. The changed code is replayed at the small size first: most wrong fixes need no second one.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from ennead.fixes.comparison.costs import is_only_slower
from ennead.fixes.patch import edit_of
from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.search_result import Judged
from ennead.fixes.shared_code import callers_not_replayed
from ennead.fixes.verdict import judge
from ennead.replay.data_sizes import DataSizes
from ennead.replay.journal import Journal, key_of
from ennead.replay.originals import check_end, copes_as_well, findings_of, grows, rows_looped_over
from ennead.replay.replay import Replay, Work
from ennead.replay.type_check import TypeCheck
from ennead.runs.command import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from threading import Event
    from types import TracebackType

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.trace import ReplayTrace
    from ennead.fixes.verdict import Judgement
    from ennead.kernel.finding import Finding

_HOPELESS = frozenset({"could-not-run", "changes-results", "non-deterministic", "no-effect"})
"""Verdicts at the small size that a second one cannot better."""

_TO_MEASURE_TIME = "the changed code, to measure its time"
OLD_ORIGINAL_SECONDS = 20.0
"""A replay of the original that is older does not show what the clock alone changes."""


class _Runs(NamedTuple):
    """What the judge looks at."""

    before: Sequence[ReplayTrace]
    before_large: Sequence[ReplayTrace]
    after: Sequence[ReplayTrace]
    after_large: Sequence[ReplayTrace]


class _Change(NamedTuple):
    """A change of the code, and its replays at the small size."""

    files: Mapping[str, str]
    edit: Edit
    small: list[ReplayTrace]


class Verifier:
    """Replays one piece of work and judges changes of its code.

    A context manager: it works in a temporary folder, which is removed with all copies of databases.

    Parameters
    ----------
    work
        What is replayed.
    sizes
        Two data sizes, for a command that takes one; otherwise the databases are copied as they are, and grown.
    tell
        Told before each replay and each run of a type checker, in a few words.
    keep_records
        A folder that gets the records of the first replay, to be reported like any other run.
    journal
        What was judged before, and need not be replayed again.
    original
        Texts of files before a change that has been made on the disk already; ``None`` for a file that the change made.
        A file that is here and not among those of :meth:`judge` was deleted.
    stop
        Ends the replay that is under way, and all further ones, when it is set.

    Raises
    ------
    EnneadError
        The sizes make no sense.
    """

    def __init__(
        self,
        work: Work,
        *,
        sizes: Sequence[int] | None = None,
        tell: Callable[[str], None] | None = None,
        keep_records: Path | None = None,
        original: Mapping[str, str | None] | None = None,
        stop: Event | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.work = work
        self._journal = journal
        self._stop = stop
        self._original = dict(original or {})
        self.sources = ProjectSources(work.root, {name: text or "" for name, text in self._original.items()})
        self.replay_count = 0
        self._keep_records = keep_records
        self._looked_at: _Change | None = None
        self._callers: tuple[_Change, Sequence[str]] | None = None
        self._later: list[ReplayTrace] = []
        self._original_seen_at = 0.0
        self._tell = tell or _nothing
        self._folder = Path(tempfile.mkdtemp(prefix="ennead-replay-")).resolve()
        self._types = TypeCheck(work, self._folder / "types", self._original, tell=self._tell, stop=stop)
        try:
            self._sizes = DataSizes(work, self._folder, sizes)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove everything that was made for the replays."""
        self._sizes.drop()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------- the original

    @cached_property
    def first(self) -> ReplayTrace:
        """The work as it is. Its findings are those to be repaired."""
        trace = self._replay("the work as it is", None, size=self._sizes.small)
        check_end(trace, self.work.timeout_seconds)
        return replace(trace, size=trace.size or rows_looped_over(trace))

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """What the work as it is shows, by id; suppressed findings are left out."""
        return findings_of(self.first)

    @cached_property
    def second(self) -> ReplayTrace:
        """The work as it is once more, with the lines of its findings watched."""
        trace = self._replay("the work as it is, once more", None, size=self._sizes.small, watched=self._watched)
        return replace(trace, size=self.first.size)

    @cached_property
    def large(self) -> tuple[ReplayTrace, ...]:
        """The work as it is on more rows; empty where no rows can be added."""
        for nulls in (True, False):
            if not self._sizes.grow(self.first, nulls=nulls):
                return ()
            trace = self._replay("the work as it is, on more rows", None, size=self._sizes.large, on_grown=True)
            trace = replace(trace, size=trace.size or self._large_size(trace))
            if not grows(self.first, trace):
                return ()  # the work makes its own rows, as tests do
            if copes_as_well(trace, self.first):
                return (trace,)
            if self.work.takes_size:
                break
        return ()

    @cached_property
    def large_again(self) -> tuple[ReplayTrace, ...]:
        """Two runs of the work as it is on more rows, where one does not tell what it varies in."""
        return (*self.large, self._large_once_more())

    def _large_once_more(self) -> ReplayTrace:
        again = self._replay("the work as it is, on more rows, once more", None, size=self._sizes.large, on_grown=True)
        return replace(again, size=self.large[0].size)

    # ---------------------------------------------------------------------------------------- the changed code

    @cached_property
    def problem(self) -> str | None:
        """Why no change can be judged by this work: it fails, or does something else each time; ``None`` if it can."""
        judgement = judge([self.first, self.second], [], [self.second], [])
        if judgement.verdict not in ("could-not-run", "non-deterministic"):
            return None
        return f"{judgement.verdict}: {judgement.reasons[0]}"

    def look(self, files: Mapping[str, str], finding_ids: Collection[str] | None) -> Judged:
        """Replay the project with files changed at the small size, and say what that says already.

        Parameters
        ----------
        files
            Whole new texts, by path relative to the root.
        finding_ids
            What the change is to repair; ``None`` for a change made by hand.
        """
        return self._remembered("look", files, finding_ids, self._look)

    def judge(self, files: Mapping[str, str], finding_ids: Collection[str] | None) -> Judged:
        """Replay the project with files changed at both sizes, and judge the change; parameters as of :meth:`look`.

        What is accepted is shown to the project's type checker. That is no replay, and asked anew each time.
        """
        judged = self._remembered("judge", files, finding_ids, self._judge)
        return self._types.added_to(judged, files, self.findings) if judged.is_accepted else judged

    def _remembered(
        self,
        what: str,
        files: Mapping[str, str],
        finding_ids: Collection[str] | None,
        find_out: Callable[[Mapping[str, str], Collection[str] | None], Judged],
    ) -> Judged:
        """What the journal knows already, else what is found out now."""
        if self._journal is None:
            return find_out(files, finding_ids)
        key = key_of(what, self.first, files, finding_ids)
        known = self._journal.find(key)
        if known is None:
            known = find_out(files, finding_ids)
            self._journal.add(key, known)
        return known

    def _look(self, files: Mapping[str, str], finding_ids: Collection[str] | None) -> Judged:
        change = self._change(files)
        judged = self._judged(change, finding_ids, _Runs(self._before, (), change.small, ()))
        if judged.judgement.verdict == "changes-results" and self._has_time_gone_by:
            self._later.append(self._replay_later())
            judged = self._judged(change, finding_ids, _Runs(self._before, (), change.small, ()))
        return judged

    @property
    def _has_time_gone_by(self) -> bool:
        """Whether a page that says "two minutes ago" may say something else by now."""
        return time.monotonic() - self._original_seen_at >= OLD_ORIGINAL_SECONDS

    def _replay_later(self) -> ReplayTrace:
        trace = self._replay("the work as it is, at this later time", None, size=self._sizes.small)
        return replace(trace, size=self.first.size)

    def _judge(self, files: Mapping[str, str], finding_ids: Collection[str] | None) -> Judged:
        judged = self.look(files, finding_ids)
        if judged.judgement.verdict in _HOPELESS:
            return judged
        change = self._change(files)
        if not self.large:
            change.small.append(self._changed(_TO_MEASURE_TIME, files, size=self._sizes.small))
            return self._judged(change, finding_ids, _Runs(self._before, (), change.small, ()))
        large = [self._changed("the changed code, on more rows", files, size=self._sizes.large, on_grown=True)]
        judged = self._judged(change, finding_ids, _Runs(self._before, self.large, change.small, large))
        if judged.judgement.verdict in ("non-deterministic", "changes-results", "worse"):
            if judged.judgement.verdict == "worse":  # a single run of each may have been unlucky with its time
                large.append(self._changed(_TO_MEASURE_TIME, files, size=self._sizes.large, on_grown=True))
            judged = self._judged(change, finding_ids, _Runs(self._before, self.large_again, change.small, large))
        if is_only_slower(judged.judgement.reasons):  # so may two on a busy machine
            large.append(self._changed(_TO_MEASURE_TIME, files, size=self._sizes.large, on_grown=True))
            original = (*self.large_again, self._large_once_more())
            judged = self._judged(change, finding_ids, _Runs(self._before, original, change.small, large))
        return judged

    @property
    def _before(self) -> list[ReplayTrace]:
        return [self.first, self.second, *self._later]

    def _change(self, files: Mapping[str, str]) -> _Change:
        """A change with its replay at the small size; the last one is remembered."""
        if self._looked_at is None or self._looked_at.files != files:
            edit = edit_of(self.sources, {**dict.fromkeys(self._original, ""), **files})
            trace = self._changed(
                "the changed code", files, size=self._sizes.small, watched=_moved(self._watched, edit)
            )
            self._looked_at = _Change(dict(files), edit, [trace])
        return self._looked_at

    def _judged(self, change: _Change, finding_ids: Collection[str] | None, runs: _Runs) -> Judged:
        known = None if finding_ids is None else [self.findings[name] for name in finding_ids if name in self.findings]
        whole = self._noting_limits(judge(*runs, findings=known, edit=change.edit), change)
        by_finding = {finding.id: whole for finding in known or ()}
        if len(by_finding) > 1:
            by_finding = {
                finding.id: self._noting_limits(judge(*runs, findings=finding, edit=change.edit), change)
                for finding in known or ()
            }
        shown = tuple(findings_of(change.small[0]).values())
        return Judged(whole, by_finding, shown, self._suspects(whole))

    def _callers_of(self, change: _Change) -> Sequence[str]:
        if self._callers is None or self._callers[0] is not change:
            self._callers = (change, callers_not_replayed(self.sources, change.files, change.edit))
        return self._callers[1]

    def _suspects(self, judgement: Judgement) -> frozenset[str]:
        """Findings of the units of work that a judgement complains of."""
        return frozenset(
            finding.id
            for unit in self.first.units
            if any(reason.startswith((f"{unit.name} ", f"{unit.name}:")) for reason in judgement.reasons)
            for finding in unit.findings
        )

    def _noting_limits(self, judgement: Judgement, change: _Change) -> Judgement:
        """Tell who else runs the changed code, and which tables could not grow, too."""
        callers = self._callers_of(change) if judgement.is_accepted else ()
        not_compared = (*callers, *judgement.verification.not_compared, *self._sizes.problems)
        return replace(judgement, verification=replace(judgement.verification, not_compared=not_compared))

    def _changed(
        self,
        what: str,
        files: Mapping[str, str],
        *,
        size: int | None,
        watched: Mapping[str, Sequence[int]] | None = None,
        on_grown: bool = False,
    ) -> ReplayTrace:
        trace = self._replay(what, files, size=size, watched=watched, on_grown=on_grown)
        return replace(trace, size=self.large[0].size if on_grown else self.first.size)

    # ------------------------------------------------------------------------------------------------ replaying

    def _replay(
        self,
        what: str,
        files: Mapping[str, str] | None,
        *,
        size: int | None,
        watched: Mapping[str, Sequence[int]] | None = None,
        on_grown: bool = False,
    ) -> ReplayTrace:
        original = {name: text for name, text in self._original.items() if text is not None}
        texts = original if files is None else files
        self._tell(f"replaying {what}")
        self.replay_count += 1
        store = self._sizes.large_store if on_grown else self._sizes.store
        replay = Replay(self.work, self._folder / f"replay-{self.replay_count}", store, self._stop)
        try:
            if files is None and not on_grown:
                self._original_seen_at = time.monotonic()
            trace = replay.run(texts, size=size, watched=watched, without=self._original.keys() - texts.keys())
            if self._keep_records is not None and self.replay_count == 1:
                shutil.copytree(replay.folder / "records", self._keep_records, dirs_exist_ok=True)
            return trace
        finally:
            replay.remove()

    @cached_property
    def _watched(self) -> dict[str, list[int]]:
        """Access lines of all findings. A loop's own line is none: how often it runs depends on how it is written."""
        lines: dict[str, set[int]] = {}
        for finding in self.findings.values():
            site = finding.call_site
            if site is not None and site.language == "python" and self.sources.is_editable(site.file):
                lines.setdefault(site.file, set()).add(site.line)
        return {file: sorted(numbers) for file, numbers in lines.items()}

    def _large_size(self, trace: ReplayTrace) -> int:
        rows = rows_looped_over(trace)
        if rows > self.first.size:
            return rows
        return max(self._sizes.rows_after, self.first.size + 1)


def verify_patch(
    root: Path,
    command: Sequence[str],
    files: Mapping[str, str],
    *,
    finding_ids: Collection[str] | None = None,
    sizes: Sequence[int] | None = None,
) -> Judgement:
    """Judge one change of a project.

    Parameters
    ----------
    root
        The project.
    command
        What is replayed, as it is typed in the project's folder.
    files
        Whole new texts of the changed files, by path relative to the root.
    finding_ids
        What the change is to repair; by default it is to make queries fewer.
    sizes
        Two data sizes, if the command has ``{size}`` in it.

    Raises
    ------
    EnneadError
        The project cannot be copied, the command cannot be started.
    """
    work = Work(root=root.resolve(), command=tuple(resolve(command, root)))
    with Verifier(work, sizes=sizes) as verifier:
        return verifier.judge(files, finding_ids).judgement


def _moved(watched: Mapping[str, Sequence[int]], edit: Edit) -> dict[str, list[int]]:
    moved = {file: [edit.line_after(file, line) for line in lines] for file, lines in watched.items()}
    return {file: [line for line in lines if line is not None] for file, lines in moved.items()}


def _nothing(_what: str) -> None:
    return None
