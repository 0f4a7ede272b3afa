"""``ennead verdict``: whether a finding is worth it."""

from __future__ import annotations

import json as json_module
import sys
from typing import TYPE_CHECKING

import click

from ennead.cli import output
from ennead.cli.memory import need_packages, project_memory
from ennead.cli.verdict_next import list_next, walk
from ennead.kernel.errors import EnneadError
from ennead.reporting.printable import one_line, printable
from ennead.reporting.sql import shortened

if TYPE_CHECKING:
    from ennead.store.memory import Memory
    from ennead.store.verdicts import VerdictWord

need_packages()

_WORDS = ("useful", "noise", "wontfix")
_NEXT = 10
_MEANING = {
    "useful": "worth it: it is always shown",
    "noise": "noise: reports keep it back",
    "wontfix": "right, and will not be repaired: reports keep it back",
}


@click.command(short_help="Say whether a finding is worth it.")
@click.argument("finding", required=False)
@click.argument("verdict", required=False, type=click.Choice(_WORDS))
@click.option("--reason", help="Why, in a sentence.")
@click.option("--undo", is_flag=True, help="Take the last verdict on FINDING back.")
@click.option("--list", "listed", is_flag=True, help="List all verdicts, the newest first.")
@click.option(
    "--next",
    "following",
    type=click.IntRange(min=1),
    is_flag=False,
    flag_value=_NEXT,
    metavar="[N]",
    help=f"List the N findings (by default {_NEXT}) on which a verdict teaches most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
def verdict(
    finding: str | None,
    verdict: VerdictWord | None,
    reason: str | None,
    following: int | None,
    output_folder: str | None,
    *,
    undo: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Say of FINDING, its id or the beginning of it, that it is useful, noise, or right and will not be repaired.

    Without FINDING, on a terminal, you are asked about one finding of the last runs after the other, those first on
    which a verdict teaches most.

    Reports keep back what is noise or will not be repaired, and tell how many. Findings like it follow slowly: the
    threshold moves in bounded steps ('ennead threshold'). Exit codes and reports for other programs never change: what
    must not fail a build is suppressed in the code or taken into the baseline.

    \b
    ennead verdict
    ennead verdict --next 5
    ennead verdict f1:8b2777 noise --reason "three rows at most"
    ennead verdict f1:8b2777 --undo
    ennead verdict --list
    """  # noqa: D301 -- \b is how click keeps lines as they are
    ctx = click.get_current_context()
    asked = sum((listed, undo, following is not None, verdict is not None))
    walks = asked == 0 and finding is None and not as_json and _is_terminal()
    if not walks and (asked != 1 or (finding is None) != (listed or following is not None)):
        message = f"name a finding and one of {', '.join(_WORDS)}, or --undo; or ask for --list or --next"
        raise click.UsageError(message, ctx)
    if reason is not None and verdict is None:
        raise click.UsageError("--reason belongs to a verdict", ctx)
    memory = project_memory(output_folder)
    if walks:
        walk(memory, output_folder)
    elif following is not None:
        list_next(memory, following, output_folder, as_json=as_json)
    elif listed:
        _list(memory, as_json=as_json)
    elif finding is not None:
        _judge(memory, finding, verdict, reason, as_json=as_json)


def _is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _judge(memory: Memory, name: str, verdict: VerdictWord | None, reason: str | None, *, as_json: bool) -> None:
    from ennead.store.hidden import shown_patterns
    from ennead.store.history import find_pattern
    from ennead.store.thresholds import current_threshold, follow
    from ennead.store.verdicts import give_verdict, undo_verdict

    if not memory.database.exists:
        raise EnneadError("nothing is remembered yet: run 'ennead run -- COMMAND', or 'ennead history --import'")
    pattern = find_pattern(memory, name)
    taken_back = None
    if verdict is None:
        taken_back = undo_verdict(memory, pattern.pattern)
    else:
        give_verdict(memory, pattern.pattern, verdict, reason)
    step = follow(memory)
    shown = shown_patterns(memory, [pattern])[pattern.pattern]
    if as_json:
        told = {
            "pattern": pattern.pattern,
            "verdict": verdict,
            "undone": taken_back,
            "is_shown": shown.is_shown,
            "confidence": shown.confidence,
            "threshold": current_threshold(memory),
        }
        print(json_module.dumps(told, indent=2))
        return
    about = printable(one_line(shortened(pattern.about)))
    what = _MEANING[verdict] if verdict else f"the verdict {taken_back} is taken back"
    console = output.console()
    console.print(f"{pattern.pattern}  {about}", soft_wrap=True)
    console.print(f"  {what}", soft_wrap=True)
    if step is not None:
        console.print(
            f"  the threshold goes from {step.before:g} to {step.after:g} ('ennead threshold undo' takes it back)",
            soft_wrap=True,
        )


def _list(memory: Memory, *, as_json: bool) -> None:
    from ennead.store.verdicts import given_verdicts

    given = given_verdicts(memory) if memory.database.exists else ()
    if as_json:
        told = [
            {name: getattr(each, name) for name in each.__slots__} | {"given_at": each.given_at.isoformat()}
            for each in given
        ]
        print(json_module.dumps(told, indent=2))
        return
    console = output.console()
    if not given:
        console.print("no verdicts yet: 'ennead verdict FINDING useful', noise or wontfix", soft_wrap=True)
    for each in given:
        undone = "  (undone)" if each.undone else ""
        reason = f"  {one_line(each.reason)}" if each.reason else ""
        about = one_line(shortened(each.about))
        line = f"{each.given_at:%Y-%m-%d %H:%M}  {each.verdict:<7}  {each.pattern}  {about}{reason}{undone}"
        console.print(printable(line), soft_wrap=True)
