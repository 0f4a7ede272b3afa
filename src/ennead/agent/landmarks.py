"""Which frames are looked at to recognise a call path that was walked before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

    from ennead.agent.call_path import Step

MAX_LANDMARKS = 14
"""Of a stack that is not higher every frame is compared; of a higher one the user's frames and some others."""
_OTHER_LANDMARKS = 4

FIRST_DEPTH = 2
"""Of the hook's own frame, counted from ``known_path`` or ``walk_path``: both are called by the recorder."""

Landmark = tuple[int, "CodeType", int]
"""Depth, code, instruction; of a library's frame -1, which is any."""


def marks(steps: Sequence[Step]) -> tuple[Landmark, ...]:
    """The user's frames on the running stack."""
    return tuple((step.depth, step.code, step.lasti) for step in steps if step.depth > 0)


def landmarks(steps: tuple[Step, ...], stack: tuple[CodeType | None, ...]) -> tuple[Landmark, ...]:
    """What the cheap look compares, what tells most places apart first.

    That is the access, the far end of the stack (it tells how deep a recursion is), the user's other frames from the
    outermost inwards (places that share a helper differ further out), and frames of the library at any instruction:
    on a low stack all of them, on a high one those that the user's code called and a few others. There a place
    is mistaken for another if within one unit of work the user's code stands in between where the library's stood, at
    the same height, called by the library, and unnoticed by any of these: see ``same_stack``.
    """
    own = marks(steps)
    users = {depth for depth, _, _ in own}
    height = stack.index(None) if None in stack else len(stack)
    library = [depth for depth in range(height + FIRST_DEPTH - 1, FIRST_DEPTH, -1) if depth not in users]
    if len(own) + len(library) > MAX_LANDMARKS:
        library = _telling(library, users)
    frames = [(depth, code, -1) for depth in library if (code := stack[depth - FIRST_DEPTH]) is not None]
    return (*own[:1], *frames[:1], *own[:0:-1], *frames[1:])


def _telling(library: list[int], users: set[int]) -> list[int]:
    called = [depth for depth in library[1:] if depth + 1 in users]
    others = [depth for depth in library[1:] if depth + 1 not in users]
    wanted = max(MAX_LANDMARKS // 2 - len(users), _OTHER_LANDMARKS)
    return [*library[:1], *called, *others[:: len(others) // wanted + 1]]
