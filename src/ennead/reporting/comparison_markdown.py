"""The comparison of two runs as GitHub-flavoured Markdown, for a comment on a merge request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.reporting.amounts import count
from ennead.reporting.comparison_terminal import STATUS_WORDS, summary, times_text
from ennead.reporting.markdown_text import code_span, prose
from ennead.reporting.printable import made_printable
from ennead.reporting.sql import shortened
from ennead.reporting.story import subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.reporting.comparison import ComparedRun, Comparison, FindingChange, StatementChange
    from ennead.reporting.places import Places

_ROWS = 30
_LONGEST_STATEMENT = 200


def comparison_markdown(comparison: Comparison, places: Places) -> str:
    """A heading, the findings that changed, and the rest folded up."""
    comparison = made_printable(comparison)
    parts = [f"### Ennead: {prose(summary(comparison))}", *_findings(comparison, places)]
    parts += _folded(
        "Queries in the worst unit of work of a route",
        [f"| {code_span(each.route)} | {each.before:,} → {each.after:,} |" for each in comparison.routes],
    )
    parts += _folded(
        "Other statements that run more or less often",
        [_statement_row(each) for each in comparison.statements],
    )
    parts += [f"> {prose(note)}" for note in comparison.notes]
    parts.append(f"{_side(comparison.before)} → {_side(comparison.after)}")
    return "\n\n".join(parts)


def _findings(comparison: Comparison, places: Places) -> Iterator[str]:
    if not comparison.changed:
        return
    rows = ["| | what | where | queries | |", "|---|---|---|---|---|"]
    rows += [_row(change, places) for change in comparison.changed[:_ROWS]]
    yield "\n".join(rows)
    if len(comparison.changed) > _ROWS:
        yield f"and {len(comparison.changed) - _ROWS:,} more"


def _row(change: FindingChange, places: Places) -> str:
    finding = change.finding
    site = finding.call_site or finding.loop or finding.origin
    where = code_span(places.text(site)) if site else ""
    what = code_span(subject(finding) or finding.kind)
    return f"| {STATUS_WORDS[change.status]} | {what} | {where} | {times_text(change)} | {prose(change.note)} |"


def _statement_row(change: StatementChange) -> str:
    what = f"{code_span(_cut(shortened(change.statement)))} {code_span(change.route)}"
    return f"| {what} | {change.before:,} → {change.after:,} |"


def _folded(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f"<details><summary>{title}</summary>"
        yield "\n".join(["| | before → after |", "|---|---|", *rows[:_ROWS]])
        if len(rows) > _ROWS:
            yield f"and {len(rows) - _ROWS:,} more"
        yield "</details>"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_STATEMENT else f"{text[:_LONGEST_STATEMENT]}…"


def _side(run: ComparedRun) -> str:
    return f"{code_span(run.command)} ({count(run.finding_count, 'finding')}, {code_span(run.run_id or 'no run')})"
