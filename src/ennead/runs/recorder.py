"""Recording a process into a run folder: hears of units of work, has them analysed, writes what came out.

Whatever is needed for the first unit of work only is imported then, in the backlog's thread: every Python process of a
run starts with this module, and most of them end without a query.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.agent.units import AGENT
from ennead.runs.backlog import Backlog
from ennead.runs.writer import RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.runs.analysis import UnitAnalysis
    from ennead.runs.records import ProcessRecord
    from ennead.runs.settings import RunSettings
    from ennead.sources.registry import InstallReport

_TEST_RUNNERS = ("_pytest.main", "django.test.runner")


class RunRecorder:
    """A listener of the agent that writes one line for each unit of work. One for each process.

    Parameters
    ----------
    folder
        The run folder; it exists.
    settings
        Bounds.
    install_report
        Asked for when the file begins and when it ends.
    keep_contexts
        See :class:`~ennead.runs.analysis.UnitAnalysis`.
    records_idle
        Write the last words even if there was no unit of work.
    """

    def __init__(
        self,
        folder: str,
        settings: RunSettings,
        install_report: Callable[[], InstallReport],
        *,
        keep_contexts: bool = False,
        records_idle: bool = False,
    ) -> None:
        self._settings = settings
        self._install_report = install_report
        self._keep_contexts = keep_contexts
        self._records_idle = records_idle
        self._started_at = datetime.now(UTC)
        self._name = record_file_name(self._started_at)
        self.writer = RecordWriter(f"{folder}/{self._name}.jsonl", settings.max_record_bytes)
        self.backlog = Backlog(
            self._write, max_units=settings.max_waiting_units, max_queries=settings.max_waiting_queries
        )
        self._analysis: UnitAnalysis | None = None
        self._begun = False
        self._ended = False

    def take(self, unit: UnitOfWork) -> None:
        """Hear of a unit of work that has ended; quick, and never blocks."""
        if unit.hits or unit.dropped_count or unit.kind != "script":
            self.backlog.put(unit)

    def make_room(self) -> None:
        """Write what waits, for half as long as the settings allow; a thread does so no more."""
        self.backlog.drain(self._settings.flush_seconds / 2)

    def close(self) -> None:
        """Write what waits, for the other half of the time, and the last words; idempotent."""
        self.backlog.drain(self._settings.flush_seconds / 2)
        counters = self._counters()
        if self._ended or not (self._begun or self._records_idle or any(counters.values())):
            return
        self._ended = True
        self._begin()
        self._write_shared_reads()
        from ennead.runs.records import EndRecord

        report = self._install_report()
        end = EndRecord(
            pid=os.getpid(),
            ended_at=datetime.now(UTC),
            counters=counters,
            hooked=report.hooked,
            skipped=report.skipped,
            loaded_files=self._analysis.suppressions.loaded_files() if self._analysis else (),
            needed_suppressions=tuple(sorted(self._analysis.suppressions.lines)) if self._analysis else (),
            shadow=self._analysis.shadow if self._analysis else {},
        )
        self.writer.append(end.to_dict())

    def _write(self, unit: UnitOfWork) -> None:
        analysis = self._analysis or self._new_analysis()
        self._begin()
        record = analysis.record(unit)
        if self.writer.append(record.to_dict()):
            analysis.note_written(record)
        if analysis.shared_reads.is_due:
            self._write_shared_reads()

    def _write_shared_reads(self) -> None:
        record = self._analysis.shared_reads.record(self._name) if self._analysis else None
        if record is not None:
            self.writer.append(record.to_dict())

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        record = process_record(self._started_at, self._install_report().hooked, runs_tests=_runs_tests())
        self.writer.append(record.to_dict())

    def _new_analysis(self) -> UnitAnalysis:
        from ennead.runs.analysis import UnitAnalysis, new_service

        self._analysis = UnitAnalysis(
            new_service(PROJECT.path),
            keep_contexts=self._keep_contexts,
            max_context_queries=self._settings.max_context_queries,
        )
        return self._analysis

    def _counters(self) -> dict[str, int]:
        return {
            "dropped_units": self.backlog.dropped_count + self.writer.refused_count,
            "failed_analyses": self.backlog.error_count + (self._analysis.failure_count if self._analysis else 0),
            "unread_models": self._analysis.unread_model_count if self._analysis else 0,
            "write_errors": self.writer.error_count,
            "internal_errors": AGENT.internal_error_count + AGENT.listener_error_count,
        }


def import_analysis() -> None:
    """Import now what the first unit of work would have imported."""
    for module in (
        "ennead.runs.analysis",
        "ennead.runs.records",
        "ennead.runs.shared_reads_record",
        "ennead.profiling",
    ):
        import_module(module)


def record_file_name(started_at: datetime) -> str:
    """What the records of this process are kept under, without the ending."""
    return f"{os.getpid()}-{started_at:%Y%m%dT%H%M%S%fZ}"


def process_record(started_at: datetime, hooked: Mapping[str, str], *, runs_tests: bool) -> ProcessRecord:
    """The first words of this process."""
    from ennead.runs.records import ProcessRecord

    return ProcessRecord(
        pid=os.getpid(),
        parent_pid=os.getppid(),
        started_at=started_at,
        command=tuple(sys.orig_argv),
        python=".".join(map(str, sys.version_info[:3])),
        ennead=import_module("ennead").__version__,
        hooked=hooked,
        runs_tests=runs_tests,
    )


def _runs_tests() -> bool:
    if any(module in sys.modules for module in _TEST_RUNNERS):
        return True
    specification = getattr(sys.modules.get("__main__"), "__spec__", None)  # of ``python -m``
    return getattr(specification, "name", "") == "unittest.__main__"
