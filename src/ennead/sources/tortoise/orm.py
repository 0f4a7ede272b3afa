"""Evidence of Tortoise's ORM: awaited relations, prefetches, look-ups, aggregates.

A relation that is awaited is a query set: where it is made, the frames say for which relation of which object, and the
query set is marked. What runs, Tortoise's frames tell on the first hit of a place (:mod:`ennead.agent.call_path`).
"""

from __future__ import annotations

from functools import wraps
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.tortoise.evidence import Facts, conclude
from ennead.sources.tortoise.marks import copy_mark, forget_marks, mark_query
from ennead.sources.tortoise.relations import Relation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import Inspector, Walk
    from ennead.agent.patching import Patch

_NOTE = "tortoise"
_patches = PatchSet()


def install() -> str:
    """Register the inspectors, mark query sets; see :class:`ennead.sources.registry.SourceModule`."""
    from tortoise.queryset import AwaitableQuery, QuerySet

    version = metadata.version("tortoise-orm")
    _INSPECTORS.register()
    if not _patches:
        _patches.add(AwaitableQuery, "__init__", _marking_init)
        _patches.add(QuerySet, "_clone", _marking_clone)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()
    _patches.undo()
    forget_marks()


def _marking_init(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 -- it replaces the method of that name
        original(self, *args, **kwargs)
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return
        try:
            mark_query(self)
        except Exception:
            unit.internal_error_count += 1

    return __init__


def _marking_clone(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def _clone(self: Any) -> Any:
        clone = original(self)
        unit = CURRENT.get()
        if unit is not None and patch.active:
            try:
                copy_mark(self, clone)
            except Exception:
                unit.internal_error_count += 1
        return clone

    return _clone


# ------------------------------------------------------------------------------------------------ inspectors


def _facts_of(walk: Walk) -> Facts | None:
    """The walk's facts; ``None`` beyond the first place of the user's, and once a prefetch is known."""
    if walk.steps:
        return None
    facts: Facts | None = walk.notes.get(_NOTE)
    if facts is None:
        facts = walk.notes[_NOTE] = Facts()
        walk.endings.append(lambda ended: conclude(ended, ended.notes[_NOTE]))
    return None if facts.relation is not None else facts


def _execution(frame: FrameType, walk: Walk) -> None:
    facts = _facts_of(walk)
    if facts is not None and facts.query is None:
        facts.query = frame.f_locals["self"]


def _write(frame: FrameType, walk: Walk) -> None:
    facts = _facts_of(walk)
    if facts is not None and facts.query is None:
        facts.written = frame.f_locals["self"].model


def _prefetch(frame: FrameType, walk: Walk) -> None:
    """One relation for a list of objects; of a single object it is a lazy load by another name."""
    facts = _facts_of(walk)
    if facts is None:
        return
    names = frame.f_locals
    facts.relation = Relation.of_field(names["self"].model, names["field"])
    facts.is_eager = len(names["instance_list"]) != 1


def _operation(name: str) -> Inspector:
    def inspect(frame: FrameType, walk: Walk) -> None:
        facts = _facts_of(walk)
        if facts is not None:
            facts.method = name

    return inspect


_PREFETCHES = (
    "_prefetch_reverse_relation",
    "_prefetch_reverse_o2o_relation",
    "_prefetch_m2m_relation",
    "_prefetch_direct_relation",
)
_OPERATIONS = ("create", "delete", "get_or_create", "refresh_from_db", "save", "update_or_create")
_INSPECTORS = InspectorSet(
    "tortoise",
    {
        "queryset.py": {"_execute": _execution, "_execute_many": _execution},
        "models.py": {name: _operation(name) for name in _OPERATIONS},
        "backends/base/executor.py": {
            **dict.fromkeys(_PREFETCHES, _prefetch),
            **dict.fromkeys(("execute_insert", "execute_update", "execute_delete"), _write),
        },
    },
)
