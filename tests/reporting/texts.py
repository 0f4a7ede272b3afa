"""Reports full of arbitrary texts, for property tests of renderers."""

from dataclasses import replace

from hypothesis import strategies as st

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import SEVERITIES, Recommendation
from ennead.reporting.report import Entry, Report, RouteLoad
from tests.reporting.findings import finding
from tests.reporting.reports import ASKED_AGAIN, report

# Everything that Python can hold, lone surrogates included; often what formats act on.
DELICATE = (
    "\x00",
    "\n",
    "\r\n",
    "]]>",
    "<b>",
    "&amp;",
    '"',
    "'",
    "%0A",
    "::error::x",
    "](1)",
    "{0}",
    "```",
    "|",
    "\udcff",
    "\ufffe",
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.lists(st.sampled_from(DELICATE), max_size=4).map("".join),
)
COUNTS = st.integers(0, 10_000)


def sites() -> st.SearchStrategy[CallSite]:
    return st.builds(
        CallSite,
        file=TEXTS,
        line=st.integers(-1, 10_000),
        function=TEXTS,
        source=st.none() | TEXTS,
        module=TEXTS,
        column=st.none() | COUNTS,
        end_line=st.none() | COUNTS,
        end_column=st.none() | COUNTS,
        note=st.none() | TEXTS,
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    place = st.none() | sites()
    bad = finding(
        id=draw(TEXTS),
        code=draw(st.sampled_from(("n-plus-one", "repeated-query", "write-n-plus-one")) | TEXTS),
        kind=draw(TEXTS),
        severity=draw(st.sampled_from(SEVERITIES)),
        query_count=draw(COUNTS),
        statement=draw(TEXTS),
        relation=draw(st.none() | TEXTS),
        models=tuple(draw(st.lists(TEXTS, max_size=2))),
        route=draw(st.none() | TEXTS),
        call_site=draw(place),
        call_path=tuple(draw(st.lists(sites(), max_size=2))),
        loop=draw(place),
        origin=draw(place),
        explanation=draw(TEXTS),
        recommendations=(Recommendation(draw(TEXTS), draw(TEXTS), draw(st.none() | TEXTS), place=draw(place)),),
        suppressed=draw(st.none() | TEXTS),
    )
    return replace(Entry.of(bad), routes={draw(TEXTS): 1})


@st.composite
def reports(draw: st.DrawFn) -> Report:
    found = draw(st.lists(entries(), max_size=3))
    route, kind = draw(TEXTS), draw(TEXTS)
    asked = replace(ASKED_AGAIN, kind=kind, places=(route,), call_site=draw(sites()))
    return report(
        title=draw(TEXTS),
        run_id=draw(TEXTS),
        entries=tuple(entry for entry in found if entry.finding.suppressed is None),
        suppressed=tuple(entry for entry in found if entry.finding.suppressed is not None),
        notes=(draw(TEXTS),),
        unit_counts={kind: 1},
        asked_again=draw(st.sampled_from(((), (asked,)))),
        routes=tuple(_load(name, kind) for entry in found for name in entry.routes),
    )


def _load(route: str, kind: str) -> RouteLoad:
    return RouteLoad(
        route=route,
        kind=kind,
        unit_count=1,
        query_count=1,
        max_query_count=1,
        database_ms=1.0,
        duration_ms=1.0,
        wasted_ms=1.0,
        finding_count=1,
    )
