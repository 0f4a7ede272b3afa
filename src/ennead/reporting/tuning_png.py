"""A tuning as a PNG, drawn by Pillow: its figures below each other, twice as fine as they are told."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.reporting.tuning_figure import HEIGHT, WIDTH, figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.reporting.tuning_figure import Anchor, Figure, Role, Stroke
    from ennead.training.tuning import Tuning

_SCALE = 2
_FONT_SIZE = 13
_COLOURS: dict[Role, str] = {
    "precision": "#0b5cad", "recall": "#1b7f4b", "alarms": "#c8361d", "rules": "#a06000", "model": "#0b5cad",
    "chosen": "#1c2330", "axis": "#5b6474", "grid": "#dde1e8", "text": "#5b6474",
}  # fmt: skip
_WIDTHS: dict[Role, int] = {"axis": 1, "grid": 1, "recall": 3}
_ANCHORS: dict[Anchor, str] = {"start": "ls", "middle": "ms", "end": "rs"}
_DASH, _GAP = 6, 4
_Point = tuple[float, float]


def check_pillow() -> None:
    """See before long work that a PNG can be drawn after it.

    Raises
    ------
    EnneadError
        Pillow is not installed.
    """
    _pillow()


def _pillow() -> tuple[Any, Any, Any]:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        message = "a PNG needs Pillow: pip install 'ennead[plot]' (HTML needs nothing: -o curve.html)"
        raise EnneadError(message) from error
    return Image, ImageDraw, ImageFont


def tuning_png(tuning: Tuning) -> bytes:
    """Draw a tuning.

    Raises
    ------
    EnneadError
        Pillow is not installed.
    """
    image_module, draw_module, font_module = _pillow()
    told = figures(tuning)
    image = image_module.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE * len(told)), "#ffffff")
    canvas, font = draw_module.Draw(image), font_module.load_default(_FONT_SIZE * _SCALE)
    for place, figure in enumerate(told):
        _draw(figure, canvas, font, HEIGHT * place)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _draw(figure: Figure, canvas: Any, font: Any, top: int) -> None:
    for stroke in figure.strokes:
        for line in _lines(stroke):
            scaled = [(x * _SCALE, (y + top) * _SCALE) for x, y in line]
            canvas.line(scaled, _COLOURS[stroke.role], _WIDTHS.get(stroke.role, 2) * _SCALE, "curve")
    for caption in figure.captions:
        place = (caption.x * _SCALE, (caption.y + top) * _SCALE)
        canvas.text(place, caption.text, _COLOURS[caption.role], font, _ANCHORS[caption.anchor])
    canvas.text((8 * _SCALE, (top + 18) * _SCALE), figure.title, _COLOURS["chosen"], font, "ls")


def _lines(stroke: Stroke) -> Iterator[tuple[_Point, ...]]:
    """The stroke, or the dashes of a vertical one: Pillow draws no dashes."""
    if not stroke.dashed:
        yield stroke.points
        return
    (x, bottom), (_, top) = stroke.points
    y = top
    while y < bottom:
        yield (x, y), (x, min(y + _DASH, bottom))
        y += _DASH + _GAP
