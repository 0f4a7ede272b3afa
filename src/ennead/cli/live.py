"""Telling findings while the command runs: follows the record files in a thread of its own."""

from __future__ import annotations

from collections import deque
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

from rich.text import Text

from ennead.kernel.errors import EnneadError
from ennead.reporting.live_line import live_line
from ennead.runs.notes import not_observed
from ennead.runs.reading import RecordFile, read_processes
from ennead.runs.records import ProcessRecord, UnitRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from ennead.kernel.finding import Finding
    from ennead.reporting.places import Places
    from ennead.runs.folder import RunFolder

_GRACE_SECONDS = 1.5
_POLL_SECONDS = 0.25
_MAX_LINES = 10
_MAX_LINES_SECONDS = 5.0
_SERVED_KINDS = ("request", "job")


class Throttle:
    """Lets so many lines through in so many seconds.

    Examples
    --------
    >>> throttle = Throttle(2, 5.0, clock=iter([0.0, 1.0, 2.0, 6.0]).__next__)
    >>> throttle.lets_through(), throttle.lets_through(), throttle.lets_through(), throttle.lets_through()
    (True, True, False, True)
    """

    def __init__(self, lines: int, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque(maxlen=lines)

    def lets_through(self) -> bool:
        """Whether the next line may be printed now."""
        now = self._clock()
        full = len(self._times) == self._times.maxlen
        if full and now - self._times[0] < self._seconds:
            return False
        self._times.append(now)
        return True


class RunFollower:
    """Reads what is new in a run folder, each time it is asked.

    Parameters
    ----------
    folder
        The run.
    everything
        Tell findings of all units of work; by default those of requests and jobs alone, and none of test runners,
        whose own output would be torn apart.
    knows
        Whether a finding is in the baseline, and not told.
    """

    def __init__(
        self, folder: RunFolder, *, everything: bool, knows: Callable[[Finding], bool] = lambda _finding: False
    ) -> None:
        self._folder = folder
        self._everything = everything
        self._knows = knows
        self._files: dict[Path, RecordFile] = {}
        self._running_tests: set[Path] = set()
        self._seen: set[str] = set()

    def new_findings(self) -> Iterator[Finding]:
        """Findings that were not told before; each id once."""
        for path in self._folder.record_files:
            file = self._files.setdefault(path, RecordFile(path))
            for record in file.read(to_the_end=False):
                if isinstance(record, ProcessRecord) and record.runs_tests:
                    self._running_tests.add(path)
                if isinstance(record, UnitRecord) and self._is_told(path, record):
                    yield from self._not_seen(record)

    def _is_told(self, path: Path, unit: UnitRecord) -> bool:
        return self._everything or (unit.kind in _SERVED_KINDS and path not in self._running_tests)

    def _not_seen(self, unit: UnitRecord) -> Iterator[Finding]:
        for finding in unit.findings:
            if finding.suppressed is None and finding.id not in self._seen and not self._knows(finding):
                self._seen.add(finding.id)
                yield finding


class LiveLines:
    """Prints new findings until the command ends. A context manager around it.

    Parameters
    ----------
    console
        Standard error.
    places
        How call sites are named.
    follower
        Reads the run.
    folder
        The run.
    links
        Make call sites hyperlinks.
    """

    def __init__(
        self, console: Console, places: Places, follower: RunFollower, folder: RunFolder, *, links: bool
    ) -> None:
        self._console = console
        self._places = places
        self._follower = follower
        self._folder = folder
        self._links = links
        self._throttle = Throttle(_MAX_LINES, _MAX_LINES_SECONDS)
        self._held_back_count = 0
        self._child_pid: int | None = None
        self._warned = False
        self._stop = Event()
        self._thread = Thread(target=self._run, name="ennead-live", daemon=True)

    def child_started(self, pid: int) -> None:
        """Know the command's own process: if it cannot be observed, that is told at once."""
        self._child_pid = pid

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        self._stop.wait(_GRACE_SECONDS)  # what ends sooner tells everything in its report
        while not self._stop.wait(_POLL_SECONDS):
            try:
                self._look()
            except (OSError, EnneadError):  # the folder was removed under us: the report will say so
                return

    def _look(self) -> None:
        self._warn_of_unobserved_child()
        fancy = self._console.encoding.lower().startswith("utf")
        for finding in self._follower.new_findings():
            if self._throttle.lets_through():
                self._print_held_back()
                self._print(live_line(finding, self._places, links=self._links, fancy=fancy))
            else:
                self._held_back_count += 1

    def _print_held_back(self) -> None:
        if self._held_back_count:
            self._print(Text(f"ennead  {self._held_back_count} more; the report will tell them", "dim"))
            self._held_back_count = 0

    def _warn_of_unobserved_child(self) -> None:
        if self._warned or self._child_pid is None:
            return
        for process in read_processes(self._folder):
            if process.pid == self._child_pid:
                self._warned = True
                if process.problem:
                    self._print(Text(f"ennead: {not_observed(process)}"))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)
