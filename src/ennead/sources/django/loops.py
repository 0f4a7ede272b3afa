"""Loops that run inside a library: a serializer's ``many=True``, the choices of a form field.

The user wrote no loop there, but a call that iterates. The next place outwards on the call path is that call; it gets
the note ``for``. Where nothing of the user's is further out, a place that stands in for the loop is added instead.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import Step, Walk
    from ennead.kernel.call_site import CallSite

_NOTE = "library-loops"
FOR = "for"
"""The note of a call site that is a loop."""


class StandIn(NamedTuple):
    """A place for a loop that no line of the user's runs; see :meth:`ennead.agent.call_path.Walk.add_site`."""

    site: Callable[[], CallSite]
    token_of: Callable[[FrameType], object]
    token: object


def add_library_loop(walk: Walk, stand_in: StandIn | None = None) -> None:
    """Note that the frame being inspected iterates, and runs what is further in once for each item.

    Nothing is noted before any place of the user's: that is a query of the loop's header, not of its items.
    """
    if not walk.steps:
        return
    loops: list[tuple[int, bool]] = walk.notes.setdefault(_NOTE, [])
    if not loops:
        walk.endings.append(_mark)
    loops.append((len(walk.steps), stand_in is not None))
    if stand_in is not None:
        walk.add_site(*stand_in)


def _mark(walk: Walk) -> None:
    steps = walk.steps
    for position, stands_in in reversed(walk.notes[_NOTE]):
        outer = position + stands_in
        if outer < len(steps):
            steps[outer] = steps[outer]._replace(site=partial(_loop_site, steps[outer]), template=None)
            if stands_in:
                del steps[position]


def _loop_site(step: Step) -> CallSite:
    return replace(step.resolve(), note=FOR)
