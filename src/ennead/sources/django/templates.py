"""Lines of Django templates as call sites.

Goal: the template's line that made the query, and the ``{% for %}`` around it, each with its own template's name, so
that ``{{ order.customer.name }}`` is blamed and not the view that rendered the page.

A node renders in a frame of ``Node.render_annotated``. Seen from the query outwards, the first node of a rendering is
the access; of the nodes around it, a ``for`` is a loop (in its body, that is: a query of its header has the ``for``
itself as the first node) and a tag that rendered another template is what called it. Blocks, conditions and the
like only stand around. The node itself is the token by which a place is recognised: two nodes are never mistaken for
one another, wherever they stand.

Known limits: lines of templates that libraries bring along are not shown; a template made from a string has no file.
"""

from __future__ import annotations

from functools import partial
from linecache import getline
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import PROJECT
from ennead.kernel.call_site import CallSite
from ennead.sources.django.library_frames import InspectorSet
from ennead.sources.django.queries import supported_version

if TYPE_CHECKING:
    from types import FrameType

    from ennead.agent.call_path import Walk

_NOTE = "django-template"
_UNNAMED = "<template string>"
_FRAMES_OF_INHERITANCE = ("BlockNode", "ExtendsNode")


def install() -> str:
    """Register the inspector; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    _INSPECTORS.register()
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()


def _node_of(frame: FrameType) -> object:
    return frame.f_locals["self"]


def inspect_node(frame: FrameType, walk: Walk) -> None:
    """Add the line of a node that is the first of its rendering, a loop around it, or what called its template."""
    names = frame.f_locals
    node = names["self"]
    origin, token = getattr(node, "origin", None), getattr(node, "token", None)
    if origin is None or token is None or not _is_users(origin):
        return
    step_count, inner_origin = walk.notes.get(_NOTE, (-1, None))
    is_around = step_count == len(walk.steps)
    if is_around and not _stands_out(node, origin, inner_origin):
        return
    note = "for" if is_around and _is_loop(node) else None
    text = _text_of(names.get("context"), origin)
    walk.add_site(partial(_template_site, origin, token, note, text), _node_of, node)
    walk.notes[_NOTE] = (len(walk.steps), origin)


def _is_users(origin: Any) -> bool:
    return _is_string(origin) or FILE_KINDS.is_user_file(str(origin.name))


def _is_string(origin: Any) -> bool:
    return str(origin.name).startswith("<")


def _stands_out(node: Any, origin: Any, inner_origin: Any) -> bool:
    if _is_loop(node):
        return True
    return origin is not inner_origin and type(node).__name__ not in _FRAMES_OF_INHERITANCE


def _is_loop(node: Any) -> bool:
    return hasattr(node, "nodelist_loop")


def _text_of(context: Any, origin: Any) -> str | None:
    """The text of a template made from a string, if it is the one being rendered."""
    if not _is_string(origin):
        return None
    template = getattr(getattr(context, "render_context", None), "template", None)
    return str(template.source) if template is not None and template.origin is origin else None


def _template_site(origin: Any, token: Any, note: str | None, text: str | None) -> CallSite:
    name = str(origin.template_name or _UNNAMED)
    line = int(token.lineno)
    if _is_string(origin):
        file, source = _UNNAMED, "".join((text or "").splitlines()[line - 1 : line])
    else:
        file, source = PROJECT.relative(str(origin.name)), getline(str(origin.name), line)
    # Several tags may share a line; the engine knows their columns in debug mode only.
    column = source.find(str(token.contents))
    return CallSite(
        file=file,
        line=line,
        function=name,
        source=source.strip() or None,
        language="django-template",
        module=name,
        column=column if column >= 0 else None,
        end_line=line if column >= 0 else None,
        end_column=column + len(token.contents) if column >= 0 else None,
        note=note,
    )


_INSPECTORS = InspectorSet("django", {"template/base.py": {"render_annotated": inspect_node}})
