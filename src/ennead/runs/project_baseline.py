"""The project's baseline beside its runs: read from where the settings say, and laid over a report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.runs.recorded import run_settings
from ennead.store.baseline import DEFAULT_GROWTH, Baseline
from ennead.store.baseline_file import read_baseline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.kernel.finding import Finding
    from ennead.reporting.report import Report

_SHOWN_GROWN = 5


@dataclass(frozen=True, slots=True)
class ProjectBaseline:
    """The baseline of the project that one stands in.

    A test plugin asks ``ProjectBaseline.read().baseline.split(findings)`` and fails on what is new; a command lays it
    over its report with :meth:`apply`.

    Parameters
    ----------
    path
        The file; ``None`` where the settings want none.
    baseline
        What it says; an empty one without a file.
    exists
        Whether there is such a file.
    growth
        From how many times the queries on a known finding is told to have grown.
    """

    path: Path | None = None
    baseline: Baseline = field(default_factory=Baseline)
    exists: bool = False
    growth: float = DEFAULT_GROWTH

    @classmethod
    def read(cls) -> ProjectBaseline:
        """Read it from the project root, or from where ``ENNEAD_BASELINE`` says.

        Raises
        ------
        EnneadError
            The file is broken or of a newer schema, or a setting has the wrong form.
        """
        found = cls.located()
        baseline = read_baseline(found.path) if found.path is not None else None
        return replace(found, baseline=baseline or Baseline(), exists=baseline is not None)

    @classmethod
    def located(cls) -> ProjectBaseline:
        """Where it is, unread.

        Raises
        ------
        EnneadError
            A setting has the wrong form.
        """
        settings, root = run_settings()
        path = Path(root, settings.baseline).absolute() if settings.baseline else None
        return cls(path, growth=settings.baseline_growth)

    def knows(self, finding: Finding) -> bool:
        """Whether a finding is in the baseline."""
        return self.baseline.knows(finding)

    def apply(self, report: Report) -> Report:
        """The report with the known findings kept apart, and a note on those that have grown."""
        if not self.exists:
            return report
        known = tuple(entry for entry in report.entries if self.knows(entry.finding))
        return replace(
            report,
            entries=tuple(entry for entry in report.entries if not self.knows(entry.finding)),
            known=known,
            notes=(*report.notes, *self._growth_notes(entry.finding for entry in known)),
        )

    def _growth_notes(self, known: Iterable[Finding]) -> Iterator[str]:
        grown = self.baseline.grown(known, self.growth)
        for finding, entry in grown[:_SHOWN_GROWN]:
            where = f" at {finding.call_site}" if finding.call_site is not None else ""
            yield (
                f"a known finding has grown: {finding.id} {entry.about}{where}, "
                f"{entry.count:,} queries in the baseline, {finding.query_count:,} now"
            )
        if len(grown) > _SHOWN_GROWN:
            yield f"{len(grown) - _SHOWN_GROWN:,} more known findings have grown"
