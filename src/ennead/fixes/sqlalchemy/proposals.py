"""All candidates for a finding of SQLAlchemy, best first."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from ennead.fixes.plain_sql.hoisted_sql import sql_candidates
from ennead.fixes.sqlalchemy.columns import column_candidates
from ennead.fixes.sqlalchemy.eager_loads import eager_candidates, relationship_candidates
from ennead.fixes.sqlalchemy.helper_lookups import helper_candidates
from ennead.fixes.sqlalchemy.hoisted_lookups import hoisted_candidates
from ennead.fixes.sqlalchemy.identity_map import identity_candidates
from ennead.fixes.sqlalchemy.refreshes import refresh_call, reread_candidates
from ennead.fixes.sqlalchemy.repeats import repeat_candidates
from ennead.fixes.sqlalchemy.trees import tree_candidates
from ennead.fixes.sqlalchemy.writes import write_candidates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_MOST = 5
"""Each costs a replay."""


def propose(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Candidates for a finding, each with the whole new text of the files that it changes."""
    yielded: list[Candidate] = []
    for candidate in islice(_all(finding, sources), 2 * _MOST):
        if len(yielded) < _MOST and all(candidate.files != other.files for other in yielded):
            yielded.append(candidate)
            yield candidate


def _all(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    if finding.code == "n-plus-one" and finding.kind == "relation":
        return chain(
            tree_candidates(finding, sources),
            eager_candidates(finding, sources),
            relationship_candidates(finding, sources),
        )
    if finding.kind == "deferred":
        is_reread = finding.evidence.get("method") == "refresh" or refresh_call(finding, sources) is not None
        return reread_candidates(finding, sources) if is_reread else column_candidates(finding, sources)
    if finding.code == "n-plus-one":
        return chain(
            hoisted_candidates(finding, sources),
            identity_candidates(finding, sources),
            helper_candidates(finding, sources),
            sql_candidates(finding, sources),
        )
    if finding.code == "write-n-plus-one":
        return write_candidates(finding, sources)
    return repeat_candidates(finding, sources)
