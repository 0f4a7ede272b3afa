"""What ``ennead verdict`` proposes to judge next: as a list, and asked one after the other with single keys."""

from __future__ import annotations

import json as json_module
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import click

from ennead.cli import output
from ennead.kernel.errors import EnneadError
from ennead.reporting.amounts import count
from ennead.reporting.printable import one_line, printable
from ennead.reporting.sql import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from ennead.kernel.call_site import CallSite
    from ennead.store.memory import Memory
    from ennead.store.proposals import Proposal
    from ennead.store.verdicts import VerdictWord

_KEYS: Mapping[str, VerdictWord] = {"u": "useful", "n": "noise", "w": "wontfix"}
_QUIT = ("q", "\x03", "\x04", "\x1b")
_QUESTION = "  [u]seful  [n]oise  [w]ontfix  [s]kip  [b]ack  [q]uit "
_NOTHING = "nothing to judge: every finding of the last runs that is shown has a verdict"


class _Seen(NamedTuple):
    """Where a finding is, as its run recorded it."""

    text: str
    source: str | None


def list_next(memory: Memory, most: int, output_folder: str | None, *, as_json: bool) -> None:
    """Print the findings to judge next, and ask nothing."""
    found = _proposed(memory)[:most]
    if as_json:
        print(json_module.dumps([_as_dict(each, output_folder) for each in found], indent=2))
        return
    console = output.console()
    if not found:
        console.print(_NOTHING, soft_wrap=True)
    for each in found:
        _print(console, each, output_folder)


def walk(memory: Memory, output_folder: str | None, read_key: Callable[[], str] = click.getchar) -> None:
    """Show one finding after the other and ask for a verdict, until there are no more or somebody quits.

    Parameters
    ----------
    memory
        Of the project.
    output_folder
        Where the runs are kept, if not where the settings say.
    read_key
        The next key that is pressed.
    """
    console = output.console()
    found = _proposed(memory)
    if not found:
        console.print(_NOTHING, soft_wrap=True)
        return
    answers: list[VerdictWord | None] = []
    while len(answers) < len(found):
        proposal = found[len(answers)]
        console.print(f"{len(answers) + 1} of {len(found)}", style="dim")
        _print(console, proposal, output_folder)
        key = _ask(console, read_key)
        if key in _QUIT:
            break
        if key == "b":
            _go_back(console, memory, found, answers)
            continue
        answers.append(_KEYS.get(key))
        if key in _KEYS:
            _give(console, memory, proposal, _KEYS[key])
    given = sum(answer is not None for answer in answers)
    console.print(f"{count(given, 'verdict')} given; 'ennead verdict --list' lists them", soft_wrap=True)


def _proposed(memory: Memory) -> tuple[Proposal, ...]:
    from ennead.cli.project import nplusone_settings
    from ennead.domains.nplusone.model import Models
    from ennead.store.proposals import proposals

    if not memory.database.exists:
        raise EnneadError("nothing is remembered yet: run 'ennead run -- COMMAND', or 'ennead history --import'")
    return proposals(memory, Models(nplusone_settings().models))


def _ask(console: Console, read_key: Callable[[], str]) -> str:
    """One of the keys; others are not heard, and a terminal that is gone quits."""
    console.print(_QUESTION, end="", style="bold")
    while True:
        try:
            key = read_key().lower()
        except (KeyboardInterrupt, EOFError):
            key = "q"
        if key in _KEYS or key in _QUIT or key in ("s", "b"):
            console.print(_KEYS.get(key, {"s": "skipped", "b": "back"}.get(key, "quit")))
            return key


def _give(console: Console, memory: Memory, proposal: Proposal, verdict: VerdictWord) -> None:
    from ennead.store.thresholds import follow
    from ennead.store.verdicts import give_verdict

    give_verdict(memory, proposal.known.pattern, verdict)
    step = follow(memory)
    if step is not None:
        console.print(
            f"  the threshold goes from {step.before:g} to {step.after:g} ('ennead threshold undo' takes it back)",
            soft_wrap=True,
        )


def _go_back(console: Console, memory: Memory, found: tuple[Proposal, ...], answers: list[VerdictWord | None]) -> None:
    """To the one before; a verdict on it is taken back."""
    from ennead.store.thresholds import follow
    from ennead.store.verdicts import undo_verdict

    if not answers:
        console.print("  this is the first one")
    elif answers.pop() is not None:
        undone = undo_verdict(memory, found[len(answers)].known.pattern)
        follow(memory)
        console.print(f"  the verdict {undone} is taken back", soft_wrap=True)


# ---------------------------------------------------------------------------------------------- one finding


def _print(console: Console, proposal: Proposal, output_folder: str | None) -> None:
    known = proposal.known
    seen = _seen(proposal, output_folder)
    console.print(f"{known.pattern}  {printable(one_line(shortened(known.about)))}", soft_wrap=True)
    console.print(f"  {printable(one_line(seen.text))}", soft_wrap=True)
    if seen.source:
        console.print(f"    {printable(one_line(seen.source))}", soft_wrap=True)
    often = f"{count(proposal.query_count, 'query', 'queries')} in {count(proposal.unit_count, 'unit')} of work"
    told = proposal.model_probability
    beside = "" if told is None else f", the model gives it {100 * told:.0f} %"
    console.print(f"  {often}; confidence {known.confidence:.0f}{beside}", soft_wrap=True)


def _seen(proposal: Proposal, output_folder: str | None) -> _Seen:
    site = _sites(proposal.run_id, output_folder).get(proposal.finding_id)
    if site is None:
        return _Seen(proposal.known.place or ", ".join(proposal.known.places[:1]) or "no place is known", None)
    return _Seen(f"{site} in {site.function}", site.source)


@lru_cache
def _sites(run_id: str, output_folder: str | None) -> Mapping[str, CallSite]:
    """Finding to its line in a run; none where the run's records are gone."""
    from ennead.runs.recorded import find_run, read_report

    try:
        report = read_report(find_run(run_id, output_folder))
    except EnneadError:
        return {}
    entries = (*report.entries, *report.known)
    return {each.finding.id: each.finding.call_site for each in entries if each.finding.call_site is not None}


def _as_dict(proposal: Proposal, output_folder: str | None) -> dict[str, object]:
    known, seen = proposal.known, _seen(proposal, output_folder)
    return {
        "pattern": known.pattern,
        "about": known.about,
        "place": seen.text,
        "source": seen.source,
        "signature": known.signature,
        "run": proposal.run_id,
        "query_count": proposal.query_count,
        "unit_count": proposal.unit_count,
        "confidence": known.confidence,
        "model_probability": proposal.model_probability,
    }
