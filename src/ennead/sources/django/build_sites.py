"""Where the user's code began to build a query set, remembered on its query.

A query set built in a view is run by a template, much later. So a fresh ``Query`` gets the place as one more entry of
its ``__dict__``, which clones copy. The entry is a plain string and is left out when the query is pickled: what the
host caches or sends is the same as without Ennead.
"""

from __future__ import annotations

from functools import wraps
from sys import _getframe
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import USER, python_site
from ennead.agent.unit_of_work import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ennead.agent.call_path import Step
    from ennead.agent.patching import Patch
    from ennead.kernel.call_site import CallSite

KEY = "_ennead_built_at"
MAX_BUILD_SITES = 4_096
_LOOKED_AT = range(12)
"""From the query outwards. A query set that a library builds further in is none of the user's."""
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


_by_instruction: dict[tuple[int, int], BuildSite | None] = {}
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
    known_kinds = FILE_KINDS.known
    frame: FrameType | None = _getframe(3)  # of what called the query set's constructor
    for _ in _LOOKED_AT:
        if frame is None:
            return
        code = frame.f_code
        kind = known_kinds.get(code.co_filename)
        if kind is None:
            kind = FILE_KINDS.of(code.co_filename, frame)
        if kind == USER:
            build_site = _by_instruction.get((id(code), frame.f_lasti), _UNSEEN)
            if build_site is _UNSEEN:
                build_site = _remember(frame)
            if build_site is not None:
                query.__dict__[KEY] = build_site.key
                return
        frame = frame.f_back


_UNSEEN: Any = object()


def _remember(frame: FrameType) -> BuildSite | None:
    """The build site of a frame seen for the first time; ``None`` if the next one outwards speaks for it."""
    build_site = None if _is_managers(frame) else BuildSite(frame)
    if len(_by_instruction) >= MAX_BUILD_SITES:
        forget_build_sites()
    if build_site is not None:
        _by_instruction[id(frame.f_code), frame.f_lasti] = build_site
        _by_key[build_site.key] = build_site
    return build_site


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


def forget_build_sites() -> None:
    """Forget all; queries that are marked lose their place."""
    _by_instruction.clear()
    _by_key.clear()


def _line_of(code: CodeType, lasti: int) -> int | None:
    for start, end, line in code.co_lines():
        if start <= lasti < end:
            return line
    return None
