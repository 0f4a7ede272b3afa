"""``ennead threshold``: from which confidence on findings are shown, as the verdicts say."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ennead.cli import output
from ennead.cli.memory import need_packages, project_memory
from ennead.kernel.errors import EnneadError
from ennead.reporting.amounts import count

if TYPE_CHECKING:
    from ennead.store.memory import Memory
    from ennead.store.thresholds import LoggedStep

need_packages()

_OUTPUT = click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Show and take back how verdicts move what is shown.")
def threshold() -> None:
    """Show, and take back, how verdicts move the confidence from which on findings are shown.

    It stands between 50 and 80, follows a target precision (ENNEAD_TARGET_PRECISION) by two steps of 2.5 a day at most,
    and never hides what the evidence makes sure.
    """


@threshold.command(short_help="Tell where it stands, and why.")
@_JSON
@_OUTPUT
def show(output_folder: str | None, *, as_json: bool) -> None:
    """Tell where the threshold stands, and what it rests on."""
    from ennead.domains.nplusone.adaptive_threshold import HIGHEST, LOWEST, Posteriors
    from ennead.store.thresholds import current_threshold, policy_of, threshold_log
    from ennead.store.verdicts import judged_patterns

    memory = project_memory(output_folder)
    judged = judged_patterns(memory) if memory.database.exists else ()
    stands = current_threshold(memory) if memory.database.exists else LOWEST
    log = threshold_log(memory) if memory.database.exists else ()
    policy, useful = policy_of(memory), sum(each.share for each in judged)
    trust = Posteriors.of(judged).trust
    if as_json:
        told = {
            "threshold": stands,
            "lowest": LOWEST,
            "highest": HIGHEST,
            "target_precision": policy.target_precision,
            "judged_count": len(judged),
            "useful_share": useful / len(judged) if judged else None,
            "trust": trust,
            "step_count": len(log),
        }
        print(json_module.dumps(told, indent=2))
        return
    console = output.console()
    console.print(f"threshold  {stands:g}  (from {LOWEST:g} to {HIGHEST:g})")
    console.print(f"target     {policy.target_precision:.0%} of what is shown is worth it", soft_wrap=True)
    if not judged:
        console.print("verdicts   none yet: 'ennead verdict FINDING useful', noise or wontfix", soft_wrap=True)
        return
    console.print(f"verdicts   {count(len(judged), 'pattern')} judged, {useful / len(judged):.0%} of them useful")
    if len(judged) < policy.least_judged or useful < policy.least_useful:
        least = f"{policy.least_judged} judged patterns, {policy.least_useful} of them useful"
        console.print(f"           a first step takes {least}", soft_wrap=True)
    if trust < 1:
        console.print(
            f"           they contradict what is sure: they count {trust:.0%} for findings that were not judged",
            soft_wrap=True,
        )
    console.print(f"log        {count(len(log), 'step')} ('ennead threshold log')")


@threshold.command(short_help="List its steps.")
@_JSON
@_OUTPUT
def log(output_folder: str | None, *, as_json: bool) -> None:
    """List the steps of the threshold, the newest first, with what each rested on."""
    from ennead.store.thresholds import threshold_log

    memory = project_memory(output_folder)
    steps = threshold_log(memory) if memory.database.exists else ()
    if as_json:
        print(json_module.dumps([asdict(each) | {"at": each.at.isoformat()} for each in steps], indent=2))
        return
    console = output.console()
    if not steps:
        console.print("the threshold has not moved yet", soft_wrap=True)
    for each in steps:
        console.print(_line(each), soft_wrap=True)


def _line(step: LoggedStep) -> str:
    basis = ""
    if step.precision is not None and step.lower_bound is not None:
        judged = count(step.judged_count, "judged pattern")
        basis = f"  {judged}, {step.precision:.0%} of what stays is useful, at least {step.lower_bound:.0%}"
    undone = "  (undone)" if step.undone else ""
    return f"{step.at:%Y-%m-%d %H:%M}  {step.kind:<5}  {step.before:g} -> {step.after:g}{basis}{undone}"


@threshold.command(short_help="Take the last step back.")
@_OUTPUT
def undo(output_folder: str | None) -> None:
    """Take the last step back; the threshold then waits for ten more judged patterns."""
    from ennead.store.thresholds import undo_step

    print(_line(undo_step(_existing(output_folder))))


@threshold.command(short_help="Go back to 50.")
@_OUTPUT
def reset(output_folder: str | None) -> None:
    """Go back to 50, where nothing is hidden but what was judged itself. The verdicts stay."""
    from ennead.store.thresholds import reset_threshold

    print(_line(reset_threshold(_existing(output_folder))))


def _existing(output_folder: str | None) -> Memory:
    memory = project_memory(output_folder)
    if not memory.database.exists:
        raise EnneadError("nothing is remembered yet, so the threshold stands at 50")
    return memory
