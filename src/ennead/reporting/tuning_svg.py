"""A figure as inline SVG: colours come from the page, so that light and dark both work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ennead.reporting.tuning_figure import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.reporting.tuning_figure import Caption, Figure, Stroke

_SVG = Markup('<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">\n{body}\n</svg>')
_STROKE = Markup('<polyline class="stroke {role}{dashed}" points="{points}"/>')
_CAPTION = Markup('<text class="{role}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text}</text>')


def svg(figure: Figure) -> Markup:
    """The figure; what it shows is told to those who cannot see it."""
    body = Markup("\n").join([*map(_stroke, figure.strokes), *map(_caption, figure.captions)])
    return _SVG.format(width=WIDTH, height=HEIGHT, label=figure.description, body=body)


def _stroke(stroke: Stroke) -> Markup:
    dashed = " dashed" if stroke.dashed else ""
    return _STROKE.format(role=stroke.role, dashed=dashed, points=_coordinates(stroke.points))


def _coordinates(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _caption(caption: Caption) -> Markup:
    return _CAPTION.format(role=caption.role, x=caption.x, y=caption.y, anchor=caption.anchor, text=caption.text)
