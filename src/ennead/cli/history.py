"""``ennead history``: what earlier runs have found, how often, and what became of it."""

from __future__ import annotations

import json as json_module
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.cli.memory import finished_run, need_packages, project_memory
from ennead.kernel.errors import EnneadError
from ennead.reporting.amounts import count, duration
from ennead.reporting.json_report import finite
from ennead.reporting.printable import one_line, printable
from ennead.reporting.sql import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from ennead.store.hidden import Shown
    from ennead.store.history import KnownPattern
    from ennead.store.memory import Memory
    from ennead.store.verified_fixes import VerifiedFix

need_packages()

_STYLES = {"new": "bold cyan", "regressed": "bold red", "fixed": "green", "recurring": "yellow"}
_ORDER = ("regressed", "new", "recurring", "once", "suppressed", "fixed")
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_12345678"
_WIDEST_ABOUT = 56
_SHOWN_RUNS = 10
_SHOWN_PLACES = 20
_AGO = re.compile(r"(\d+)([dw])")
_DAYS = {"d": 1, "w": 7}


@click.command(short_help="Tell what earlier runs found, and what became of it.")
@click.argument("pattern", required=False)
@click.option("--since", metavar="WHEN", help="Only what was seen or fixed since a day (2026-11-02), or 7d, 4w ago.")
@click.option("--hidden", is_flag=True, help="Only what your verdicts keep back, with the reason.")
@click.option("--import", "imports", is_flag=True, help="Take over recorded runs that are not remembered yet.")
@click.option("--run", "run_name", metavar="RUN", help="With --import: only this one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.pass_context
def history(
    ctx: click.Context,
    pattern: str | None,
    since: str | None,
    output_folder: str | None,
    run_name: str | None,
    *,
    hidden: bool,
    imports: bool,
    as_json: bool,
) -> None:
    """Tell what earlier runs found: how often, since when, and what became of it.

    With PATTERN, the id of a finding or the beginning of it, everything that is known of that one.

    \b
    new         seen for the first time in the last run
    recurring   seen in several runs
    regressed   it was fixed, and is back
    fixed       a run did all that it was seen in, and did not find it
    once        seen in one run, and not looked for since
    """  # noqa: D301 -- \b is how click keeps lines as they are
    if run_name is not None and not imports:
        raise click.UsageError("--run belongs to --import", ctx)
    memory = project_memory(output_folder)
    if imports:
        _import(memory, output_folder, run_name)
        if not pattern and not as_json:
            ctx.exit()
    start = None if since is None else _start(since)
    if pattern is not None:
        _tell_one(memory, pattern, as_json=as_json)
    else:
        _tell_all(memory, start, hidden=hidden, as_json=as_json)


def _start(text: str) -> datetime:
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return datetime.now(UTC) - timedelta(days=int(ago[1]) * _DAYS[ago[2]])
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise EnneadError(f"--since must be a day like 2026-11-02, or 7d or 4w, got {text!r}") from error
    return read if read.tzinfo is not None else read.astimezone()


# ---------------------------------------------------------------------------------------------- the list


def _tell_all(memory: Memory, since: datetime | None, *, hidden: bool, as_json: bool) -> None:
    from ennead.store.hidden import shown_patterns
    from ennead.store.history import known_patterns, known_runs
    from ennead.store.verified_fixes import verified_fixes

    patterns: Sequence[KnownPattern] = ()
    shown: dict[str, Shown] = {}
    runs = 0
    if memory.database.exists:
        patterns = known_patterns(memory, since=since)
        shown = shown_patterns(memory, patterns)
        runs = len(known_runs(memory, memory.settings.store_runs))
    if hidden:
        patterns = [each for each in patterns if not shown[each.pattern].is_shown]
    patterns = sorted(patterns, key=lambda each: _ORDER.index(each.status))
    if as_json:
        print(json_module.dumps([_as_dict(each, shown[each.pattern]) for each in patterns], indent=2))
        return
    console = output.console()
    if not patterns:
        console.print(_nothing(memory, runs, since, hidden=hidden), soft_wrap=True)
        return
    _print_patterns(console, patterns, shown, verified_fixes(memory))
    _print_usual(console, memory)
    _print_summary(console, memory, patterns, runs)


def _nothing(memory: Memory, runs: int, since: datetime | None, *, hidden: bool) -> str:
    """What an empty list means, and what to do about it."""
    if not runs:
        return (
            f"nothing is remembered yet in {_place_of(memory)}: 'ennead run -- COMMAND' remembers what it finds, "
            "and 'ennead history --import' takes over runs that were recorded before"
        )
    if hidden:
        return "nothing is hidden: 'ennead verdict FINDING noise' hides a finding that is not worth it"
    if since is not None:
        return f"nothing was found or fixed since {since.astimezone():%Y-%m-%d %H:%M}, in {count(runs, 'run')} in all"
    return f"no N+1 found in {count(runs, 'remembered run')}"


def _print_patterns(
    console: Console,
    patterns: Sequence[KnownPattern],
    shown: dict[str, Shown],
    fixes: Mapping[str, VerifiedFix],
) -> None:
    from rich.text import Text

    fancy = console.encoding.lower().startswith("utf")
    width = max(len("trend"), *(len(each.trend) for each in patterns))
    names = {each.pattern: printable(_about(each)) for each in patterns}
    head = f"{'':<10} {'':<19}  {'trend':<{width}}  runs  first       last        severity"
    console.print(head, style="dim", soft_wrap=True)
    for each in patterns:
        row = Text(each.status.ljust(10), _STYLES.get(each.status, "dim"))
        row.append(f" {each.pattern}  ")
        row.append(spark(each.trend, fancy=fancy).rjust(width), "bold")
        row.append(f"  {each.run_count:>4,}")
        row.append(f"  {each.first_detected:%Y-%m-%d}  {each.last_detected:%Y-%m-%d}", "dim")
        row.append(f"  {each.severity:<8}  {names[each.pattern]}")
        row.append(f"  {printable(each.place or '')}", "cyan")
        if each.pattern in fixes:
            row.append(f"  fix {printable(fixes[each.pattern].brings)}", "green")
        elif shown[each.pattern].reason:
            row.append(f"  {shown[each.pattern].reason}", "magenta")
        row.rstrip()
        console.print(row, soft_wrap=True)


def spark(trend: Iterable[int | None], *, fancy: bool = True) -> str:
    """A bar for each run: its height is the number of queries; a dot where the run did not do what it would take.

    >>> spark([None, 12, 12, 0, 50]), spark([None, 12, 12, 0, 50], fancy=False)
    ('·▃▃▁█', '.22_8')
    """
    told = list(trend)
    most = max((each for each in told if each), default=1)
    bars, gap = (_BARS, "·") if fancy else (_PLAIN_BARS, ".")
    top = len(bars) - 1
    return "".join(gap if each is None else bars[-(-each * top // most)] if each else bars[0] for each in told)


def _about(pattern: KnownPattern) -> str:
    text = one_line(shortened(pattern.about))
    return text if len(text) <= _WIDEST_ABOUT else f"{text[: _WIDEST_ABOUT - 1]}…"


def _print_usual(console: Console, memory: Memory) -> None:
    from ennead.store.history import unusual_routes

    for number, route in enumerate(unusual_routes(memory)):
        if number == 0:
            console.print("\nMore queries than usual in the last run", style="bold")
        console.print(f"  {printable(route.place)}  {route.now:,.0f} a unit of work, usually {route.usual:,.0f}")


def _print_summary(console: Console, memory: Memory, patterns: Sequence[KnownPattern], runs: int) -> None:
    from ennead.store.history import STATUSES

    numbers = {status: sum(each.status == status for each in patterns) for status in STATUSES}
    told = ", ".join(f"{number:,} {status}" for status, number in numbers.items() if number)
    console.print(
        f"\n{count(len(patterns), 'pattern')} ({told}) in {count(runs, 'run')}, {_place_of(memory)}", soft_wrap=True
    )


def _place_of(memory: Memory) -> str:
    return output.shown_path(Path(str(memory.database))) if memory.database.is_sqlite else str(memory.database)


# ---------------------------------------------------------------------------------------------- one pattern


def _tell_one(memory: Memory, name: str, *, as_json: bool) -> None:
    from ennead.store.hidden import shown_patterns
    from ennead.store.history import find_pattern, improvement, sightings
    from ennead.store.verdicts import given_verdicts

    if not memory.database.exists:
        raise EnneadError(_nothing(memory, 0, None, hidden=False))
    pattern = find_pattern(memory, name)
    told = sightings(memory, pattern.pattern)
    shown = shown_patterns(memory, [pattern])[pattern.pattern]
    brought = improvement(memory, pattern)
    verdicts = given_verdicts(memory, pattern=pattern.pattern)
    if as_json:
        document = _as_dict(pattern, shown) | {
            "runs": [_run_as_dict(each) for each in told],
            "improvement": brought._asdict() if brought else None,
            "verdicts": [_verdict_as_dict(each) for each in verdicts],
        }
        print(json_module.dumps(finite(document), indent=2))
        return
    console = output.console()
    for line in (*_facts(pattern, shown), *_brought(brought), *_runs_told(told), *_verdicts_told(verdicts)):
        console.print(printable(line), soft_wrap=True)


def _facts(pattern: KnownPattern, shown: Shown) -> Iterable[str]:
    yield f"{pattern.pattern}  {pattern.status}  {pattern.code} ({pattern.kind}), {pattern.severity}"
    if pattern.about != pattern.query_template:
        yield f"  {one_line(pattern.about)}"
    yield f"  {one_line(shortened(pattern.query_template))}"
    if pattern.place:
        yield f"  at {pattern.place}"
    more = [f"{len(pattern.places) - _SHOWN_PLACES:,} more"] if len(pattern.places) > _SHOWN_PLACES else []
    places = ", ".join([*pattern.places[:_SHOWN_PLACES], *more])
    yield f"  in {places or 'no place that is known'}"
    units = count(pattern.detection_count, "unit of work", "units of work")
    yield (
        f"  seen in {count(pattern.run_count, 'run')}, {units}, "
        f"{pattern.first_detected:%Y-%m-%d %H:%M} to {pattern.last_detected:%Y-%m-%d %H:%M} UTC"
    )
    if pattern.fixed_at:
        yield f"  fixed {pattern.fixed_at:%Y-%m-%d %H:%M} UTC"
    if pattern.regressed_at:
        back = count(pattern.regression_count, "time")
        yield f"  back {pattern.regressed_at:%Y-%m-%d %H:%M} UTC, {back} in all"
    if shown.reason:
        yield f"  confidence {pattern.confidence:.0f} %, with verdicts {shown.confidence:.0f} %: {shown.reason}"
    else:
        yield f"  confidence {pattern.confidence:.0f} %"


def _brought(brought: Any) -> Iterable[str]:
    if brought is None:
        return
    yield ""
    yield (
        f"The fix brought, a unit of work (mean of {count(brought.runs_before, 'run')} before, "
        f"{count(brought.runs_after, 'run')} after)"
    )
    yield f"  queries        {brought.queries_before:,.1f} -> {brought.queries_after:,.1f}"
    yield f"  database time  {duration(brought.database_ms_before)} -> {duration(brought.database_ms_after)}"
    yield (
        f"  of this        {brought.pattern_queries_before:,.1f} queries, "
        f"{duration(brought.wasted_ms_before)} wasted -> none"
    )


def _runs_told(told: Sequence[Any]) -> Iterable[str]:
    yield ""
    yield "Runs that had it"
    for each in told[:_SHOWN_RUNS]:
        units = count(each.unit_count, "unit", "units")
        yield (
            f"  {each.run.started_at:%Y-%m-%d %H:%M}  x{each.query_count:<5,} {units:>9}  "
            f"{duration(each.wasted_ms):>8} wasted  {each.severity:<8}  {one_line(each.run.command)}"
        )
    if len(told) > _SHOWN_RUNS:
        yield f"  {count(len(told) - _SHOWN_RUNS, 'earlier run')} (--json tells them all)"


def _verdicts_told(verdicts: Sequence[Any]) -> Iterable[str]:
    for number, each in enumerate(verdicts):
        if number == 0:
            yield ""
            yield "Verdicts"
        undone = "  undone" if each.undone else ""
        reason = f"  {one_line(each.reason)}" if each.reason else ""
        yield f"  {each.given_at:%Y-%m-%d %H:%M}  {each.verdict}{reason}{undone}"


# ---------------------------------------------------------------------------------------------- JSON


def _as_dict(pattern: KnownPattern, shown: Shown) -> dict[str, Any]:
    values = {name: getattr(pattern, name) for name in pattern.__slots__}
    times = {name: value.isoformat() for name, value in values.items() if isinstance(value, datetime)}
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    judged = {"showing": shown.showing, "is_shown": shown.is_shown, "confidence_with_verdicts": shown.confidence}
    return values | times | lists | judged


def _run_as_dict(each: Any) -> dict[str, Any]:
    return {
        "run_id": each.run.run_id,
        "started_at": each.run.started_at.isoformat(),
        "command": each.run.command,
        "query_count": each.query_count,
        "unit_count": each.unit_count,
        "wasted_ms": each.wasted_ms,
        "severity": each.severity,
        "confidence": each.confidence,
    }


def _verdict_as_dict(each: Any) -> dict[str, Any]:
    return {
        "verdict": each.verdict,
        "reason": each.reason,
        "given_at": each.given_at.isoformat(),
        "undone": each.undone,
    }


# ---------------------------------------------------------------------------------------------- recorded runs


def _import(memory: Memory, output_folder: str | None, run_name: str | None) -> None:
    """Take over the runs in the folder, or one; the oldest first: then what came after what is as it was."""
    from ennead.runs.folder import runs_folder
    from ennead.runs.reading import read_run
    from ennead.runs.recorded import find_run, read_report, run_settings
    from ennead.store.remembering import remember

    settings, root = run_settings()
    taken = known = 0
    every = runs_folder(output_folder or settings.output, root).runs
    for folder in every() if run_name is None else [find_run(run_name, output_folder)]:
        try:
            run = finished_run(read_report(folder), read_run(folder))
        except EnneadError as error:
            click.echo(f"ennead: {folder.id} is left out: {error}", err=True)
            continue
        if run is None:
            continue
        if remember(memory, run).is_known:
            known += 1
        else:
            taken += 1
    print(f"{count(taken, 'run')} taken over, {known:,} known already")
