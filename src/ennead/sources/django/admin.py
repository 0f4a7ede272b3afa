"""Django's admin, generic views, sitemaps and feeds: places of the user's classes where only the library's code runs.

A column of a changelist is blamed at its entry in ``list_display``, the loop over the rows where that begins; the loop
over a sitemap's items at its ``items``. The query of a generic view's rows stands at the view's ``queryset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.sources.django.declarations import Declaration, declaration_of
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.django.loops import FOR, add_library_loop
from ennead.sources.django.queries import supported_version

if TYPE_CHECKING:
    from types import FrameType

    from ennead.agent.call_path import Walk


def install() -> str:
    """Register the inspectors; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    _INSPECTORS.register()
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()


def _column_at(frame: FrameType) -> Declaration | None:
    names = frame.f_locals
    owner, column = type(names["cl"].model_admin), names["field_name"]
    name = column if isinstance(column, str) else getattr(column, "__name__", "")
    return declaration_of(owner, name, ("list_display",), f"list_display {owner.__name__}.{name}")


def _rows_at(frame: FrameType) -> Declaration | None:
    return declaration_of(type(frame.f_locals["cl"].model_admin), "list_display", (), FOR)


def _class_at(frame: FrameType) -> Declaration | None:
    owner = type(frame.f_locals["self"])
    return declaration_of(owner, "queryset", ("model",), f"view {owner.__name__}")


def _inspect_column(frame: FrameType, walk: Walk) -> None:
    column = _column_at(frame) if "field_name" in frame.f_locals else None
    if column is not None:
        walk.add_site(column, _column_at, column)


def _inspect_rows(frame: FrameType, walk: Walk) -> None:
    rows = _rows_at(frame)
    if rows is not None and walk.steps:
        walk.add_site(rows, _rows_at, rows)


def _inspect_view(frame: FrameType, walk: Walk) -> None:
    """The class of the user's view, where nothing further in is the user's."""
    view = _class_at(frame) if not walk.steps else None
    if view is not None:
        walk.add_site(view, _class_at, view)


def _items_at(frame: FrameType) -> Declaration | None:
    return declaration_of(type(frame.f_locals["self"]), "items", (), FOR)


def _inspect_items(frame: FrameType, walk: Walk) -> None:
    """The items of a sitemap or a feed, whose methods are called one by one."""
    items = _items_at(frame)
    if items is not None and walk.steps:
        walk.add_site(items, _items_at, items)


def _inspect_choices(_frame: FrameType, walk: Walk) -> None:
    """The choices of a form field over a query set: labels are made row by row."""
    add_library_loop(walk)


_INSPECTORS = InspectorSet(
    "django",
    {
        "contrib/admin/templatetags/admin_list.py": {"items_for_result": _inspect_column, "results": _inspect_rows},
        "contrib/admin/options.py": {"changelist_view": _inspect_view},
        "contrib/sitemaps/__init__.py": {"_urls": _inspect_items},
        "contrib/syndication/views.py": {"get_feed": _inspect_items},
        "views/generic/base.py": {"dispatch": _inspect_view},
        "forms/models.py": {"__iter__": _inspect_choices},
    },
)
