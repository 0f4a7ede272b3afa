"""The user's frames from the access outwards, found cheaply.

A full walk over a deep stack costs more than a query hook may. So the walk is done once per place: it notes how deep
each user frame lies, its code object and its instruction. The next time the same place is recognised by looking at
just those frames (``sys._getframe(depth)`` makes no frame objects on the way).

Frames of templates, serializers and the like stand for user code too: *inspectors*, registered by the sources for a
function of a library, read the place out of that frame's locals and leave a *token* by which it is recognised.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from sys import _getframe
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ennead.agent.places import INSPECTED, LIBRARY, TEMPLATE, USER, FileKinds, python_site, template_site
from ennead.kernel.records import OrmEvidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ennead.kernel.call_site import CallSite

MAX_USER_FRAMES = 24
MAX_WALKED_FRAMES = 600
MAX_VERIFIED_STEPS = 8

OUTER_PATH: ContextVar[CallPath | None] = ContextVar("ennead_outer_path", default=None)
"""Where the running task or thread was started, if it was started inside a unit of work."""

FILE_KINDS = FileKinds()


class Step(NamedTuple):
    """One user frame: how to find it again and what it stands for."""

    depth: int
    """Frames outwards from the function that looks; negative: steps from the parent greenlet's frame."""
    code: CodeType
    lasti: int
    token_of: Callable[[FrameType], object] | None
    token: object
    site: CallSite | None
    """Ready for pseudo frames; Python frames are resolved after the unit of work."""
    module: str


class CallPath:
    """The user's frames from the access outwards, recognisable and resolvable.

    ``outer`` continues the path where the running task or thread was started.
    """

    __slots__ = ("_sites", "outer", "steps", "verified")

    def __init__(self, steps: tuple[Step, ...], outer: CallPath | None) -> None:
        self.steps = steps
        self.verified = tuple(step[:5] for step in steps[:MAX_VERIFIED_STEPS])
        self.outer = outer
        self._sites: tuple[CallSite, ...] | None = None

    @property
    def sites(self) -> tuple[CallSite, ...]:
        """The call sites, the access first; read from the sources once, after the unit of work."""
        if self._sites is None:
            own = tuple(step.site or python_site(step.code, step.lasti, step.module) for step in self.steps)
            self._sites = own + (self.outer.sites if self.outer else ())
        return self._sites


class Inspector(Protocol):
    """Reads what a library's frame stands for. Called on the first hits of a place only."""

    def __call__(self, frame: FrameType, walk: Walk, /) -> None:
        """Add a site with :meth:`Walk.add_site`, or evidence with :meth:`Walk.add_evidence`."""


_INSPECTORS: dict[tuple[str, str], list[Inspector]] = {}


def register_inspector(filename: str, function: str, inspector: Inspector) -> None:
    """Let ``inspector`` see the frames of ``function`` (``code.co_name``) of the library file ``filename``."""
    registered = _INSPECTORS.setdefault((filename, function), [])
    if inspector not in registered:
        registered.append(inspector)
    FILE_KINDS.mark_inspected(filename)


def unregister_inspector(filename: str, function: str, inspector: Inspector) -> None:
    """Undo :func:`register_inspector`; unknown ones are ignored."""
    registered = _INSPECTORS.get((filename, function), [])
    if inspector in registered:
        registered.remove(inspector)


class Walk:
    """The state of one full walk, as inspectors see it."""

    __slots__ = ("_depth", "_frame", "_token_free", "evidence", "notes", "outer", "steps", "stopped")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.evidence: dict[str, Any] = {}
        """Fields of :class:`~ennead.kernel.records.OrmEvidence`; the innermost frame that names one wins."""
        self.notes: dict[str, Any] = {}
        """Free for inspectors that see several frames of one walk."""
        self.outer: CallPath | None = None
        self.stopped = False
        self._depth = 0
        self._frame: FrameType | None = None

    def add_site(self, site: CallSite, token_of: Callable[[FrameType], object], token: object) -> None:
        """Let the frame being inspected stand for ``site``; it is recognised by ``token_of(frame) is token``."""
        frame = self._frame
        if frame is not None:
            self.steps.append(Step(self._depth, frame.f_code, frame.f_lasti, token_of, token, site, ""))

    def add_evidence(self, **fields: object) -> None:
        """Add fields of :class:`~ennead.kernel.records.OrmEvidence` that no frame further in has given."""
        for name, value in fields.items():
            self.evidence.setdefault(name, value)

    def stop(self) -> None:
        """Walk no further: the frames beyond are not part of the unit of work."""
        self.stopped = True

    def stop_if_started_elsewhere(self) -> None:
        """Walk no further if the running task was started inside a unit of work: its path goes on there."""
        self.outer = OUTER_PATH.get()
        self.stopped = self.outer is not None

    def follow(self, frame: FrameType | None, depth: int, direction: int) -> None:
        """Visit frames outwards, counting depth in steps of ``direction``."""
        kind_of = FILE_KINDS.of
        while frame is not None and not self.stopped:
            code = frame.f_code
            kind = kind_of(code.co_filename, frame)
            if kind is not LIBRARY:
                self._depth, self._frame = depth, frame
                self._visit(kind, code, frame)
            depth += direction
            frame = frame.f_back
            if len(self.steps) >= MAX_USER_FRAMES or abs(depth) > MAX_WALKED_FRAMES:
                return

    def _visit(self, kind: int, code: CodeType, frame: FrameType) -> None:
        if kind is USER:
            module = frame.f_globals.get("__name__", "")
            self.steps.append(Step(self._depth, code, frame.f_lasti, None, None, None, str(module)))
        elif kind is TEMPLATE:
            site = template_site(frame)
            self.steps.append(Step(self._depth, code, frame.f_lasti, None, None, site, ""))
        elif kind is INSPECTED:
            for inspector in _INSPECTORS.get((code.co_filename, code.co_name), ()):
                inspector(frame, self)

    def finish(self) -> tuple[CallPath, OrmEvidence | None]:
        """The path, and the evidence if a library gave its name to it."""
        outer = self.outer if self.stopped else OUTER_PATH.get()
        evidence = OrmEvidence(**self.evidence) if "library" in self.evidence else None
        return CallPath(tuple(self.steps), outer), evidence


def walk_path() -> tuple[CallPath, OrmEvidence | None]:
    """Walk the whole stack from the caller's caller outwards; depths count from this function's own frame."""
    walk = Walk()
    walk.follow(_getframe(2), 2, 1)
    if not walk.stopped:
        parent = _parent_greenlet_frame()
        if parent is not None:
            walk.follow(parent, -1, -1)
    return walk.finish()


def known_path(path: CallPath) -> bool:
    """Whether the running code stands at ``path``; depths count from this function's own frame.

    A path without user frames is never recognised: there is nothing to recognise it by.
    """
    if path.outer is not OUTER_PATH.get():
        return False
    steps = path.verified
    if not steps:
        return False
    for depth, code, lasti, token_of, token in steps:
        if depth > 0:
            try:
                frame = _getframe(depth)
            except ValueError:
                return False
        else:
            parent = _parent_frame_at(-depth)
            if parent is None:
                return False
            frame = parent
        if frame.f_code is not code or frame.f_lasti != lasti:
            return False
        if token_of is not None and token_of(frame) is not token:
            return False
    return True


def _parent_greenlet_frame() -> FrameType | None:
    greenlet = sys.modules.get("greenlet")
    if greenlet is None:
        return None
    parent = greenlet.getcurrent().parent
    frame: FrameType | None = parent.gr_frame if parent is not None else None
    return frame


def _parent_frame_at(distance: int) -> FrameType | None:
    frame = _parent_greenlet_frame()
    while frame is not None and distance > 1:
        frame = frame.f_back
        distance -= 1
    return frame
