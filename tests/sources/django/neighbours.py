"""A program that runs Ennead and another tool on the same connections, in a process of their own.

Usage: ``python -m tests.sources.django.neighbours TOOL STEP...``; a step is ``ours+``, ``ours-``, ``theirs+``,
``theirs-`` or ``work``. Prints for each ``work`` what the host, the tool and Ennead saw, as JSON.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any, Protocol

from tests.sources.django import project  # isort: skip -- sets Django up

from django.db import IntegrityError, connection, connections, transaction

from ennead.agent.snapshot import snapshot
from ennead.agent.units import Recording
from ennead.sources.django import orm, queries, requests
from tests.sources.django.rows import orders
from tests.sources.django.shop.models import Order, Tag

__all__ = ["project"]

OURS: tuple[Any, ...] = (queries, orm, requests)


class Tool(Protocol):
    """Another tool that watches queries."""

    def install(self) -> None: ...
    def uninstall(self) -> None: ...
    def seen_by(self, work: Any) -> tuple[Any, list[str]]:
        """The work's result and the statements that the tool saw."""


class DebugToolbar:
    """django-debug-toolbar's panel of queries."""

    def install(self) -> None:
        from debug_toolbar.toolbar import DebugToolbar as Toolbar
        from django.http import HttpResponse
        from django.test import RequestFactory

        toolbar: Any = Toolbar(RequestFactory().get("/"), lambda _: HttpResponse())
        self.panel: Any = toolbar.get_panel_by_id("SQLPanel")
        self.panel.enable_instrumentation()

    def uninstall(self) -> None:
        self.panel.disable_instrumentation()
        del self.panel

    def seen_by(self, work: Any) -> tuple[Any, list[str]]:
        if not hasattr(self, "panel"):
            return work(), []
        start = len(self.panel._queries)
        return work(), [query["raw_sql"] for query in self.panel._queries[start:]]


class Sentry:
    """The SDK of Sentry with its integration for Django; it cannot be taken off again."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []

    def install(self) -> None:
        import sentry_sdk
        from sentry_sdk.integrations.django import DjangoIntegration
        from sentry_sdk.transport import Transport

        spans = self.spans

        class Keeping(Transport):
            def capture_envelope(self, envelope: Any) -> None:
                event = envelope.get_transaction_event()
                spans.extend((event or {}).get("spans", ()))

        sentry_sdk.init(
            dsn="http://key@127.0.0.1:9/1",
            transport=Keeping,
            traces_sample_rate=1.0,
            integrations=[DjangoIntegration()],
            default_integrations=False,
        )

    def uninstall(self) -> None:
        raise NotImplementedError

    def seen_by(self, work: Any) -> tuple[Any, list[str]]:
        import sentry_sdk

        with sentry_sdk.start_transaction(name="work"):
            result = work()
        seen = [span["description"] for span in self.spans if span["op"] == "db"]
        self.spans.clear()
        return result, seen


class OpenTelemetry:
    """OpenTelemetry's instrumentations of Django and of the driver."""

    def __init__(self) -> None:
        from opentelemetry import trace
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        trace.set_tracer_provider(provider)
        self.instrumentors: tuple[Any, ...] = (DjangoInstrumentor(), SQLite3Instrumentor())

    def install(self) -> None:
        connections.close_all()
        for instrumentor in self.instrumentors:
            instrumentor.instrument()

    def uninstall(self) -> None:
        for instrumentor in self.instrumentors:
            instrumentor.uninstrument()
        connections.close_all()

    def seen_by(self, work: Any) -> tuple[Any, list[str]]:
        self.exporter.clear()
        result = work()
        attributes = [dict(span.attributes or {}) for span in self.exporter.get_finished_spans()]
        return result, [str(values["db.statement"]) for values in attributes if "db.statement" in values]


TOOLS: dict[str, type[Tool]] = {"toolbar": DebugToolbar, "sentry": Sentry, "opentelemetry": OpenTelemetry}


def host(*, batch: bool) -> list[Any]:
    """Reads, transactions, an error, a chunked read, a cursor of the host's own and perhaps a batch."""
    seen: list[Any] = [[order.customer.name, order.item_set.count()] for order in Order.objects.order_by("pk")]
    with transaction.atomic():
        seen.append(Tag.objects.get_or_create(name="urgent")[1])
    seen.append([tag.name for tag in Tag.objects.order_by("name").iterator(chunk_size=2)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM shop_tag WHERE name = %s", ["urgent"])
        seen += [list(cursor.fetchone()), cursor.fetchmany(3), list(cursor)]
        if batch:
            cursor.executemany("UPDATE shop_tag SET name = name WHERE name = %s", [("a",), ("b",)])
            seen.append(cursor.rowcount)
    try:
        Tag.objects.create(name="urgent")
    except IntegrityError as error:
        seen.append(str(error))
    return seen


def main(tool_name: str, *steps: str) -> None:
    tool = TOOLS[tool_name]()
    orders(2)
    answers = []
    for step in steps:
        if step == "work":
            # The toolbar itself fails on batches to SQLite.
            answers.append(answer(tool, batch=tool_name != "toolbar"))
        elif step == "ours+":
            for source in OURS:
                source.install()
        elif step == "ours-":
            for source in reversed(OURS):
                source.uninstall()
        else:
            {"theirs+": tool.install, "theirs-": tool.uninstall}[step]()
    sys.stdout.write(json.dumps(answers))


def answer(tool: Tool, *, batch: bool) -> dict[str, Any]:
    with Recording("work", "profile", explicit=True) as recording:
        result, theirs = tool.seen_by(partial(host, batch=batch))
    assert recording.unit is not None
    hits = recording.unit.hits
    assert recording.unit.internal_error_count == 0
    rows = [query.row_count for query in snapshot(recording.unit).queries]
    return {"host": result, "theirs": theirs, "ours": [hit.site.statement.sql for hit in hits], "rows": rows}


if __name__ == "__main__":
    main(*sys.argv[1:])
