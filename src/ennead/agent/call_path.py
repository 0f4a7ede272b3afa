"""The user's frames from the access outwards, found cheaply.

A full walk over a deep stack costs more than a query hook may. So the walk is done once per place: it notes how deep
each user frame lies, its code object and its instruction. The next time the same place is recognised by looking at
just those frames and at the far end of the stack (``sys._getframe(depth)`` makes no frame objects on the way). Two
stacks that agree in all of that may still differ in a frame between; :func:`same_stack` compares every frame, and a
unit of work asks it once for each path before it trusts the cheap look.

Frames of templates, serializers and the like stand for user code too: *inspectors*, registered by the sources for a
function of a library, read the place out of that frame's locals and leave a *token* by which it is recognised.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from sys import _getframe
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ennead.agent.landmarks import FIRST_DEPTH, landmarks, marks
from ennead.agent.places import INSPECTED, LIBRARY, TEMPLATE, USER, FileKinds, python_site, template_site
from ennead.kernel.records import OrmEvidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ennead.kernel.call_site import CallSite

MAX_USER_FRAMES = 24
MAX_WALKED_FRAMES = 600
MAX_INTERNED_PATHS = 4_096
MAX_RESOLVED_SITES = 4_096

FILE_KINDS = FileKinds()


class Step(NamedTuple):
    """One user frame: how to find it again and what it stands for."""

    depth: int
    """Frames outwards from the function that looks; negative: steps from the parent greenlet's frame."""
    code: CodeType
    lasti: int
    token_of: Callable[[FrameType], object] | None
    token: object
    site: CallSite | Callable[[], CallSite] | None
    """Of a pseudo frame, ready or to be asked for; the others are resolved after the unit of work."""
    module: str
    template: Any
    """The Jinja2 template that the code was compiled from."""

    def resolve(self) -> CallSite:
        """What it stands for; reads sources."""
        if self.template is not None:
            return template_site(self.template, self.code, self.lasti)
        if callable(self.site):
            return self.site()
        return self.site or self._python_site()

    def _python_site(self) -> CallSite:
        """The same object for the same instruction: most paths have their outer frames in common with others."""
        key = (id(self.code), self.lasti, self.module)
        known = _resolved.get(key)
        if known is None:
            if len(_resolved) >= MAX_RESOLVED_SITES:
                _resolved.clear()
            known = _resolved[key] = (python_site(self.code, self.lasti, self.module), self.code)
        return known[0]


class CallPath:
    """The user's frames from the access outwards, recognisable and resolvable.

    Parameters
    ----------
    steps
        The user's frames, the access first.
    stack
        The code of every frame from the hook outwards to where the walk ended; ``None`` where the parent greenlet
        begins.
    outer
        Continues the path where the running task or thread was started.
    plain
        No inspector had a say: any other statement executed here has the same path and no evidence either.
    """

    __slots__ = ("_sites", "is_searched", "landmarks", "outer", "plain", "pseudo", "stack", "steps", "upstream")

    def __init__(
        self,
        steps: tuple[Step, ...] = (),
        stack: tuple[CodeType | None, ...] = (),
        outer: CallPath | None = None,
        *,
        plain: bool = True,
    ) -> None:
        self.steps = steps
        self.stack = stack
        self.outer = outer
        self.plain = plain
        self.landmarks = marks(steps[:1])
        self.is_searched = False
        self.pseudo = tuple(step for step in steps if step.token_of is not None)
        self.upstream = tuple((-step.depth, step.code, step.lasti) for step in steps if step.depth < 0)
        self._sites: tuple[CallSite, ...] | None = None

    def find_landmarks(self) -> None:
        """Find what the cheap look compares beside the access, which is enough for as long as nobody comes by again."""
        self.landmarks = landmarks(self.steps, self.stack)
        self.is_searched = True

    @property
    def sites(self) -> tuple[CallSite, ...]:
        """The call sites, the access first; read from the sources once, after the unit of work."""
        if self._sites is None:
            own = tuple(step.resolve() for step in self.steps)
            self._sites = own + (self.outer.sites if self.outer else ())
        return self._sites


STARTED_HERE = CallPath()
"""The outer path of code that no task or thread boundary separates from where its unit of work was opened."""

OUTER_PATH: ContextVar[CallPath | None] = ContextVar("ennead_outer_path", default=None)
"""Where the running task or thread was started. ``None`` outside of units of work."""


class Inspector(Protocol):
    """Reads what a library's frame stands for. Called on the first hits of a place only."""

    def __call__(self, frame: FrameType, walk: Walk, /) -> None:
        """Add a site with :meth:`Walk.add_site`, or evidence with :meth:`Walk.add_evidence`."""


_INSPECTORS: dict[tuple[str, str], list[Inspector]] = {}
_interned: dict[int, CallPath] = {}
_resolved: dict[tuple[int, int, str], tuple[CallSite, CodeType]] = {}
"""Keeps the code, so that no other one gets its id."""
_forgetful: list[Callable[[], None]] = []


def register_inspector(filename: str, function: str, inspector: Inspector) -> None:
    """Let ``inspector`` see the frames of ``function`` (``code.co_name``) of the library file ``filename``."""
    registered = _INSPECTORS.setdefault((filename, function), [])
    if inspector not in registered:
        registered.append(inspector)
        FILE_KINDS.mark_inspected(filename)
        forget_paths()


def unregister_inspector(filename: str, function: str, inspector: Inspector) -> None:
    """Undo :func:`register_inspector`; unknown ones are ignored."""
    registered = _INSPECTORS.get((filename, function), [])
    if inspector in registered:
        registered.remove(inspector)
        forget_paths()


def forget_paths() -> None:
    """Forget all places learnt: what counts as the user's code, or who inspects, has changed."""
    _interned.clear()
    _resolved.clear()
    for forget in _forgetful:
        forget()


def when_paths_are_forgotten(forget: Callable[[], None]) -> None:
    """Call ``forget`` too whenever paths are forgotten."""
    _forgetful.append(forget)


class Walk:
    """The state of one full walk, as inspectors see it."""

    __slots__ = (
        "_depth",
        "_frame",
        "endings",
        "error_count",
        "evidence",
        "is_handover",
        "notes",
        "plain",
        "stack",
        "steps",
        "stopped",
    )

    def __init__(self, *, is_handover: bool = False) -> None:
        self.steps: list[Step] = []
        self.stack: list[CodeType | None] = []
        self.evidence: dict[str, Any] = {}
        """Fields of :class:`~ennead.kernel.records.OrmEvidence`; the innermost frame that names one wins."""
        self.notes: dict[str, Any] = {}
        """Free for inspectors that see several frames of one walk."""
        self.endings: list[Callable[[Walk], None]] = []
        """Called when the walk has ended, for inspectors that need to see all steps before they can tell."""
        self.plain = True
        """No inspector was asked, except where the walk ended."""
        self.is_handover = is_handover
        """The path is that of a task or thread being started: queries of its own will be inspected further in."""
        self.stopped = False
        self.error_count = 0
        self._depth = 0
        self._frame: FrameType | None = None

    def add_site(
        self,
        site: CallSite | Callable[[], CallSite],
        token_of: Callable[[FrameType], object] | None,
        token: object,
    ) -> None:
        """Let the frame being inspected stand for ``site``; it is recognised by ``token_of(frame) is token``.

        One frame may stand for several sites: then one ``token_of`` tells enough, and the others' is ``None``.
        A callable is asked for the site after the unit of work, once: reading sources takes time.
        """
        frame = self._frame
        if frame is not None:
            self.steps.append(Step(self._depth, frame.f_code, frame.f_lasti, token_of, token, site, "", None))

    def add_evidence(self, **fields: object) -> None:
        """Add fields of :class:`~ennead.kernel.records.OrmEvidence` that no frame further in has given."""
        for name, value in fields.items():
            self.evidence.setdefault(name, value)

    def stop(self) -> None:
        """Walk no further: the frames beyond are not part of the unit of work, or of the running task."""
        self.stopped = True

    def stop_if_started_elsewhere(self) -> None:
        """Walk no further if it is known where the running task was started: the path goes on there."""
        self.stopped = OUTER_PATH.get() is not None

    @property
    def is_at_the_hook(self) -> bool:
        """Whether the frame being inspected is the one that called the recorder."""
        return self._depth == FIRST_DEPTH

    def follow(self, frame: FrameType | None, depth: int, direction: int) -> None:
        """Visit frames outwards, counting depth in steps of ``direction``."""
        known_kinds = FILE_KINDS.known
        stack, steps = self.stack, self.steps
        while frame is not None:
            code = frame.f_code
            stack.append(code)
            kind = known_kinds.get(code.co_filename)
            if kind is None:
                kind = FILE_KINDS.of(code.co_filename, frame)
            if kind is not LIBRARY:
                self._depth, self._frame = depth, frame
                self._visit(kind, code, frame)
                if self.stopped or len(steps) >= MAX_USER_FRAMES:
                    return
            depth += direction
            frame = frame.f_back
            if len(stack) >= MAX_WALKED_FRAMES:
                return

    def _visit(self, kind: int, code: CodeType, frame: FrameType) -> None:
        if kind is USER:
            module = frame.f_globals.get("__name__", "")
            self.steps.append(Step(self._depth, code, frame.f_lasti, None, None, None, str(module), None))
        elif kind is TEMPLATE:
            template = frame.f_globals.get("__jinja_template__")
            if template is not None:
                self.steps.append(Step(self._depth, code, frame.f_lasti, None, None, None, "", template))
        elif kind is INSPECTED:
            for inspector in _INSPECTORS.get((code.co_filename, code.co_name), ()):
                self._ask(inspector, frame)

    def _ask(self, inspector: Inspector, frame: FrameType) -> None:
        try:
            inspector(frame, self)
        except Exception:
            self.error_count += 1
        if not self.stopped:
            self.plain = False

    def finish(self) -> CallPath:
        """The path; the same object for the same stack."""
        for ending in self.endings:
            try:
                ending(self)
            except Exception:
                self.error_count += 1
        outer = OUTER_PATH.get()
        steps, stack = tuple(self.steps), tuple(self.stack)
        places = [(step.depth, step.lasti, id(step.token)) for step in steps]
        key = hash((*map(id, stack), *places, id(outer), self.plain))
        known = _interned.get(key)
        if known is not None and known.stack == stack:
            return known
        if len(_interned) >= MAX_INTERNED_PATHS:
            _interned.clear()
        path = _interned[key] = CallPath(steps, stack, outer, plain=self.plain)
        return path

    def orm_evidence(self) -> OrmEvidence | None:
        """What the inspectors found out, if a library gave its name to it."""
        return OrmEvidence(**self.evidence) if "library" in self.evidence else None


def walk_path(first: int = FIRST_DEPTH, *, is_handover: bool = False) -> tuple[CallPath, Walk]:
    """Walk the whole stack from the hook's frame, which lies ``first`` frames out.

    Depths are noted as :func:`known_path` will count them.
    """
    walk = Walk(is_handover=is_handover)
    walk.follow(_getframe(first), FIRST_DEPTH, 1)
    if not walk.stopped and len(walk.steps) < MAX_USER_FRAMES:
        parent = _parent_greenlet_frame()
        if parent is not None:
            walk.stack.append(None)
            walk.follow(parent, -1, -1)
    return walk.finish(), walk


def known_path(path: CallPath) -> bool:
    """Whether the running code seems to stand at ``path``; depths count from this function's own frame.

    A path without user frames is recognised by nothing but the height of the stack: ask :func:`same_stack`, too.
    """
    if path.outer is not OUTER_PATH.get():
        return False
    try:
        while True:
            for depth, code, lasti in path.landmarks:
                frame = _getframe(depth)
                if frame.f_code is not code or (lasti != -1 and lasti != frame.f_lasti):  # noqa: PLR1714 -- a hot path
                    return False
            if path.is_searched:
                break
            path.find_landmarks()
        if path.upstream and not _stands_upstream(path):
            return False
        for step in path.pseudo:
            if step.depth > 0 and step.token_of(_getframe(step.depth)) is not step.token:  # type: ignore[misc]
                return False
    except Exception:  # the stack is not as high, or a token cannot be read in this frame
        return False
    return True


def same_stack(path: CallPath, height: int | None = None) -> bool:
    """Whether every frame from the hook outwards, up to ``height``, runs the code it ran when ``path`` was walked.

    Together with :func:`known_path` that makes sure: no frame of the user's stands where a library's stood.
    """
    frame: FrameType | None = _getframe(FIRST_DEPTH)
    for code in path.stack[:height]:
        if code is None:
            if frame is not None:
                return False
            frame = _parent_greenlet_frame()
        elif frame is None or frame.f_code is not code:
            return False
        else:
            frame = frame.f_back
    return True


def _stands_upstream(path: CallPath) -> bool:
    frame = _parent_greenlet_frame()
    distance = 1
    tokens = {-step.depth: step for step in path.pseudo if step.depth < 0}
    for wanted, code, lasti in path.upstream:
        while frame is not None and distance < wanted:
            frame = frame.f_back
            distance += 1
        if frame is None or frame.f_code is not code or frame.f_lasti != lasti:
            return False
        step = tokens.get(wanted)
        if step is not None and step.token_of is not None and step.token_of(frame) is not step.token:
            return False
    return True


def _parent_greenlet_frame() -> FrameType | None:
    getcurrent = getattr(sys.modules.get("greenlet"), "getcurrent", None)
    if getcurrent is None:
        return None
    parent = getcurrent().parent
    frame: FrameType | None = parent.gr_frame if parent is not None else None
    return frame
