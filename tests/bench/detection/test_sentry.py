"""Sentry's published rule, over spans drawn as they would stand in a trace."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.detection.tools.sentry import MIN_SECONDS, Span, loops_in

START = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE, ROW = "SELECT shipments", "SELECT customer"


def trace(*texts: str, each_ms: int = 10, step_ms: int = 10) -> list[Span]:
    """Queries one after the other under one parent; a text in brackets is no query."""
    starts = [START + timedelta(milliseconds=step_ms * position) for position in range(len(texts))]
    return [
        Span("view", not text.startswith("("), text, start, start + timedelta(milliseconds=each_ms))
        for text, start in zip(texts, starts, strict=True)
    ]


def test_five_equal_queries_after_a_source() -> None:
    spans = trace(SOURCE, *[ROW] * 5, "COMMIT")
    assert loops_in(spans, MIN_SECONDS) == [spans[1:6]]


def test_two_loops_after_each_other() -> None:
    spans = trace(SOURCE, *[ROW] * 5, *["SELECT port"] * 6)
    assert loops_in(spans, MIN_SECONDS) == [spans[1:6], spans[6:]]


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param(trace(SOURCE, *[ROW] * 4, each_ms=20, step_ms=20), id="four"),
        pytest.param(trace(*[ROW] * 6), id="no source"),
        pytest.param(trace("(render)", *[ROW] * 6), id="what comes before is no query"),
        pytest.param(trace(SOURCE, *[ROW, "SELECT port"] * 5), id="interleaved"),
        pytest.param(trace(SOURCE, *[ROW, "(render)"] * 5), id="not adjacent"),
        pytest.param(trace(SOURCE, *["(render)"] * 6), id="what repeats is no query"),
        pytest.param(trace(SOURCE, *["SELECT na..."] * 6), id="cut off"),
        pytest.param(trace(SOURCE, *[ROW] * 6, step_ms=5), id="overlapping"),
    ],
)
def test_what_is_none_however_long_it_takes(spans: list[Span]) -> None:
    assert loops_in(spans, min_seconds=0) == []


def test_a_source_under_another_parent_is_none() -> None:
    source, *rows = trace(SOURCE, *[ROW] * 5)
    elsewhere = Span("middleware", source.is_query, source.text, source.start, source.end)
    assert loops_in([elsewhere, *rows], min_seconds=0) == []


def test_less_than_50_ms_count_without_the_threshold_only() -> None:
    spans = trace(SOURCE, *[ROW] * 5, each_ms=9)
    assert loops_in(spans, MIN_SECONDS) == []
    assert loops_in(spans, min_seconds=0) == [spans[1:]]
