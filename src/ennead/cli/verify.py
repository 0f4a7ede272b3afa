"""``ennead verify``: judge a change that was made by hand."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Any

import click

from ennead.cli import output
from ennead.cli.fixes_output import FixesOutput
from ennead.cli.memory import remember_fixes
from ennead.cli.replay_progress import ReplayProgress
from ennead.cli.replayed_work import COMMAND_KEY, SECONDS, CommandBehindDashes, parse_sizes
from ennead.replay.target import find_target, work_of
from ennead.replay.uncommitted import committed_files
from ennead.replay.verify import Verifier

_REFUSED = 1


@click.command(cls=CommandBehindDashes)
@click.argument("target", metavar="[RUN_OR_FINDING]", required=False)
@click.option(
    "--json",
    type=click.Path(path_type=Path, allow_dash=True),
    is_flag=False,
    flag_value=Path("-"),
    metavar="[FILE]",
    help="Write JSON to FILE, or to standard output.",
)
@click.option(
    "--sizes",
    callback=parse_sizes,
    metavar="SMALL,LARGE",
    help="Two data sizes, for a command with {size} in it; otherwise copies of the databases are grown.",
)
@click.option("--timeout", type=SECONDS, default=600.0, show_default=True, help="Time that one replay may take.")
@click.option("--allow", multiple=True, metavar="HOST:PORT", help="Let replays connect there, besides databases.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.pass_context
def verify(ctx: click.Context, /, **options: Any) -> None:
    """Judge the uncommitted edits of the project.

    Do the queries stop growing, and does everything else stay the same?

    COMMAND, or what RUN_OR_FINDING ran, is replayed on the project as it was committed (git HEAD) and as it is now, on
    copies of its databases, at two data sizes. With a finding the edits are to repair it; without one they are to make
    the queries fewer. The exit code is 0 if the change is verified, and 1 if it is refused.

    \b
    ennead verify -- python manage.py test
    ennead verify f1:3fa9c0
    """  # noqa: D301 -- \b is how click keeps lines as they are
    command = ctx.meta.get(COMMAND_KEY, ())
    output.check_file(options["json"])
    target = find_target(options["target"], options["output_folder"], has_command=bool(command))
    work = work_of(command, target, allowed=options["allow"], timeout_seconds=options["timeout"])
    before, after = committed_files(work.root)
    console = output.console(stderr=True)
    with (
        ReplayProgress(console) as progress,
        Verifier(work, sizes=options["sizes"], tell=progress.doing, original=before) as verifier,
    ):
        judged = verifier.judge(after, None if target.finding_id is None else [target.finding_id])
    told = FixesOutput(output.console(stderr=options["json"] is not None), verbose=True)
    told.print_judgement(judged.judgement)
    if judged.is_accepted and target.finding_id is not None:
        told.print_notes(remember_fixes({target.finding_id: judged.judgement.verification}, options["output_folder"]))
    if options["json"] is not None:
        output.write_file(options["json"], json_format.dumps(judged.judgement.to_dict(), indent=2) + "\n")
    ctx.exit(0 if judged.is_accepted else _REFUSED)
