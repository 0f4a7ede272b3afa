"""One table of what analyses cost, against the budgets."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from time import thread_time_ns

from bench.analysis.measure import Cost
from ennead.domains.nplusone import NPlusOneDetectionService, QueryExecutionContext
from ennead.domains.nplusone.groups import group_queries

BUDGET_MS: Mapping[int, float] = {100: 1.0, 1_000: 8.0}
BUDGET_KIB = 1024.0
_HEAD = "| pages | queries | seen before | analysis | mean ms | p50 | p95 | p99 | p50 wall | peak KiB | budget | |"


def table(costs: Sequence[Cost]) -> str:
    """The measurements as Markdown."""
    return "\n".join([_HEAD, "|---|---:|---|---|---:|---:|---:|---:|---:|---:|---|---|", *map(_row, costs)])


def _row(cost: Cost) -> str:
    quantiles = " | ".join(f"{cost.quantile_ms(share):.2f}" for share in (0.5, 0.95, 0.99))
    wall = cost.wall_ms[len(cost.wall_ms) // 2]
    budget, verdict = _verdict(cost)
    return (
        f"| {cost.pages} | {cost.query_count:,} | {'yes' if cost.known else 'no'} "
        f"| {'rules + ML' if cost.with_ml else 'rules'} "
        f"| {cost.mean_ms:.2f} | {quantiles} | {wall:.2f} | {cost.peak_kib[-1]:,.0f} | {budget} | {verdict} |"
    )


def _verdict(cost: Cost) -> tuple[str, str]:
    """The budget is that of known statements with ML on typical pages; the rest is shown beside it."""
    if not (cost.known and cost.with_ml):
        return "", ""
    limit = BUDGET_MS[cost.query_count]
    kept = cost.mean_ms <= limit and cost.peak_kib[-1] <= BUDGET_KIB
    return f"{limit:g} ms, {BUDGET_KIB:,.0f} KiB", "kept" if kept else "**exceeded**"


def contexts_table(contexts: Mapping[tuple[str, int], Sequence[QueryExecutionContext]]) -> str:
    """What was analysed."""
    head = [
        "| pages | context | queries | distinct statements | repeated reads | findings |",
        "|---|---|---:|---:|---:|---|",
    ]
    return "\n".join([*head, *_contexts(contexts)])


def _contexts(contexts: Mapping[tuple[str, int], Sequence[QueryExecutionContext]]) -> Iterator[str]:
    service = NPlusOneDetectionService()
    for pages, context in ((pages, context) for (pages, _), recorded in contexts.items() for context in recorded):
        statements = len({query.statement_fingerprint for query in context.queries})
        codes = [finding.code for finding in service.analyze(context).findings]
        found = ", ".join(f"{codes.count(code)} {code}" for code in dict.fromkeys(codes)) or "none"
        repeated = sum(group.count > 1 and group.first.is_read for group in group_queries(context))
        yield f"| {pages} | {context.name} | {context.query_count:,} | {statements} | {repeated} | {found} |"


def results(
    costs: Sequence[Cost], contexts: Mapping[tuple[str, int], Sequence[QueryExecutionContext]], command: str
) -> str:
    """The whole of RESULTS.md."""
    return f"""# What an analysis costs

Measured by `{command}` on {datetime.now(UTC):%Y-%m-%d}: ennead {version("ennead")}, sqlglot {version("sqlglot")},
SQLAlchemy {version("sqlalchemy")}, Python {platform.python_version()}, {platform.system()} {platform.machine()}. On
this machine, as busy as it was, 100,000 additions of integers in a loop took {yardstick_ms():.1f} ms.

{table(costs)}

- The budget is for typical pages, with 3 to 5 repeated reads; hard ones have 9 and 18, and are measured against it all
  the same. The kinds are not averaged together.
- Times are CPU times of the analysing thread; "p50 wall" stands beside them, because the machine may be shared.
- "Seen before: no" empties every memory of statements and source files before each analysis: that is what the first
  unit of work pays, after it has ended.
- The peak is the most memory that any analysis took beyond what was there before, seen by tracemalloc in a pass of
  its own.
- "ML" is what `ml_analysis` has: what the model that ships says of all repeated reads, the features of the context, and
  the statistical and clustering baselines.

The contexts were recorded from pages that really ran (`bench/analysis/pages.py`), and are analysed in turn:

{contexts_table(contexts)}
"""


def yardstick_ms() -> float:
    """What this machine takes for something that everybody can run."""
    return min(_hundred_thousand_additions_ms() for _ in range(20))


def _hundred_thousand_additions_ms() -> float:
    started, total = thread_time_ns(), 0
    for number in range(100_000):
        total += number
    return (thread_time_ns() - started) / 1_000_000
