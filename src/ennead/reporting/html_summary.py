"""A few findings as a piece of HTML to be put into somebody else's page: a notebook, a page under development."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ennead.reporting.amounts import count, duration
from ennead.reporting.plain_text import headline
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.story import stories, subject

if TYPE_CHECKING:
    from jinja2 import Template

    from ennead.reporting.places import Places
    from ennead.reporting.report import Report

_SHOWN_STORIES = 10


def html_summary(report: Report, places: Places) -> str:
    """The numbers, then the stories, the worst first. No script, no link, and every word of the program escaped."""
    report = made_printable(report)
    told = stories(report.entries)
    return _template("summary").render(
        report=report,
        headline=headline(report),
        shown=told[:_SHOWN_STORIES],
        hidden_count=max(len(told) - _SHOWN_STORIES, 0),
        places=places,
    )


def html_panel(report: Report, places: Places) -> str:
    """The summary folded into a corner of the page, in a shadow tree: neither's style reaches the other."""
    report = made_printable(report)
    return _template("panel").render(report=report, summary=Markup(html_summary(report, places)))  # noqa: S704 -- our own


@lru_cache(maxsize=2)
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("ennead.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(one_line=one_line, duration=duration, count=count)
    environment.globals.update(subject=subject)
    return environment.get_template(f"{name}.html.jinja")
