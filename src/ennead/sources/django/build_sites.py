"""Where the user's code began to build a query set, remembered on its query.

A query set built in a view is run by a template, much later. So a fresh ``Query`` gets the place as one more entry of
its ``__dict__``, which clones copy. The entry is a plain string and is left out when the query is pickled: what the
host caches or sends is the same as without Ennead.
"""

from __future__ import annotations

from functools import wraps
from sys import _getframe
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS, OUTER_PATH
from ennead.agent.places import USER, python_site
from ennead.agent.unit_of_work import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from ennead.agent.call_path import Step, Walk
    from ennead.agent.patching import Patch
    from ennead.kernel.call_site import CallSite

KEY = "_ennead_built_at"
MAX_BUILD_SITES = 4_096
_NEAREST, _FURTHEST = 2, 10
"""Frames from :func:`mark` outwards. A query set that a library builds further in is none of the user's."""
_DESCRIPTOR = 5
"""Where ``get_queryset`` of a descriptor stands: beyond our hook, the query set, the manager and its method."""
_RECENT_PLACES = 3
_MAX_MODELS = 1_024
_MANAGERS_METHOD = "get_queryset"


class BuildSite:
    """One instruction of the user's at which query sets are begun."""

    __slots__ = ("_site", "code", "key", "lasti", "line", "module")

    def __init__(self, frame: FrameType) -> None:
        self.code: CodeType = frame.f_code
        self.lasti = frame.f_lasti
        self.line = frame.f_lineno
        self.module = str(frame.f_globals.get("__name__", ""))
        self.key = f"{self.code.co_filename}:{self.code.co_firstlineno}:{self.lasti}"
        self._site: CallSite | None = None

    @property
    def site(self) -> CallSite:
        """The call site, read from the source once."""
        if self._site is None:
            self._site = python_site(self.code, self.lasti, self.module)
        return self._site

    def is_line_of(self, step: Step) -> bool:
        """Whether a step of a call path stands on the same line; a comprehension there has code of its own."""
        return step.code.co_filename == self.code.co_filename and _line_of(step.code, step.lasti) == self.line

    def is_instruction_of(self, step: Step) -> bool:
        """Whether a step stands at the very instruction: the call that built the query set is still running."""
        return step.code is self.code and step.lasti == self.lasti


_descriptors: list[CodeType] = []
"""Of ``get_queryset`` of the descriptors of foreign keys and one-to-one relations."""
Place = tuple[int, BuildSite]
_recent: dict[Any, list[Place]] = {}
"""For each model the last places that began a query set of it: a loop asks again at the same height of the stack."""
_by_key: dict[str, BuildSite] = {}


def marking_init(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Wrap ``Query.__init__``: clones are made without it, so only fresh queries are marked."""

    @wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 -- it replaces the method of that name
        original(self, *args, **kwargs)
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return
        try:
            mark(self)
        except Exception:
            unit.internal_error_count += 1

    return __init__


def unmarking_getstate(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Wrap ``Query.__getstate__``: our entry does not travel."""

    @wraps(original)
    def __getstate__(self: Any) -> Any:  # noqa: N807 -- it replaces the method of that name
        state = original(self)
        if isinstance(state, dict) and KEY in state:
            del state[KEY]
        return state

    return __getstate__


def mark(query: Any) -> None:
    """Note on a fresh query the innermost frame of the user's that asked for it."""
    try:
        code = _getframe(_DESCRIPTOR).f_code
        for known in _descriptors:
            if code is known:
                return
        for depth, build_site in _recent.get(query.model, ()):
            frame = _getframe(depth)
            if frame.f_code is build_site.code and frame.f_lasti == build_site.lasti:
                query.__dict__[KEY] = build_site.key
                return
    except ValueError:  # the stack is not as high
        pass
    place = _innermost_place()
    if place is not None:
        query.__dict__[KEY] = place[1].key
        if len(_recent) >= _MAX_MODELS:  # migrations make models of their own
            _recent.clear()
        recent = _recent.setdefault(query.model, [])
        recent.insert(0, place)
        del recent[_RECENT_PLACES:]


def _innermost_place() -> Place | None:
    """Depth, counted from :func:`mark`, and build site of the innermost frame of the user's near enough."""
    if not _descriptors:
        _learn_descriptors()
    known_kinds = FILE_KINDS.known
    frame: FrameType | None = _getframe(_NEAREST + 1)
    for depth in range(_NEAREST, _FURTHEST):
        if frame is None:
            return None
        kind = known_kinds.get(frame.f_code.co_filename)
        if kind is None:
            kind = FILE_KINDS.of(frame.f_code.co_filename, frame)
        if kind == USER and not _is_managers(frame):
            return depth, _remember(frame)
        frame = frame.f_back
    return None


def _remember(frame: FrameType) -> BuildSite:
    build_site = BuildSite(frame)
    if len(_by_key) >= MAX_BUILD_SITES:
        forget_build_sites()
    return _by_key.setdefault(build_site.key, build_site)


def _is_managers(frame: FrameType) -> bool:
    """Whether this is ``get_queryset`` of a manager, which every query set of the model comes out of."""
    if frame.f_code.co_name != _MANAGERS_METHOD or not frame.f_code.co_argcount:
        return False
    from django.db.models.manager import BaseManager

    return isinstance(frame.f_locals.get(frame.f_code.co_varnames[0]), BaseManager)


def build_site_of(query: Any) -> BuildSite | None:
    """The build site noted on a query or on one it was cloned from."""
    key = query.__dict__.get(KEY)
    return _by_key.get(key) if key is not None else None


def nearest_build_site(furthest: int) -> BuildSite | None:
    """The innermost place of the user's among the frames outwards of the hook that asks."""
    frame: FrameType | None = _getframe(_NEAREST)
    for _ in range(furthest):
        if frame is None:
            break
        if FILE_KINDS.of(frame.f_code.co_filename, frame) == USER:
            return BuildSite(frame)
        frame = frame.f_back
    return None


def built_elsewhere(build_site: BuildSite, walk: Walk) -> CallSite | None:
    """The place, unless it is the access's own line, or inside a call that is still running."""
    steps = [*walk.steps, *_steps_further_out()]
    if steps and (build_site.is_line_of(steps[0]) or any(map(build_site.is_instruction_of, steps))):
        return None
    return build_site.site


def _steps_further_out() -> Iterator[Step]:
    """The path on which the running thread or task was started."""
    path = OUTER_PATH.get()
    while path is not None:
        yield from path.steps
        path = path.outer


def _learn_descriptors() -> None:
    """Attribute access builds a query and runs it in the same breath: most queries, and none is built elsewhere."""
    from django.db.models.fields import related_descriptors

    classes = (related_descriptors.ForwardManyToOneDescriptor, related_descriptors.ReverseOneToOneDescriptor)
    _descriptors[:] = [vars(owner)["get_queryset"].__code__ for owner in classes]


def forget_build_sites() -> None:
    """Forget all; queries that are marked lose their place."""
    _recent.clear()
    _by_key.clear()


def _line_of(code: CodeType, lasti: int) -> int | None:
    for start, end, line in code.co_lines():
        if start <= lasti < end:
            return line
    return None
