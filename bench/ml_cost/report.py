"""One table of what the learnt part costs, against the budgets, and one of where its time goes."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bench.analysis.report import BUDGET_KIB, BUDGET_MS, yardstick_ms
from bench.ml_cost.measure import WAYS, Cost, Parts
from ennead.domains.nplusone.levels import Level

_HEAD = "| pages | evidence | queries | analysis | mean ms | p50 | p95 | p99 | to the rules | peak KiB | budget | |"


def table(costs: Sequence[Cost]) -> str:
    """The measurements as Markdown."""
    return "\n".join([_HEAD, "|---|---|---:|---|---:|---:|---:|---:|---:|---:|---|---|", *_rows(costs)])


def _rows(costs: Sequence[Cost]) -> Iterator[str]:
    rules = {(cost.pages, cost.level, cost.query_count): cost.mean_ms for cost in costs if cost.way == WAYS[0]}
    for cost in costs:
        quantiles = " | ".join(f"{cost.quantile_ms(share):.2f}" for share in (0.5, 0.95, 0.99))
        ratio = cost.mean_ms / rules[cost.pages, cost.level, cost.query_count]
        budget, verdict = _verdict(cost)
        yield (
            f"| {cost.pages} | {cost.level} | {cost.query_count:,} | {cost.way} | {cost.mean_ms:.2f} | {quantiles} "
            f"| {ratio:.2f} | {cost.peak_kib:,.0f} | {budget} | {verdict} |"
        )


def _verdict(cost: Cost) -> tuple[str, str]:
    limit = BUDGET_MS[cost.query_count]
    kept = cost.mean_ms <= limit and cost.peak_kib <= BUDGET_KIB
    return f"{limit:g} ms, {BUDGET_KIB:,.0f} KiB", "kept" if kept else "**exceeded**"


def parts_table(parts: Sequence[Parts]) -> str:
    """Where the time goes."""
    head = [
        "| pages | evidence | queries | repeated reads | features µs a group | model µs a group |",
        "|---|---|---:|---:|---:|---:|",
    ]
    rows = (
        f"| {each.pages} | {each.level} | {each.query_count:,} | {each.group_count} | {each.features_us:.0f} "
        f"| {each.model_us:.0f} |"
        for each in parts
    )
    return "\n".join([*head, *rows])


def results(costs: Sequence[Cost], parts: Sequence[Parts], models: Mapping[Level, str]) -> str:
    """The whole of RESULTS.md."""
    times = " and ".join(
        f"{number:,} for each of {size:,} queries"
        for size, number in {c.query_count: len(c.cpu_ms) for c in costs}.items()
    )
    named = ", ".join(f"{level} {name}" for level, name in models.items())
    return f"""# What the learnt part costs

Measured by `python -m bench.ml_cost` on {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()},
{platform.system()} {platform.machine()}. On this machine, as busy as it was, 100,000 additions of integers in a loop
took {yardstick_ms():.1f} ms. Analyses: {times}, in turn over the same contexts, recorded from the pages of
`bench/analysis`. Models: {named}.

{table(costs)}

- The budget is for typical pages, with 3 to 5 repeated reads; simple ones have 1 or 2, hard
  ones 9 and 18, and these are measured against it all the same. The kinds are not averaged together.
- A row has the analyses of all pages of its kind: where pages differ, p95 is that of the heaviest (of the typical ones
  `lists_orders`), and the budget is for the mean.
- Times are CPU times of the analysing thread. Statements and source files were seen before.
- "rules only": `NPLUSONE_ML_ENABLED=false`. "findings with ML": what a run, the pytest plugin and a profile do. Where
  the model stands beside the rules it is asked about what these report, and where it decides about every repeated read.
  "everything with ML": `ml_analysis` as well, so all repeated reads, the features of the context and the baselines.
- The peak is the most memory that any of a few analyses took beyond what was there before (tracemalloc, own pass).

{parts_table(parts)}
"""
