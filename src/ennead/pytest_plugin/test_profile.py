"""What the fixture ``ennead`` gives: the test so far, and assertions on a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.profiling import assert_no_n_plus_one
from ennead.pytest_plugin.verdict import Examination

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.domains.nplusone.profile import Profile
    from ennead.kernel.finding import Finding
    from ennead.pytest_plugin.recorded_test import RecordedTest
    from ennead.runs.analysis import UnitAnalysis


class TestProfile:
    """The running test: its queries and findings, each time as of now.

    Parameters
    ----------
    test
        What it did.
    analysis
        Analyses it.
    """

    __test__ = False

    def __init__(self, test: RecordedTest, analysis: UnitAnalysis) -> None:
        self._test = test
        self._analysis = analysis

    @property
    def query_count(self) -> int:
        """Queries so far."""
        return sum(len(unit.hits) + unit.dropped_count for unit in self._test.units())

    @property
    def contexts(self) -> tuple[QueryExecutionContext, ...]:
        """The queries of the test itself, then those of each request that it made."""
        return tuple(unit.context for unit in self._examination.units)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, without what is suppressed or allowed."""
        return self._examination.findings

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """What a comment, the settings or the test's marker let pass, with the reason."""
        return tuple(each for unit in self._examination.units for each in unit.findings if each.suppressed is not None)

    def assert_no_n_plus_one(
        self, *, allow: Sequence[str] = (), max_queries: int | None = None
    ) -> AbstractContextManager[Profile]:
        """Raise if the body has an N+1 that the marker does not allow; see :func:`ennead.assert_no_n_plus_one`."""
        return assert_no_n_plus_one(allow=(*allow, *self._test.rules.allow), max_queries=max_queries)

    @property
    def _examination(self) -> Examination:
        return Examination.of(self._test, self._analysis)
