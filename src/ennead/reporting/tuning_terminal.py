"""A tuning for people at a terminal: a chart and a table for each decider, side by side where there is room."""

from __future__ import annotations

from itertools import groupby
from math import isnan
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from ennead.reporting.printable import printable
from ennead.reporting.tuning_figure import SERIES
from ennead.reporting.tuning_text import (
    LEVEL_WORDS,
    certainty_text,
    chosen_threshold,
    how_to_set,
    labels_text,
    percent,
    recommendation_text,
    table_points,
)
from ennead.training.curve import CurvePoint, at_threshold

if TYPE_CHECKING:
    from rich.console import Console

    from ennead.training.tuning import TunedDecider, Tuning

_ROWS = 11
"""Of a chart: every tenth of a hundred."""
_MARGIN = 6
_NARROWEST, _WIDEST = 30, 61
_SIDE_BY_SIDE = 2 * 46
_WITH_COUNTS, _WITH_WORDS = 80, 60
_MARKS = {"recall": ("o", "green"), "precision": ("+", "blue"), "alarms": ("x", "red")}
_SEVERAL = "*"


class TuningTerminal:
    """Prints tunings.

    Parameters
    ----------
    console
        Where to; colour and width are its business.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def print_tuning(self, tuning: Tuning) -> None:
        """What was measured on, the charts, the tables, what to set."""
        self._out(Text.assemble(("labels  ", "bold"), printable(labels_text(tuning))))
        self._out(Text.assemble(("level   ", "bold"), f"{tuning.level}, {LEVEL_WORDS[tuning.level]}"))
        self._out(Text())
        self._print_charts(tuning)
        self._console.print(_table(tuning, self._console.width))
        self._out(Text())
        for warning in tuning.warnings:
            self._out(Text.assemble(("note  ", "yellow"), warning))
        for tuned in tuning.deciders:
            self._print_recommendation(tuned, tuning)

    def _print_charts(self, tuning: Tuning) -> None:
        aside = len(tuning.deciders) > 1 and self._console.width >= _SIDE_BY_SIDE
        width = self._console.width // (2 if aside else 1) - _MARGIN - 4
        charts = [_chart(tuned, max(_NARROWEST, min(width, _WIDEST))) for tuned in tuning.deciders]
        if aside:
            self._console.print(Columns(charts, padding=(0, 2)))
        else:
            for chart in charts:
                self._console.print(chart, soft_wrap=True)
        legend = Text(" " * _MARGIN)
        for each in SERIES:
            mark, style = _MARKS[each.role]
            legend.append(f"{mark} {each.name}  ", style)
        self._out(legend.append(f"{_SEVERAL} several", "dim"))
        self._out(Text())

    def _print_recommendation(self, tuned: TunedDecider, tuning: Tuning) -> None:
        self._out(Text.assemble((f"{tuned.decider:<6}", "bold"), recommendation_text(tuned, tuning)))
        certainty, setting = certainty_text(tuned), how_to_set(tuned)
        if certainty:
            self._out(Text.assemble((f"{'':6}{certainty}", "dim")))
        if setting:
            self._out(Text.assemble(f"{'':6}", (setting, "bold green")))

    def _out(self, text: Text) -> None:
        self._console.print(text, soft_wrap=not self._console.is_terminal)


def _chart(tuned: TunedDecider, width: int) -> Text:
    """Lines of one height, whatever the figures are."""
    points = [at_threshold(tuned.points, 100 * column / (width - 1)) for column in range(width)]
    chart = Text(no_wrap=True).append(f"{'':{_MARGIN}}{tuned.decider}\n", "bold")
    for row in reversed(range(_ROWS)):
        chart.append(f"{row * 10:>3} % " if row % 5 == 0 else " " * _MARGIN, "dim")
        for style, cells in groupby((_cell(point, row) for point in points), key=itemgetter(1)):
            chart.append("".join(mark for mark, _ in cells), style)
        chart.append("\n")
    chart.append(f"{'':{_MARGIN}}{_scale(width)}", "dim")
    chosen = chosen_threshold(tuned)
    if chosen is not None:
        chart.append(f"\n{'':{_MARGIN + round(chosen / 100 * (width - 1))}}^ {chosen:g}", "bold")
    return chart


def _cell(point: CurvePoint, row: int) -> tuple[str, str]:
    here = [each.role for each in SERIES if _row_of(each.of(point)) == row]
    if not here:
        return ("." if row == 0 else " "), "dim"
    return _MARKS[here[0]] if len(here) == 1 else (_SEVERAL, "")


def _row_of(figure: float) -> int | None:
    return None if isnan(figure) else round(figure * (_ROWS - 1))


def _scale(width: int) -> str:
    scale = [" "] * (width + 2)
    for tick in (0, 20, 40, 50, 60, 70, 80, 100):
        text = str(tick)
        start = min(round(tick / 100 * (width - 1)), width + 2 - len(text))
        scale[start : start + len(text)] = text
    return "".join(scale)


def _table(tuning: Tuning, width: int) -> Table:
    """Rows for each decider; where there is no room the counts go first, then the long words."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    with_counts = width >= _WITH_COUNTS
    counts = ("flagged", "N+1s", "false") if with_counts else ()
    last = "false positives" if width >= _WITH_WORDS else "FPR"
    for name in ("", "at", *counts, "precision", "recall", last):
        table.add_column(name, justify="right" if name else "left", header_style="dim", no_wrap=True)
    for tuned in tuning.deciders:
        chosen = chosen_threshold(tuned)
        for row, point in enumerate(table_points(tuned)):
            mark = "> " if point.threshold == chosen else ""
            numbers = (point.flagged_count, point.true_positives, point.false_positives) if with_counts else ()
            table.add_row(
                "" if row else tuned.decider,
                f"{mark}{point.threshold:g}",
                *(f"{number:,}" for number in numbers),
                *map(percent, (point.precision, point.recall, point.false_positive_rate)),
            )
    return table
