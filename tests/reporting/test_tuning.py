"""What a tuning looks like in a terminal, as a page and as a picture."""

from __future__ import annotations

import io
import re
import sys
from math import nan
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from ennead.kernel.errors import EnneadError
from ennead.reporting.tuning_figure import HEIGHT, WIDTH, figures
from ennead.reporting.tuning_html import tuning_html
from ennead.reporting.tuning_png import tuning_png
from ennead.reporting.tuning_svg import svg
from ennead.reporting.tuning_terminal import TuningTerminal
from ennead.reporting.tuning_text import certainty_text, how_to_set, labels_text, recommendation_text
from ennead.training.recommendation import Targets
from ennead.training.tuning import Tuning, tune
from ennead.training.tuning_labels import Decider, LabelledGroup

IN_FORCE: dict[Decider, float] = {"rules": 50.0, "model": 60.0}


def tuning(*, positives: int = 40, negatives: int = 80, model: bool = True, origin: str = "made up") -> Tuning:
    yes = [LabelledGroup("full", "shop", label=True, rules=80.0, model=90.0 if model else nan)] * positives
    no = [LabelledGroup("full", "shop", label=False, rules=62.0 if each < 8 else 0.0, model=20.0 if model else nan)
          for each in range(negatives)]  # fmt: skip
    return tune([*yes, *no], "full", origin, Targets(), IN_FORCE)


def printed(told: Tuning, width: int = 100, *, colour: bool = False) -> str:
    page = io.StringIO()
    system: Any = "standard" if colour else None
    console = Console(
        file=page, width=width, highlight=False, markup=False, emoji=False, color_system=system, force_terminal=colour
    )
    TuningTerminal(console).print_tuning(told)
    return page.getvalue()


# ---------------------------------------------------------------------------------------------- words


def test_what_is_recommended_and_why() -> None:
    rules, model = tuning().deciders
    assert recommendation_text(rules, tuning()) == (
        "set 63: the highest recall with false positives below 5 % at a precision of 90 % "
        "(recall 100.0 %, precision 100.0 %, false positives 0.0 %)"
    )
    assert recommendation_text(model, tuning()).startswith("keep 60: the highest recall")
    assert (how_to_set(rules), how_to_set(model)) == ("ENNEAD_MIN_CONFIDENCE=63", None)
    certainty = certainty_text(rules)
    assert certainty is not None
    assert certainty.startswith("any threshold above 62 up to 80 does the same on these labels; resampling the groups")


def test_where_no_threshold_will_do_the_one_in_force_is_kept() -> None:
    yes, no = (
        LabelledGroup("full", "shop", label=True, rules=70.0, model=nan),
        LabelledGroup("full", "shop", label=False, rules=70.0, model=nan),
    )
    told = tune([yes, no], "full", "made up", Targets(), IN_FORCE)
    text = recommendation_text(told.deciders[0], told)
    assert text.startswith(
        "no threshold has false positives below 5 % at a precision of 90 %; the nearest is 50 (recall"
    )
    assert text.endswith(": keep 50")
    assert certainty_text(told.deciders[0]) is None
    assert how_to_set(told.deciders[0]) is None


def test_to_flag_everything_is_no_answer() -> None:
    groups = [LabelledGroup("full", "shop", label=label, rules=0.0, model=nan) for label in (True, False)]
    told = tune(groups, "full", "made up", Targets(), IN_FORCE)
    assert recommendation_text(told.deciders[0], told) == (
        "no threshold has false positives below 5 % at a precision of 90 %: keep 50"
    )


def test_without_an_n_plus_one_there_is_no_threshold() -> None:
    told = tuning(positives=0)
    assert recommendation_text(told.deciders[0], told) == "no threshold: there is no labelled N+1"


def test_what_was_measured_on() -> None:
    assert labels_text(tuning()) == "40 N+1s and 80 look-alikes; made up"


# ---------------------------------------------------------------------------------------------- terminal


def test_the_table_has_the_four_thresholds_and_the_recommended_one() -> None:
    lines, _ = tables(printed(tuning()))
    assert [line.split() for line in lines[1:6]] == [
        ["rules", "50", "48", "40", "8", "83.3", "%", "100.0", "%", "10.0", "%"],
        ["60", "48", "40", "8", "83.3", "%", "100.0", "%", "10.0", "%"],
        [">", "63", "40", "40", "0", "100.0", "%", "100.0", "%", "0.0", "%"],
        ["70", "40", "40", "0", "100.0", "%", "100.0", "%", "0.0", "%"],
        ["80", "40", "40", "0", "100.0", "%", "100.0", "%", "0.0", "%"],
    ]


def test_charts_stand_side_by_side_where_there_is_room() -> None:
    heads = [re.findall("rules|model", line) for line in printed(tuning(), 120).splitlines()]
    assert ["rules", "model"] in heads
    heads = [re.findall("rules|model", line) for line in printed(tuning(), 80).splitlines()]
    assert ["rules", "model"] not in heads


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_charts_and_tables_fit_the_width(width: int) -> None:
    charts, table, _ = printed(tuning(), width).partition("o recall")[0], *tables(printed(tuning(), width))
    assert len(table) == 10
    assert "…" not in "".join(table)
    assert max(len(line.rstrip()) for line in (*charts.splitlines()[3:], *table)) <= width


def tables(page: str) -> tuple[list[str], str]:
    """The lines of the table, and what is after it."""
    table, _, rest = page.partition("several")[2].partition("\n")[2].lstrip("\n").partition("\n\n")
    return table.splitlines(), rest


def test_without_colour_the_marks_tell_the_lines_apart() -> None:
    plain = printed(tuning())
    assert "\x1b" not in plain
    assert "o recall  + precision  x false positives  * several" in plain
    coloured = printed(tuning(), colour=True)
    assert "\x1b[32mo" in coloured
    assert coloured.count("\x1b") < len(coloured) / 10


def test_a_name_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in printed(tuning(origin="corpus \x1b[31mred.csv"))


def test_no_labels_and_few_labels_are_printed() -> None:
    assert "note  few look-alikes (8)" in printed(tuning(negatives=8, model=False))
    assert "note  no labelled N+1" in printed(tuning(positives=0))


# ---------------------------------------------------------------------------------------------- figures


def test_lines_are_steps_and_stay_inside() -> None:
    for figure in figures(tuning()):
        for stroke in figure.strokes:
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in stroke.points)
    (recall,) = (stroke for stroke in figures(tuning())[1].strokes if stroke.role == "recall")
    assert [y for _, y in recall.points] == [40.0] * 6 + [282.0] * 2  # all found up to 90, nothing above


def test_a_line_is_broken_where_it_divides_by_nothing() -> None:
    (rules, over_recall) = figures(tuning(positives=0, model=False))
    assert not [stroke for stroke in rules.strokes if stroke.role == "recall"]
    assert over_recall.strokes[-1].points == ()


def test_precision_over_recall_is_drawn_as_it_is_summed() -> None:
    line = next(stroke for stroke in figures(tuning())[2].strokes if stroke.role == "rules")
    heights = [y for _, y in line.points]
    assert heights[::2] == heights[1::2]
    assert [x for x, _ in line.points][-1] == 52.0
    assert line.points[0][0] == 524.0


def test_the_names_of_the_lines_do_not_cover_each_other() -> None:
    names = sorted(caption.y for caption in figures(tuning())[0].captions if caption.role in ("recall", "alarms"))
    assert names[1] - names[0] >= 15


def test_svg_is_well_formed_and_escaped() -> None:
    root = ET.fromstring(svg(figures(tuning())[0]))  # noqa: S314 -- our own
    assert root.get("role") == "img"
    assert {"rules over the thresholds" in figure.title for figure in figures(tuning())} == {True, False}
    assert len(root.findall("polyline")) == len(figures(tuning())[0].strokes)


def test_the_page_needs_nothing_but_itself() -> None:
    page = tuning_html(tuning(origin="corpus <b>x</b>.csv"))
    assert page.count("<svg") == 3
    assert not re.search(r"<script|src=|href=|url\(|@import", page)
    assert "corpus &lt;b&gt;x&lt;/b&gt;.csv" in page
    assert "<code>ENNEAD_MIN_CONFIDENCE=63</code>" in page
    assert page.count('<tr class="chosen">') >= 2


def test_a_page_without_positives_is_a_page() -> None:
    assert "no threshold: there is no labelled N+1" in tuning_html(tuning(positives=0))


# ---------------------------------------------------------------------------------------------- PNG


class Canvas:
    """What Pillow's ``ImageDraw`` is asked to draw."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, list[tuple[float, float]]]] = []
        self.texts: list[str] = []

    def line(self, points: list[tuple[float, float]], fill: str, width: int, joint: str) -> None:
        self.lines.append((fill, points))

    def text(self, place: tuple[float, float], text: str, fill: str, font: object, anchor: str) -> None:
        self.texts.append(text)


class Drawing:
    def save(self, file: io.BytesIO, form: str, *, optimize: bool) -> None:
        file.write(form.encode())


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Canvas:
    """Pillow, played: the test environment does without it."""
    made, pillow = Canvas(), ModuleType("PIL")
    vars(pillow).update(
        Image=SimpleNamespace(new=lambda mode, size, colour: Drawing()),
        ImageDraw=SimpleNamespace(Draw=lambda image: made),
        ImageFont=SimpleNamespace(load_default=lambda size: "font"),
    )
    monkeypatch.setitem(sys.modules, "PIL", pillow)
    return made


def test_a_png_has_the_same_strokes_and_words_as_the_page(canvas: Canvas) -> None:
    assert tuning_png(tuning()) == b"PNG"
    told = figures(tuning())
    assert set(canvas.texts) == {text for each in told for text in (each.title, *(c.text for c in each.captions))}
    solid = [stroke for figure in told for stroke in figure.strokes if not stroke.dashed]
    dashes = [points for _, points in canvas.lines if len(points) == 2 and points[0][0] == points[1][0]]
    assert len(canvas.lines) > len(solid)
    assert len(dashes) > 20
    assert max(y for _, points in canvas.lines for _, y in points) <= 2 * 3 * HEIGHT


def test_without_pillow_the_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(EnneadError, match=r"^a PNG needs Pillow: pip install 'ennead\[plot\]'"):
        tuning_png(tuning())
