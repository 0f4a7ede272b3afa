"""Rules, machine learning and the combined answer on real application code: SQLAlchemy on SQLite.

    python examples/nplusone_ml_integration.py

The application is a small shop. One of its pages loads the customer of every order, and the product of every line, one
by one. The service runs that page, and the same page with the advice applied, and tells what it saw. At last the first
page is looked at once more with as little evidence as a database's log has: no call sites, nothing of the ORM.
"""

from __future__ import annotations

from textwrap import fill

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.pool import StaticPool

from ennead.domains.nplusone import MLAnalysis, NPlusOneDetectionService, ServiceResult
from ennead.domains.nplusone.levels import reduce_to
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding

# ------------------------------------------------------------------------------------------------ the application


class Base(DeclarativeBase):
    """All tables of the shop."""


class Customer(Base):
    """Who orders."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Product(Base):
    """What is ordered."""

    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


class Order(Base):
    """Who ordered what."""

    __tablename__ = "shop_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()
    lines: Mapped[list[Line]] = relationship()


class Line(Base):
    """One product of an order."""

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    product: Mapped[Product] = relationship()


def open_shop(order_count: int = 25) -> Session:
    """A shop in memory; every order has a customer of its own and two lines."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(order_count):
            lines = [Line(quantity=n + 1, product=Product(name=f"tea {number}-{n}", price=4)) for n in range(2)]
            session.add(Order(customer=Customer(name=f"customer {number}"), lines=lines))
        session.commit()
    return Session(engine)


def order_overview(session: Session) -> dict[str, int]:
    """Who pays how much: as it was written."""
    totals = {}
    orders = session.scalars(select(Order)).all()
    for order in orders:
        total = 0
        for line in order.lines:
            total += line.quantity * line.product.price
        totals[order.customer.name] = total
    return totals


def order_overview_with_advice(session: Session) -> dict[str, int]:
    """Who pays how much: with the relations loaded eagerly."""
    eagerly = (joinedload(Order.customer), selectinload(Order.lines).selectinload(Line.product))
    orders = session.scalars(select(Order).options(*eagerly)).all()
    return {order.customer.name: sum(line.quantity * line.product.price for line in order.lines) for order in orders}


# ------------------------------------------------------------------------------------------------ what the service says


def show(title: str, answer: ServiceResult) -> None:
    """Everything about one unit of work, in the order in which one would ask."""
    analysis = answer.ml_analysis  # read first: the findings then need none of their own
    statistics = answer.statistics
    print(f"\n=== {title}")
    print(
        f"{statistics['query_count']:.0f} queries, {statistics['duration_ms']:.1f} ms, "
        f"{statistics['database_ms']:.1f} ms of it in the database, {statistics['wasted_ratio']:.0%} of that wasted"
    )
    print("\nThe rules found")
    for finding in answer.detections:
        print(f"  {_headline(finding)}")
    _show_nothing_of(answer.detections)
    _show_machine_learning(analysis, answer)
    print("\nThe combined answer")
    for finding in answer.findings:
        _show_finding(finding)
    _show_nothing_of(answer.findings)


def _show_machine_learning(analysis: MLAnalysis, answer: ServiceResult) -> None:
    model = f", model {analysis.model}" if analysis.model else ""
    print(f"\nMachine learning found (status {analysis.status}{model}, {analysis.overall_confidence:.0f} % sure)")
    statements = {query.statement_fingerprint: query.statement for query in answer.context.queries}
    for anomaly in analysis.anomalies:
        statement = statements[anomaly.evidence["statement_fingerprint"]]
        print(f"  {anomaly.detector:<12}{anomaly.code:<12}{anomaly.confidence:3.0f} %  {_shortened(statement)}")
    _show_nothing_of(analysis.anomalies)
    print("  features of the unit of work:")
    for name, value in analysis.features.items():
        print(f"    {name:<28}{value:>10.2f}")


def _headline(finding: Finding) -> str:
    what = finding.relation or finding.statement
    return f"{finding.code:<12}{finding.confidence:3.0f} %  {finding.severity:<9}{finding.query_count:>3} x {what}"


def _show_finding(finding: Finding) -> None:
    print(f"  {finding.id}  {_headline(finding)}")
    probability = finding.evidence.get("model_probability")
    beside = "" if probability is None else f", and the model gives it {probability:.0%}"
    print(f"    decided by {finding.decided_by}{beside}")
    print(fill(finding.explanation, 110, initial_indent="    ", subsequent_indent="    "))
    _show_place("origin", finding.origin)
    _show_place("loop", finding.loop)
    _show_place("access", finding.call_site)
    for recommendation in finding.recommendations:
        print(f"    {recommendation.status}: {recommendation.title}")
        if recommendation.code:
            print(f"      {recommendation.code}")


def _show_place(role: str, place: CallSite | None) -> None:
    if place is not None:
        print(f"    {role:<8}{place}  {place.source}")


def _show_nothing_of(items: tuple[object, ...]) -> None:
    if not items:
        print("  nothing")


def _shortened(statement: str, width: int = 60) -> str:
    return statement if len(statement) <= width else statement[: width - 1] + "…"


def main() -> None:
    """Profile the page as it is and as it is advised, and compare."""
    service = NPlusOneDetectionService()
    with open_shop() as session:
        before = service.profile(order_overview, session)
    with open_shop() as session:
        after = service.profile(order_overview_with_advice, session)
    show("the page as it was written", before)
    show("the page with the advice applied", after)
    show("the first page, as a database's log knows it", service.analyze(reduce_to(before.context, "sql")))
    counters = service.counters
    print("\n=== both")
    print(f"{before.context.query_count} queries became {after.context.query_count}")
    print(f"the answers are {'the same' if before.result == after.result else 'different'}")
    print(f"{counters.analysis_count} analyses, {counters.success_ratio:.0%} of them without failure")
    assert before.result == after.result


if __name__ == "__main__":
    main()
