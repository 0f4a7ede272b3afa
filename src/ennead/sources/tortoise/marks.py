"""Where the user began a query set, and for which relation of which object it was made.

Query sets of many releases have slots and cannot be referred to weakly: the last ones made are kept here for a while. A
query set that runs much later has no mark, which is neutral.
"""

from __future__ import annotations

from sys import _getframe
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import USER
from ennead.sources.django.build_sites import BuildSite
from ennead.sources.tortoise.relations import Relation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

_NEAREST, _FURTHEST = 2, 10
"""Frames from :func:`mark_query` outwards: past the hook."""


class Mark(NamedTuple):
    """What a query set was made for."""

    built: BuildSite | None
    relation: Relation | None


MAX_MARKS = 2_048
_marks: dict[int, tuple[Any, Mark]] = {}
"""By identity; with the query set, so that nobody else takes its place."""


def mark_of(query: object) -> Mark | None:
    """What is known of a query set."""
    found = _marks.get(id(query))
    return found[1] if found is not None and found[0] is query else None


def _set_mark(query: object, mark: Mark) -> None:
    while len(_marks) >= MAX_MARKS:
        _marks.pop(next(iter(_marks)), None)
    _marks[id(query)] = (query, mark)


class _Getters(NamedTuple):
    """The functions of Tortoise's that make a query set for a relation."""

    relation_of: dict[CodeType, Callable[[FrameType], Relation]]
    query_file: str


_getters: list[_Getters] = []


def mark_query(query: Any) -> None:
    """Mark a fresh query set; one that is made of another (``.count()``) takes over its mark."""
    getters = _known_getters()
    relation: Relation | None = None
    frame: FrameType | None = _getframe(_NEAREST)
    for _ in range(_FURTHEST):
        if frame is None:
            break
        code = frame.f_code
        make = getters.relation_of.get(code)
        if make is not None:
            relation = make(frame)
        elif code.co_filename == getters.query_file:
            made_of = mark_of(frame.f_locals.get("self"))
            if made_of is not None:
                _set_mark(query, made_of)
                return
        elif FILE_KINDS.of(code.co_filename, frame) == USER:
            _set_mark(query, Mark(BuildSite(frame), relation))
            return
        frame = frame.f_back
    if relation is not None:
        _set_mark(query, Mark(None, relation))


def copy_mark(query: Any, clone: Any) -> None:
    """Mark a clone as the query set that it is made of."""
    mark = mark_of(query)
    if mark is not None:
        _set_mark(clone, mark)


def forget_marks() -> None:
    """Forget all marks, and what was learnt of Tortoise."""
    _getters.clear()
    _marks.clear()


def _known_getters() -> _Getters:
    if not _getters:
        from tortoise import models, queryset
        from tortoise.fields.relational import ReverseRelation

        by_code: dict[CodeType, Callable[[FrameType], Relation]] = {
            models._fk_getter.__code__: _of_getter,
            models._ro2o_getter.__code__: _of_getter,
            vars(ReverseRelation)["_query"].fget.__code__: _of_reverse,
        }
        _getters.append(_Getters(by_code, str(queryset.__file__)))
    return _getters[0]


def _of_getter(frame: FrameType) -> Relation:
    names = frame.f_locals
    return Relation.of_field(type(names["self"]), str(names["_key"]).removeprefix("_"))


def _of_reverse(frame: FrameType) -> Relation:
    container = frame.f_locals["self"]
    model = type(container.instance)
    field = getattr(container, "field", None)
    if field is not None:
        return Relation.of_field(model, field.model_field_name)
    for name in model._meta.backward_fk_fields:
        candidate = model._meta.fields_map[name]
        same = candidate.related_model is container.remote_model
        if same and candidate.relation_field == container.relation_field:
            return Relation.of_field(model, name)
    return Relation(model.__name__, container.relation_field, container.remote_model.__name__, "many")
