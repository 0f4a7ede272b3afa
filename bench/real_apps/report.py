"""RESULTS.md: what was found in each application, then the rivals, then every miss and false alarm by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.detection.environment import version_of
from bench.real_apps.score import Group, Score, Share

COLUMNS = (
    *("application", "ORM", "actions", "growing", "structural", "duplicates", "N+1s", "found", "missed"),
    *("not growing: true", "false alarms", "recall", "precision", "read"),
)
RIVAL_COLUMNS = ("tool", "applications", "recall", "precision", "Ennead's recall", "Ennead's precision")
ACTION_COLUMNS = ("application", "tool", "recall", "precision")
STATEMENT_CHARACTERS = 160


@dataclass(frozen=True)
class Measured:
    """One release: when and how it was measured, and what came of it."""

    title: str
    orm: str
    when: str
    score: Score
    tools: Sequence[str] = ()
    """Rivals that ran."""
    problems: dict[str, str] = field(default_factory=dict)
    """By tool, or "application": why it did not run."""


def results(measured: Sequence[Measured], command: str) -> str:
    """The whole of RESULTS.md."""
    lines = [
        "# Real applications",
        "",
        f"Written by `{command}`: each application at 3, 6 and 12 rows a table, on SQLite. A statement of an",
        "action grows if it runs more often at 6 rows than at 3 and at 12 than at 6, and at least three times",
        "more often in the end; the count is Django's or SQLAlchemy's own and shares nothing with Ennead but the",
        "normaliser. A growing group is an N+1 unless the source says otherwise (`labels/`; the column *read* tells",
        "how many groups of a release somebody has read). Ennead sees one run, at 12 rows.",
        "",
        *_markdown(COLUMNS, rows(measured)),
        "",
        "## Beside the rivals, action by action",
        "",
        "Does an action hold an N+1, and does the tool say so? This is coarser than the table above: one right",
        "finding among ten is enough. Every tool as shipped, on the same actions at 12 rows; an action that failed",
        "under a tool is left out of its line. Ennead stands beside each rival on the same actions. Sentry's 50 ms",
        "make its line depend on how busy the machine was.",
        "",
        *_markdown(RIVAL_COLUMNS, rival_rows(measured)),
        "",
        *_markdown(ACTION_COLUMNS, action_rows(measured)),
    ]
    for each in measured:
        lines += ["", *_details(each)]
    return "\n".join(lines) + "\n"


def rows(measured: Sequence[Measured]) -> list[tuple[str, ...]]:
    """One line a release, and their sum."""
    lines = [(each.title, each.orm, _actions(each.score), *_numbers(each.score)) for each in _that_ran(measured)]
    scores = [each.score for each in measured]
    recall = _sum([score.recall for score in scores])
    precision = _sum([score.precision for score in scores])
    totals = [str(sum(len(getattr(score, name)) for score in scores)) for name in NUMBERS]
    actions = sum(len(score.ran) for score in scores)
    return [*lines, ("all", "", str(actions), *totals, str(recall), str(precision), str(sum(s.read for s in scores)))]


NUMBERS = ("growing", "structural", "duplicates", "positives", "found", "missed", "capped", "false")


def action_rows(measured: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    """One line a release and tool."""
    for each in _that_ran(measured):
        for tool in ("ennead", *each.tools):
            shares = each.score.action_scores(each.score.flagged(tool))
            yield each.title, version_of(tool), *map(str, shares)


def rival_rows(measured: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    """One line a rival: its sums over the applications that it ran on, and ours over the same actions."""
    for tool in dict.fromkeys(tool for each in measured for tool in each.tools):
        scores = [each.score for each in _that_ran(measured) if tool in each.tools]
        theirs = [score.action_scores(score.flagged(tool)) for score in scores]
        ours = [score.action_scores(_on_the_same(score, tool)) for score in scores]
        shares = [_sum([pair[index] for pair in pairs]) for pairs in (theirs, ours) for index in (0, 1)]
        yield version_of(tool), str(len(scores)), *map(str, shares)


def _on_the_same(score: Score, tool: str) -> dict[str, bool]:
    return {name: flagged for name, flagged in score.flagged("ennead").items() if name in score.flagged(tool)}


def _that_ran(measured: Sequence[Measured]) -> list[Measured]:
    return [each for each in measured if "application" not in each.problems]


def _numbers(score: Score) -> tuple[str, ...]:
    counts = [str(len(getattr(score, name))) for name in NUMBERS]
    return (*counts, str(score.recall), str(score.precision), str(score.read))


def _actions(score: Score) -> str:
    failed = len(score.actions) - len(score.ran)
    return f"{len(score.ran)} ({failed} failed)" if failed else str(len(score.ran))


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(share.part for share in shares), sum(share.whole for share in shares))


def _details(measured: Measured) -> Iterator[str]:
    score = measured.score
    yield f"## {measured.title}"
    yield ""
    yield f"Measured {measured.when}."
    for what, problem in measured.problems.items():
        yield f"{what} did not run: {problem}"
    headings = {
        "Missed": score.missed,
        "False alarms": score.false,
        "Not growing, and found with right": score.capped,
        "Not growing, and overlooked": score.overlooked,
    }
    for heading, groups in headings.items():
        if groups:
            yield from ("", f"{heading}:", "", *(_told(score, group) for group in groups))
    failed = [action for action in score.actions if action.status != "ok"]
    if failed:
        yield from ("", "Failed:", "", *(f"- {action.name}: {action.status}" for action in failed))


def _told(score: Score, group: Group) -> str:
    action, statement = score.group(group)
    counts = " → ".join(map(str, action.counts.get(group[1], ())))
    label = score.labels.get(group)
    said = action.vetoed.get(group[1]) or ("repeated query" if group[1] in action.repeated else "no group")
    remark = "found" if group[1] in action.found else said
    read = f"; {label.kind}: {label.read}" if label else ""
    return f"- {action.name}: {counts} ({remark}{read}) `{statement[:STATEMENT_CHARACTERS]}`"


def _markdown(columns: Sequence[str], lines: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for line in lines:
        yield f"| {' | '.join(line)} |"
