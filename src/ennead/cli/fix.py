"""``ennead fix``: write the fix of a finding, run it, and say what came of it."""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.cli.fixes_output import FixesOutput
from ennead.cli.memory import remember_fixes
from ennead.cli.replay_progress import ReplayProgress
from ennead.cli.replayed_work import COMMAND_KEY, SECONDS, CommandBehindDashes, parse_sizes
from ennead.replay.applying import apply_change
from ennead.replay.fixing import look_for_fixes
from ennead.replay.target import find_target, work_of

if TYPE_CHECKING:
    from ennead.kernel.finding import Verification
    from ennead.replay.fixing import Fixing

_NOT_FIXED = 1
_SECONDS = 900.0
_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOptions:
    """What was asked for."""

    target: str | None = None
    everything: bool = False
    as_method: bool = False
    diff: bool = False
    apply: bool = False
    force: bool = False
    json: Path | None = None
    verbose: bool = False
    sizes: tuple[int, ...] | None = None
    seconds: float = _SECONDS
    timeout: float = _TIMEOUT_SECONDS
    allow: tuple[str, ...] = ()
    output_folder: str | None = None


@click.command(cls=CommandBehindDashes, short_help="Write fixes, and verify them by replaying the work.")
@click.argument("target", metavar="[RUN_OR_FINDING]", required=False)
@click.option("--all", "everything", is_flag=True, help="Fix all findings, not only the worst one.")
@click.option("--as-method", is_flag=True, help="Name what is loaded: a method or function beside your own queries.")
@click.option("--diff", is_flag=True, help="Print the diff alone, for 'git apply' or 'patch -p1'.")
@click.option("--apply", is_flag=True, help="Change the files, if the fix was verified.")
@click.option("--force", is_flag=True, help="Change files with uncommitted edits, too.")
@click.option(
    "--json",
    type=click.Path(path_type=Path, allow_dash=True),
    is_flag=False,
    flag_value=Path("-"),
    metavar="[FILE]",
    help="Write JSON to FILE, or to standard output.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Tell everything: each fix, each candidate, all that was not compared."
)
@click.option(
    "--sizes",
    callback=parse_sizes,
    metavar="SMALL,LARGE",
    help="Two data sizes, for a command with {size} in it; otherwise copies of the databases are grown.",
)
@click.option("--seconds", type=SECONDS, default=_SECONDS, show_default=True, help="Time to look for fixes.")
@click.option(
    "--timeout", type=SECONDS, default=_TIMEOUT_SECONDS, show_default=True, help="Time that one replay may take."
)
@click.option("--allow", multiple=True, metavar="HOST:PORT", help="Let replays connect there, besides databases.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.pass_context
def fix(ctx: click.Context, /, **options: Any) -> None:
    """Write a fix for RUN_OR_FINDING, replay the work with it, and print it if it is verified.

    A finding is named by its id, a run by its id; by default the last run's worst finding is fixed. The work that is
    replayed is COMMAND, or what the run ran. It runs on a scratch copy of the project and on copies of its databases,
    at two data sizes, before and after: nothing of yours changes unless you say --apply.

    A fix is verified if the queries stop growing, and everything that was compared stayed the same: responses, test
    outcomes, return values, rows written, mails sent. The exit code is 0 if all that was asked for has such a fix, and
    1 otherwise.

    \b
    ennead fix -- python manage.py test
    ennead fix f1:3fa9c0 --apply
    ennead fix --all --diff -- pytest tests/api > fixes.patch
    """  # noqa: D301 -- \b is how click keeps lines as they are
    asked = FixOptions(**options)
    ctx.exit(fix_findings(asked, ctx.meta.get(COMMAND_KEY, ())))


def fix_findings(asked: FixOptions, command: tuple[str, ...]) -> int:
    """Do what ``ennead fix`` does.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    EnneadError
        There is no such finding, the work cannot be replayed, a file cannot be changed.
    """
    output.check_file(asked.json)
    target = find_target(asked.target, asked.output_folder, has_command=bool(command))
    work = work_of(command, target, allowed=asked.allow, timeout_seconds=asked.timeout)
    console = output.console(stderr=True)
    with ReplayProgress(console, quiet=asked.diff and not console.is_terminal) as progress:
        fixing = look_for_fixes(
            work,
            target,
            command=command,
            everything=asked.everything,
            as_method=asked.as_method,
            sizes=asked.sizes,
            seconds=asked.seconds,
            listener=progress,
        )
    result = fixing.result
    told = FixesOutput(
        output.console(stderr=asked.diff or asked.json is not None), verbose=asked.verbose, diff=not asked.diff
    )
    told.print_result(result)
    told.print_notes([*fixing.notes, *remember_fixes(_verified(fixing), asked.output_folder)])
    if fixing.methods is not None:
        told.print_methods(fixing.methods)
    _print_for_programs(asked, fixing)
    if asked.apply:
        told.print_applied(apply_change(work.root, fixing.change, force=asked.force) if fixing.change else [])
    elif fixing.change and not asked.diff and asked.json is None:
        told.print_notes(["no file was changed; the same command with --apply writes the fix"])
    return 0 if result.is_complete else _NOT_FIXED


def _verified(fixing: Fixing) -> dict[str, Verification]:
    """What was verified, by the id of the finding that it repairs."""
    fixes = (each for each in fixing.result.fixes if each.status == "fixed")
    return {each.finding.id: best.judgement.verification for each in fixes if (best := each.best) is not None}


def _print_for_programs(asked: FixOptions, fixing: Fixing) -> None:
    if asked.json is not None:
        told = {**fixing.result.to_dict(), "notes": list(fixing.notes)}
        if fixing.methods is not None:
            told["as_method"] = fixing.methods.to_dict()
        output.write_file(asked.json, json_format.dumps(told, indent=2) + "\n")
    if asked.diff:
        output.write_file(Path("-"), fixing.result.diff if fixing.change else "")
