"""A tuning as one HTML file: no network, no script, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from ennead.reporting.printable import printable
from ennead.reporting.tuning_figure import figures
from ennead.reporting.tuning_svg import svg
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

if TYPE_CHECKING:
    from ennead.training.tuning import Tuning


def tuning_html(tuning: Tuning) -> str:
    """Render a tuning. The page needs nothing but itself."""
    environment = Environment(
        loader=PackageLoader("ennead.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, certainty=certainty_text, how_to_set=how_to_set)
    environment.filters.update(rows=table_points, chosen=chosen_threshold)
    return environment.get_template("tuning.html.jinja").render(
        tuning=tuning,
        level_words=LEVEL_WORDS[tuning.level],
        labels=printable(labels_text(tuning)),
        reason=lambda tuned: recommendation_text(tuned, tuning),
        figures=[(figure.title, svg(figure)) for figure in figures(tuning)],
    )
