"""Sentry's rule for N+1 queries, over the spans that its own SDK makes of each scenario.

Sentry judges on its servers. The rule is the one that its documentation publishes, in our own words:
https://docs.sentry.io/product/issues/issue-details/performance-issues/n-one-queries/ (read in November 2026). Its
second detector, for several interleaved queries, is not described there, and so not here.

Nothing leaves the process: `before_send_transaction`, the SDK's hook, keeps each transaction and lets none go on, and
there is no address that one could be sent to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sentry_sdk

from bench.detection.observation import N_PLUS_ONE, Observation

MIN_COUNT = 5
MIN_SECONDS = 0.05

_transactions: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Span:
    """What the rule looks at."""

    parent: str
    is_query: bool
    text: str
    start: datetime
    end: datetime


def prepare(suite: str) -> None:  # noqa: ARG001 - the SDK finds the frameworks by itself
    sentry_sdk.init(
        dsn="http://key@localhost/1",
        transport=_Nowhere(),
        traces_sample_rate=1.0,
        before_send_transaction=_keep,
    )


def observe(run: Callable[[], object]) -> Observation:
    return judged(run, MIN_SECONDS)


def judged(run: Callable[[], object], min_seconds: float) -> Observation:
    """Run a scenario in a transaction and judge it, and every transaction inside it, by the rule."""
    _transactions.clear()
    with sentry_sdk.start_transaction(op="function", name="scenario"):
        run()
    loops = [loop for event in _transactions for loop in loops_in(_spans(event), min_seconds)]
    return Observation(codes=(N_PLUS_ONE,) * len(loops))


def loops_in(spans: list[Span], min_seconds: float) -> list[list[Span]]:
    """The runs of equal queries that Sentry's documentation calls an N+1.

    Spans follow each other without overlap, under one parent, with one text that is not cut off; there are at least
    five of them, which take 50 ms together, and another query, the source, comes right before the first.
    """
    return [
        run
        for (*_, source), run in pairwise(_runs(spans))
        if len(run) >= MIN_COUNT
        and sum((span.end - span.start).total_seconds() for span in run) >= min_seconds
        and run[0].is_query
        and not run[0].text.endswith("...")
        and source.is_query
        and source.parent == run[0].parent
        and source.text != run[0].text
    ]


def _runs(spans: list[Span]) -> Iterator[list[Span]]:
    run: list[Span] = []
    for span in spans:
        if run and not _continues(run[-1], span):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _continues(last: Span, span: Span) -> bool:
    return (last.parent, last.is_query, last.text) == (span.parent, span.is_query, span.text) and span.start >= last.end


def _spans(event: dict[str, Any]) -> list[Span]:
    spans = [
        Span(
            parent=span["parent_span_id"],
            is_query=(span["op"] or "").startswith("db"),
            text=span["description"] or "",
            start=datetime.fromisoformat(span["start_timestamp"]),
            end=datetime.fromisoformat(span["timestamp"]),
        )
        for span in event["spans"]
    ]
    return sorted(spans, key=lambda span: span.start)


def _keep(event: Any, hint: Any) -> None:  # noqa: ARG001 - the SDK's signature
    _transactions.append(event)


class _Nowhere(sentry_sdk.Transport):
    """Drops what is not a transaction: the SDK's own statistics."""

    def capture_envelope(self, envelope: Any) -> None:
        pass
