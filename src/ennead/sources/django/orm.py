"""Evidence of Django's ORM: which frames of it tell what, and the place where a query set was begun.

The inspectors run on the first hit of a place only; see :mod:`ennead.agent.call_path`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.sources.django import relations
from ennead.sources.django.build_sites import forget_build_sites, marking_init, unmarking_getstate
from ennead.sources.django.evidence import GENERIC_FOREIGN_KEY, facts_about, facts_of
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.django.queries import supported_version

if TYPE_CHECKING:
    from types import FrameType

    from ennead.agent.call_path import Inspector, Walk

_patches = PatchSet()


def install() -> str:
    """Register the inspectors and hook ``Query``; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    _INSPECTORS.register()
    if not _patches:
        from django.db.models.sql.query import Query

        _patches.add(Query, "__init__", marking_init)
        _patches.add(Query, "__getstate__", unmarking_getstate)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()
    _patches.undo()
    forget_build_sites()


def _compiler(frame: FrameType, walk: Walk) -> None:
    facts = facts_of(walk)
    if facts is not None and facts.compiler is None:
        facts.compiler = frame.f_locals["self"]


def _iteration(frame: FrameType, walk: Walk) -> None:
    """A query set, a raw one, or the iterable that makes objects of its rows; the innermost is the one that runs."""
    facts = facts_of(walk)
    if facts is None or facts.query_set is not None or facts.raw_model is not None:
        return
    subject = frame.f_locals["self"]
    query_set = getattr(subject, "queryset", subject)
    if getattr(subject, "chunked_fetch", False):  # of an iterator; an asynchronous one has no other frame
        facts.method = "iterator"
    if hasattr(query_set, "raw_query"):
        facts.raw_model = query_set.model
    elif hasattr(query_set, "_query"):
        facts.query_set = query_set


def _operation(name: str) -> Inspector:
    """A method that users call on a query set or a model; the outermost is the one that they called."""

    def inspect(frame: FrameType, walk: Walk) -> None:
        facts = facts_of(walk)
        if facts is None:
            return
        if facts.query_set is None and hasattr(frame.f_locals["self"], "_query"):
            facts.query_set = frame.f_locals["self"]
        if not (facts.eager or facts.content_type):
            facts.method = name if facts.raw_model is None else "raw"

    return inspect


def _manager_operation(name: str) -> Inspector:
    """A method of a related manager."""

    def inspect(frame: FrameType, walk: Walk) -> None:
        facts = facts_of(walk)
        if facts is None or facts.loads_known:
            return
        facts.relation = relations.of_manager(frame.f_locals["self"])
        facts.method = name

    return inspect


def _descriptor(frame: FrameType, walk: Walk) -> None:
    """Attribute access that loads one related object; one that makes a manager queries for content types at most."""
    descriptor, instance = frame.f_locals["self"], frame.f_locals["instance"]
    if instance is None or hasattr(descriptor, "related_manager_cls"):
        return
    facts = facts_about(walk, instance)
    if facts is None or facts.loads_known:
        return
    facts.relation = relations.of_descriptor(descriptor, instance)
    facts.descriptor = True
    is_generic = hasattr(getattr(descriptor, "field", descriptor), "ct_field")
    facts.method = GENERIC_FOREIGN_KEY if is_generic else None


def _deferred_attribute(frame: FrameType, walk: Walk) -> None:
    instance = frame.f_locals["instance"]
    facts = facts_about(walk, instance) if instance is not None else None
    if facts is None or facts.loads_known:
        return
    owner = type(instance)
    facts.deferred = (relations.label_of(owner), str(frame.f_locals["self"].field.name))
    facts.method = None
    facts.descriptor = True


def _deferred_of_peers(frame: FrameType, walk: Walk) -> None:
    """``FETCH_PEERS``: one query for all objects that were fetched together."""
    facts = facts_of(walk)
    if facts is None or facts.loads_known:
        return
    owner = type(frame.f_locals["instances"][0])
    facts.deferred = (relations.label_of(owner), str(frame.f_locals["self"].field.name))
    facts.eager = True
    facts.method = "fetch_peers"


def _prefetch(frame: FrameType, walk: Walk) -> None:
    facts = facts_of(walk)
    if facts is None or facts.loads_known:
        return
    names = frame.f_locals
    through = names["lookup"].prefetch_through.split("__")[names["level"]]
    facts.relation = relations.of_prefetch(names["instances"], through, facts.model)
    facts.eager = True
    facts.method = None


def _prefetches(frame: FrameType, walk: Walk) -> None:
    """Whatever else a prefetch queries for, content types for instance."""
    facts = facts_of(walk)
    if facts is not None and not facts.loads_known:
        facts.eager = True
        facts.method = None


def _content_type(name: str) -> Inspector:
    """Look-ups that Django caches for the life of the process."""

    def inspect(frame: FrameType, walk: Walk) -> None:
        facts = facts_of(walk)
        if facts is not None and not facts.loads_known:
            facts.content_type = True
            facts.method = name

    return inspect


def _named(make: Any, *names: str, **renamed: str) -> dict[str, Inspector]:
    return {name: make(renamed.get(name, name)) for name in (*names, *renamed)}


_QUERY_SET_OPERATIONS = (
    *("aggregate", "contains", "count", "exists", "explain"),
    *("earliest", "first", "get", "in_bulk", "last", "latest"),
    *("bulk_create", "bulk_update", "create", "delete", "get_or_create", "update", "update_or_create"),
)
_RELATED_MANAGER_OPERATIONS = (
    *("add", "clear", "create", "get_or_create", "remove", "set", "update_or_create"),
    *("count", "exists"),
)
_RELATED_MANAGER = _named(_manager_operation, *_RELATED_MANAGER_OPERATIONS)
_ITERATION = dict.fromkeys(("__bool__", "__getitem__", "__iter__", "__len__", "_fetch_all"), _iteration)

_INSPECTORS = InspectorSet(
    "django",
    {
        "db/models/sql/compiler.py": {"execute_sql": _compiler},
        "db/models/query.py": {
            **_ITERATION,
            **_named(_operation, *_QUERY_SET_OPERATIONS, _iterator="iterator", iterator="iterator"),
            "prefetch_one_level": _prefetch,
            "prefetch_related_objects": _prefetches,
        },
        "db/models/base.py": _named(
            _operation,
            "delete",
            "refresh_from_db",
            "save",
            "validate_constraints",
            "validate_unique",
            _get_next_or_previous_by_FIELD="get_next_or_previous",
            _get_next_or_previous_in_order="get_next_or_previous",
        ),
        "db/models/fields/related.py": _named(_operation, validate="validate"),
        "db/models/query_utils.py": {"__get__": _deferred_attribute, "fetch_many": _deferred_of_peers},
        "db/models/fields/related_descriptors.py": {**_RELATED_MANAGER, "__get__": _descriptor},
        "contrib/contenttypes/fields.py": {**_RELATED_MANAGER, "__get__": _descriptor},
        "contrib/contenttypes/models.py": _named(
            _content_type, "get_by_natural_key", "get_for_id", "get_for_model", "get_for_models"
        ),
    },
)
