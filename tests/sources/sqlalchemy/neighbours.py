"""A program in which Ennead, OpenTelemetry and Sentry listen to one engine; they come and go in the order it is told.

usage: neighbours.py ACTION...   where an action is +NAME, -NAME or a number of queries to run
"""

from __future__ import annotations

import json
import sys
from typing import Any

import sentry_sdk
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.sqlalchemy import SqlalchemyIntegration
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from ennead.sources.sqlalchemy import orm, queries
from tests.sources.sqlalchemy import shop
from tests.sources.sqlalchemy.recording import record


class Neighbours:
    """One engine, three listeners, and what each of them saw of a piece of work."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        shop.create(self.engine)
        with Session(self.engine) as session:
            shop.fill(session)
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.transactions: list[Any] = []

    def do(self, action: str) -> None:
        {
            "+ennead": self.add_ennead,
            "-ennead": self.remove_ennead,
            "+opentelemetry": self.add_opentelemetry,
            "-opentelemetry": SQLAlchemyInstrumentor().uninstrument,
            "+sentry": self.add_sentry,
        }[action]()

    @staticmethod
    def add_ennead() -> None:
        queries.install()
        orm.install()

    @staticmethod
    def remove_ennead() -> None:
        orm.uninstall()
        queries.uninstall()

    def add_opentelemetry(self) -> None:
        SQLAlchemyInstrumentor().instrument(
            engine=self.engine, tracer_provider=self.provider, enable_commenter=True, commenter_options={}
        )

    def add_sentry(self) -> None:
        sentry_sdk.init(
            dsn="http://key@127.0.0.1:9/1",
            integrations=[SqlalchemyIntegration()],
            default_integrations=False,
            traces_sample_rate=1.0,
            before_send_transaction=self.keep,
        )

    def keep(self, transaction: Any, _hint: Any) -> None:
        self.transactions.append(transaction)

    def work(self, count: int) -> dict[str, Any]:
        """Run ``count`` queries: one for the customers, the rest lazy loads."""
        self.exporter.clear()
        self.transactions.clear()
        with record() as recorded, sentry_sdk.start_transaction(name="work"), Session(self.engine) as session:
            customers = session.query(shop.Customer).order_by(shop.Customer.id).all()
            results = [customer.name for customer in customers]
            orders = [len(customer.orders) for customer in customers[: count - 1]]
        spans = [span for transaction in self.transactions for span in transaction["spans"]]
        return {
            "results": [*results, *orders],
            "ennead": [evidence.relation for evidence in recorded.evidence if evidence],
            "rows": recorded.row_counts,
            "opentelemetry": len([span for span in self.exporter.get_finished_spans() if span.name != "connect"]),
            "sentry": len([span for span in spans if span["op"] == "db"]),
        }


def main(actions: list[str]) -> None:
    neighbours = Neighbours()
    for action in actions:
        if action.isdigit():
            print(json.dumps(neighbours.work(int(action))))
        else:
            neighbours.do(action)


if __name__ == "__main__":
    main(sys.argv[1:])
