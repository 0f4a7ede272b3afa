"""django-debug-toolbar: its SQL panel over the work, as over one request.

The panel marks queries as "similar" when their SQL is the same text before the parameters go in, two of them being
enough. It does not call that an N+1, yet it is the mark by which its users find them: so each group of similar
queries counts as one. It marks "duplicate" queries, too, which are all similar.

A panel sees the thread of its request, and the one that Django's asynchronous code hands the database to.
"""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any

from bench.detection.observation import N_PLUS_ONE, Observation, relative
from bench.detection.scenario import Place


def prepare(suite: str) -> None:
    assert suite.endswith("django"), "django-debug-toolbar knows Django only"
    settings: Any = importlib.import_module(f"bench.detection.{suite}_suite.settings")
    settings.INSTALLED_APPS.append("debug_toolbar")
    vars(settings)["DEBUG_TOOLBAR_PANELS"] = ["debug_toolbar.panels.sql.SQLPanel"]


def observe(run: Callable[[], object]) -> Observation:
    from debug_toolbar.toolbar import DebugToolbar
    from django.http import HttpResponse
    from django.test import RequestFactory

    request, response = RequestFactory().get("/scenario/"), HttpResponse()
    panel: Any = DebugToolbar(request, lambda _: response).get_panel_by_id("SQLPanel")
    panel.enable_instrumentation()
    asyncio.run(panel.aenable_instrumentation())
    try:
        run()
    finally:
        panel.disable_instrumentation()
    panel.generate_stats(request, response)
    similar = [query for query in panel.get_stats()["queries"] if query.get("similar_count")]
    groups = {(query["alias"], query["raw_sql"]) for query in similar}
    return Observation(
        codes=(N_PLUS_ONE,) * len(groups),
        access=tuple(dict.fromkeys(_place(query) for query in similar if query["stacktrace"])),
    )


def _place(query: dict[str, Any]) -> Place:
    """The line that its stack trace ends with."""
    file, line, *_ = query["stacktrace"][-1]
    return relative(file), line
