"""Evidence of Peewee's ORM: lazy loads of foreign keys, back-references and many-to-many fields, eager loads, look-ups.

Peewee's frames tell, on the first hit of a place (:mod:`ennead.agent.call_path`): which query runs, for which accessor,
and which operation the user called. A back-reference is no load but a query, which may be extended and run later: it is
marked when the accessor makes it, and Peewee copies the mark with the query.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT
from ennead.sources.django.build_sites import nearest_build_site
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.peewee.evidence import BUILT_AT, RELATION, Facts, Relation, RelationMark, conclude
from ennead.sources.peewee.queries import supported_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import Inspector, Walk
    from ennead.agent.patching import Patch

_NOTE = "peewee"
_FURTHEST = 8
"""Frames from the hook outwards in which the user's line that begins a query is looked for."""
_patches = PatchSet()


def install() -> str:
    """Register the inspectors, mark queries; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    _INSPECTORS.register()
    if not _patches:
        from peewee import BackrefAccessor, ManyToManyFieldAccessor, ModelSelect

        _patches.add(ModelSelect, "__init__", _marking_init)
        _patches.add(BackrefAccessor, "__get__", _marking_get)
        _patches.add(ManyToManyFieldAccessor, "__get__", _marking_get)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()
    _patches.undo()


# ------------------------------------------------------------------------------------------------ marks


def _marking_init(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Wrap ``ModelSelect.__init__``: extended queries are made without it, so only fresh ones are marked."""

    @wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 -- it replaces the method of that name
        original(self, *args, **kwargs)
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return
        try:
            self.__dict__[BUILT_AT] = nearest_build_site(_FURTHEST)
        except Exception:
            unit.internal_error_count += 1

    return __init__


def _marking_get(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __get__(self: Any, instance: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 -- it replaces that method
        found = original(self, instance, *args, **kwargs)
        if instance is not None and patch.active and hasattr(found, "_from_list") and CURRENT.get() is not None:
            _mark_relation(found, self)
        return found

    return __get__


def _mark_relation(query: Any, accessor: Any) -> None:
    try:
        query.__dict__[RELATION] = RelationMark.on(query, accessor)
    except Exception:
        AGENT.internal_error_count += 1


# ------------------------------------------------------------------------------------------------ inspectors


def _facts_of(walk: Walk) -> Facts | None:
    """The walk's facts; ``None`` beyond the first place of the user's, and once a relation's load is known."""
    if walk.steps:
        return None
    facts: Facts | None = walk.notes.get(_NOTE)
    if facts is None:
        facts = walk.notes[_NOTE] = Facts()
        walk.endings.append(lambda ended: conclude(ended, ended.notes[_NOTE]))
    return None if facts.relation is not None else facts


def _execution(frame: FrameType, walk: Walk) -> None:
    facts = _facts_of(walk)
    if facts is not None:
        facts.see_query(frame.f_locals["self"])


def _foreign_key(frame: FrameType, walk: Walk) -> None:
    facts = _facts_of(walk)
    if facts is not None:
        facts.relation = Relation.of_foreign_key(frame.f_locals["self"].field)
        facts.is_lazy = True
        facts.method = None


def _prefetch(frame: FrameType, walk: Walk) -> None:
    """``prefetch()``, which runs the query of the rows, too; or the method of that name, which calls it."""
    facts = _facts_of(walk)
    if facts is None:
        return
    facts.method = "prefetch"
    prefetched = frame.f_locals.get("pq")
    if prefetched is not None and prefetched.fields:
        make = Relation.of_foreign_key if prefetched.is_backref else Relation.of_back_reference
        facts.relation = make(prefetched.fields[0])
        facts.is_eager = True


def _load(frame: FrameType, walk: Walk) -> None:
    """One relation of ``with_related()``."""
    facts = _facts_of(walk)
    if facts is not None:
        load = frame.f_locals["self"]
        make = Relation.of_back_reference if load._is_backref else Relation.of_foreign_key
        facts.relation = make(load._field)
        facts.method = "with_related"
        facts.is_eager = True


def _operation(name: str) -> Inspector:
    """A method that users call on a query or a model; the outermost is the one that they called."""

    def inspect(frame: FrameType, walk: Walk) -> None:
        facts = _facts_of(walk)
        if facts is not None:
            facts.see_query(frame.f_locals.get("self"))
            facts.method = name

    return inspect


_OPERATIONS = (
    *("count", "exists", "first", "get", "get_by_id", "get_or_none", "iterator", "peek", "scalar"),
    *("bulk_create", "bulk_update", "create", "delete_by_id", "delete_instance", "get_or_create", "save", "set_by_id"),
)
_INSPECTORS = InspectorSet(
    "peewee",
    {
        "peewee.py": {
            **{name: _operation(name) for name in _OPERATIONS},
            "_execute": _execution,
            "_run": _load,
            "get_rel_instance": _foreign_key,
            "prefetch": _prefetch,
        }
    },
)
