"""The manifest of the N+1 domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.engine_counters import METRICS
from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.features import QueryFeatureExtractor
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.profile import Analysis, default_engine
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.domain import DomainManifest

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding


def _find(context: QueryExecutionContext) -> tuple[Finding, ...]:
    return Analysis(context, default_engine()).findings


DOMAIN = DomainManifest(
    name="nplusone",
    title="N+1 queries",
    observation=QueryExecutionContext,
    settings=NPlusOneSettings,
    codes={
        "n-plus-one": ("relation", "deferred", "lookup", "aggregate", "raw-sql"),
        "repeated-query": ("same-parameters",),
        "write-n-plus-one": ("insert", "update", "delete", "upsert"),
    },
    metrics=METRICS,
    make_extractor=QueryFeatureExtractor,
    find=_find,
    examples=example_contexts,
    absent={"act.py": "findings are answered by changing code: there is nothing to act on at run time yet"},
)
"""Registered under the entry-point group ``ennead.domains``."""
