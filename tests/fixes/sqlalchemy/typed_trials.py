"""Code with an N+1 and annotations; the comment tells the queries before and after the first candidate that helps."""
# ruff: noqa: PERF401

from sqlalchemy import exists, func, orm, select

from tests.advice.shop_sqlalchemy import Customer, Line, Order, Session


class Prices:
    def __init__(self, session: orm.Session) -> None:
        self.session = session

    def lines_of(self, order_id: int, lowest: int = 0) -> list[Line]:
        query = select(Line).where(Line.order_id == order_id, Line.price >= lowest).order_by(Line.id)
        return list(self.session.scalars(query).all())


def method_with_annotations() -> object:  # 7 -> 2 batch-function
    with Session() as session:
        prices = Prices(session)
        keys = session.scalars(select(Order.id).order_by(Order.id)).all()
        return [[line.price for line in prices.lines_of(key)] for key in keys]


def day_of(session: orm.Session, order_id: int) -> int | None:
    return session.scalar(select(Order.day).where(Order.id == order_id))


def column_of_a_function() -> object:  # 6 -> 1 batch-function
    with Session() as session:
        found = []
        for key in range(1, 7):
            found.append(day_of(session, key))
        return found


def name_of(customer_id: int) -> str:
    with Session() as session:
        customer = session.get(Customer, customer_id)
        return customer.name if customer is not None else ""


def entity_of_a_function() -> object:  # 4 -> 1 batch-function
    return [name_of(key) for key in [1, 2, 3, 4]]


def count_of(session: orm.Session, order_id: int) -> int:
    return session.scalars(select(func.count(Line.id)).where(Line.order_id == order_id)).one()


def counted_by_a_function() -> object:  # 7 -> 2 batch-function
    with Session() as session:
        return [count_of(session, key) for key in session.scalars(select(Order.id).order_by(Order.id)).all()]


def is_known(session: orm.Session, name: str) -> bool | None:
    return session.scalar(select(exists().where(Customer.name == name)))


def existing_by_a_function() -> object:  # 5 -> 2 batch-function
    with Session() as session:
        names = session.scalars(select(Customer.name).order_by(Customer.id)).all()
        return [is_known(session, name) for name in names]


def prices_of(session: orm.Session, order_id: int) -> list[int]:
    return list(session.scalars(select(Line.price).where(Line.order_id == order_id).order_by(Line.id)).all())


def columns_of_a_function() -> object:  # 7 -> 2 batch-function
    with Session() as session:
        return [prices_of(session, key) for key in session.scalars(select(Order.id).order_by(Order.id)).all()]


class Base(orm.DeclarativeBase):
    pass


class Summary(Base):
    __tablename__ = "orders"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)

    @property
    def total(self) -> int | None:
        session = orm.object_session(self)
        assert session is not None
        return session.scalar(select(func.sum(Line.price)).where(Line.order_id == self.id))


def property_with_annotations() -> object:  # 7 -> 2 batch-property
    with Session() as session:
        return [summary.total for summary in session.scalars(select(Summary).order_by(Summary.id)).all()]
