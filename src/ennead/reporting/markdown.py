"""The report as GitHub-flavoured Markdown, for a job's summary or a comment on a merge request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.reporting.amounts import count, duration
from ennead.reporting.markdown_text import code_span, fenced, html_text, prose
from ennead.reporting.plain_text import headline, story_text
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.story import stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.reporting.places import Places
    from ennead.reporting.report import AskedAgain, Report
    from ennead.reporting.story import Story

_LONGEST = 60_000
"""Characters; a comment on GitHub may have 65,536."""
_ROWS = 20
_SHOWN_ASKED_AGAIN = 3


def markdown(report: Report, places: Places) -> str:
    """A heading, a short table, and the stories behind it, folded up."""
    report = made_printable(report)
    told = stories(report.entries)
    page = [f"### Ennead: {prose(headline(report))}", *_table(told, places)]
    page += [f"> {prose(one_line(note))}" for note in report.notes]
    page += list(_not_reported(report))
    page += list(_asked_again(report.asked_again, places))
    footer = _footer(report)
    room = _LONGEST - sum(len(part) + 2 for part in page) - len(footer)
    page += list(_folded(told, places, room))
    return "\n\n".join(filter(None, [*page, footer]))


def _table(told: list[Story], places: Places) -> list[str]:
    if not told:
        return []
    rows = ["| severity | what | where | queries | wasted |", "|---|---|---|---|---|"]
    rows += [_row(story, places) for story in told[:_ROWS]]
    more = len(told) - _ROWS
    return ["\n".join(rows), f"and {count(more, 'more place')}" if more > 0 else ""]


def _row(story: Story, places: Places) -> str:
    what = prose(story.title)
    if story.subjects:
        what += f" {code_span(story.subjects[0])}"
        what += f" and {len(story.subjects) - 1} more" if len(story.subjects) > 1 else ""
    site = story.worst.call_site or story.worst.loop or story.worst.origin
    where = code_span(places.text(site)) if site else ""
    queries = f"{story.query_count:,} → {story.queries_needed:,}"
    return f"| {story.severity} | {what} | {where} | {queries} | {duration(story.wasted_ms)} |"


def _folded(told: Iterable[Story], places: Places, room: int) -> Iterator[str]:
    """As many stories as there is room for, the worst first; and how many are left out."""
    left_out = 0
    for story in told:
        text = _story(story, places)
        if left_out or len(text) + 2 > room:
            left_out += 1
        else:
            room -= len(text) + 2
            yield text
    if left_out:
        yield f"{count(left_out, 'more story', 'more stories')} left out: there is no room for them here."


def _story(story: Story, places: Places) -> str:
    subjects = ", ".join(story.subjects) or story.title
    site = story.worst.call_site
    where = f" at <code>{html_text(places.text(site))}</code>" if site else ""
    summary = f"<b>{story.severity}</b> <code>{html_text(subjects)}</code>{where}"
    return "\n\n".join(
        [f"<details><summary>{summary}</summary>", fenced(story_text(story, places), "text"), "</details>"]
    )


def _not_reported(report: Report) -> Iterator[str]:
    if report.suppressed:
        yield f"{count(len(report.suppressed), 'finding')} suppressed."
    if report.unused_suppressions:
        yield f"Nothing was found for {count(len(report.unused_suppressions), 'suppression')}."


def _asked_again(told: tuple[AskedAgain, ...], places: Places) -> Iterator[str]:
    if told:
        lines = ["Asked again by every request (no finding; keep the answer if it may be old):", ""]
        for asked in told[:_SHOWN_ASKED_AGAIN]:
            often = f"{asked.unit_count:,} of {asked.unit_total:,}"
            lines.append(f"- {often} {prose(asked.kind)}s: {code_span(places.text(asked.call_site))}")
        yield "\n".join(lines)


def _footer(report: Report) -> str:
    units = ", ".join(count(number, kind) for kind, number in report.unit_counts.items()) or "no unit of work"
    queries = f"{count(report.query_count, 'query', 'queries')}, {duration(report.database_ms)}"
    return f"{code_span(report.title)}: {prose(units)}, {queries}".strip()
