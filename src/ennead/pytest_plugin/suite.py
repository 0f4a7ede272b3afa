"""The tests of one process: one analysis for all, and the run folder that all processes of a session write to."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import WATCHERS
from ennead.agent.units import AGENT
from ennead.kernel.errors import EnneadError
from ennead.reporting.json_report import json_report
from ennead.runs.analysis import UnitAnalysis, new_service
from ennead.runs.folder import RunFolder
from ennead.runs.merging import report_of
from ennead.runs.new_run import NewRun
from ennead.runs.project_baseline import ProjectBaseline
from ennead.runs.reading import read_run
from ennead.runs.recorded import run_settings
from ennead.runs.recorder import process_record, record_file_name
from ennead.runs.records import EndRecord
from ennead.runs.writer import RecordWriter
from ennead.sources.registry import INSTALLER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.domains.nplusone.early_warning import EarlyWarning
    from ennead.pytest_plugin.verdict import Examination, Knows
    from ennead.reporting.report import Report
    from ennead.runs.settings import RunSettings


class Suite:
    """What one process of a session found; written to a run folder if there is one.

    Parameters
    ----------
    analysis
        Shared by all tests.
    settings
        Bounds of what is written.
    baseline
        What the project knows already.
    folder
        The run folder, in a worker; the first process makes it with :meth:`begin_run`.
    """

    def __init__(
        self, analysis: UnitAnalysis, settings: RunSettings, baseline: ProjectBaseline, folder: str | None
    ) -> None:
        self.analysis = analysis
        self.knows: Knows = baseline.knows
        """Whether a finding is in the baseline."""
        self.folder = folder
        self.report: Report | None = None
        """Of all processes, once the session has ended; only where it began."""
        self.problem: str | None = None
        """Why something that was asked for could not be written."""
        self._baseline = baseline
        self._settings = settings
        self._run: NewRun | None = None
        self._writer: RecordWriter | None = None
        self._watcher: Callable[..., None] | None = None

    @classmethod
    def of_this_process(cls, folder: str | None, *, ignores_baseline: bool) -> Suite:
        """With the settings in force.

        Raises
        ------
        EnneadError
            A setting is wrong, or the baseline is broken.
        """
        settings, root = run_settings()
        analysis = UnitAnalysis(new_service(root), max_context_queries=settings.max_context_queries)
        baseline = ProjectBaseline() if ignores_baseline else ProjectBaseline.read()
        return cls(analysis, settings, baseline, folder if folder and Path(folder).is_dir() else None)

    def early_warning(self, at: int) -> EarlyWarning:
        """Tells of N+1 that have only begun, from their query number ``at`` on.

        Raises
        ------
        EnneadError
            The setting names no sequence model.
        """
        from ennead.domains.nplusone.early_warning import EarlyWarning

        return EarlyWarning(at, self.analysis.settings)

    def watch(self, watcher: Callable[..., None]) -> None:
        """Have each query looked at as it was run."""
        self._watcher = watcher
        WATCHERS.append(watcher)

    def close(self) -> None:
        """Look at queries no more."""
        if self._watcher in WATCHERS:
            WATCHERS.remove(self._watcher)

    def begin_run(self, command: Sequence[str]) -> None:
        """Make the run folder.

        Raises
        ------
        EnneadError
            It cannot be made.
        """
        self._run = NewRun.begin(command)
        self.folder = str(self._run.folder.path)

    def record(self, test: str, examination: Examination) -> None:
        """Write what a test did."""
        if self.folder is None:
            return
        writer = self._writer or self._new_writer(self.folder)
        for examined in examination.units:
            record = self.analysis.record_of(examined, test=test)
            if writer.append(record.to_dict()):
                self.analysis.note_written(record)

    def end_run(self, exit_code: int, json: Path | None) -> None:
        """Write the last words; where the session began, read what all processes wrote."""
        self._say_good_bye()
        if self._run is None:
            return
        try:
            facts = self._run.end(exit_code)
            report = report_of(self._run.folder.id, facts, read_run(self._run.folder))
            self.report = self._baseline.apply(report)
            if json is not None:
                _write(json, json_report(self.report) + "\n")
        except EnneadError as error:
            self.problem = str(error)

    def remember(self, folder: Path) -> None:
        """Have the run remembered, where the session began.

        Parameters
        ----------
        folder
            Where pytest was called.
        """
        if self._run is not None and self.report is not None:
            from ennead.pytest_plugin.remembering import remember_run

            self.problem = remember_run(self._run.folder.id, folder) or self.problem

    def _new_writer(self, folder: str) -> RecordWriter:
        started_at = datetime.now(UTC)
        processes = RecordWriter(str(RunFolder(Path(folder)).processes_file), self._settings.max_record_bytes)
        processes.append(_this_process())
        self._writer = RecordWriter(f"{folder}/{record_file_name(started_at)}.jsonl", self._settings.max_record_bytes)
        record = process_record(started_at, INSTALLER.report().hooked, runs_tests=True)
        self._writer.append(record.to_dict())
        return self._writer

    def _say_good_bye(self) -> None:
        writer = self._writer
        if writer is None:
            return
        report = INSTALLER.report()
        counters = {
            "dropped_units": writer.refused_count,
            "failed_analyses": self.analysis.failure_count,
            "unread_models": self.analysis.unread_model_count,
            "write_errors": writer.error_count,
            "internal_errors": AGENT.internal_error_count + AGENT.listener_error_count,
        }
        end = EndRecord(
            pid=os.getpid(),
            ended_at=datetime.now(UTC),
            counters=counters,
            hooked=report.hooked,
            skipped=report.skipped,
            shadow=self.analysis.shadow,
        )
        writer.append(end.to_dict())


def _this_process() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "parent_pid": os.getppid(),
        "executable": sys.executable,
        "python": ".".join(map(str, sys.version_info[:3])),
        "problem": None,
    }


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write {file}: {error.strerror or error}"
        raise EnneadError(message) from error
