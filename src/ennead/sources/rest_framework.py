"""Django REST framework: fields of serializers as call sites.

A serializer's fields are read in a loop of the library's: nothing on the stack tells which field loaded a relation.
So the field's declaration in the user's serializer stands for it (its line in the class, or its entry in
``Meta.fields``), and ``many=True`` is a loop: the call that asked for the data, or the serializer's class where no
line of the user's did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.sources.django.declarations import Declaration, declaration_of
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.django.loops import FOR, StandIn, add_library_loop

if TYPE_CHECKING:
    from types import FrameType

    from ennead.agent.call_path import Walk


def install() -> str:
    """Register the inspectors; see :class:`ennead.sources.registry.SourceModule`."""
    import rest_framework

    _INSPECTORS.register()
    return str(rest_framework.VERSION)


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()


def _field_at(frame: FrameType) -> Declaration | None:
    names = frame.f_locals
    owner, name = type(names["self"]), str(names["field"].field_name)
    return declaration_of(owner, name, ("Meta.fields",), f"serializer field {owner.__name__}.{name}")


def _child_at(frame: FrameType) -> Declaration | None:
    return declaration_of(type(frame.f_locals["self"].child), "", (), FOR)


def _view_at(frame: FrameType) -> Declaration | None:
    owner = type(frame.f_locals["self"])
    return declaration_of(owner, "queryset", (), f"view {owner.__name__}")


def _inspect_serializer(frame: FrameType, walk: Walk) -> None:
    names = frame.f_locals
    if hasattr(names["self"], "child"):
        child = _child_at(frame)
        add_library_loop(walk, StandIn(child, _child_at, child) if child is not None else None)
        return
    field = _field_at(frame) if "field" in names else None
    if field is not None:
        walk.add_site(field, _field_at, field)


def _inspect_related_field(frame: FrameType, walk: Walk) -> None:
    """A list of keys, strings or links: only fields over many have a child relation."""
    if hasattr(frame.f_locals["self"], "child_relation"):
        add_library_loop(walk)


def _inspect_view(frame: FrameType, walk: Walk) -> None:
    """The class of the user's view, where nothing further in is the user's."""
    view = _view_at(frame) if not walk.steps else None
    if view is not None:
        walk.add_site(view, _view_at, view)


_INSPECTORS = InspectorSet(
    "rest_framework",
    {
        "serializers.py": {"to_representation": _inspect_serializer},
        "relations.py": {"to_representation": _inspect_related_field},
        "views.py": {"dispatch": _inspect_view},
    },
)
