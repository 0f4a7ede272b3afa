"""N+1: queries that the code itself writes inside a loop, in every dialect of SQLAlchemy."""

from collections import deque

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session as PlainSession

from bench.detection.scenario import scenario

from .database import Session, connect, databases
from .models import (
    Account,
    AuditEntry,
    Customer,
    Depot,
    Driver,
    Parcel,
    Product,
    Remark,
    Shipment,
    Tariff,
)
from .repositories import AccessPolicy, ProductRepository


@scenario("n-plus-one", "lookup", why="get() fetches one customer for each id that another query returned")
def get_for_each_id():
    with Session() as session:
        ids = session.scalars(select(Shipment.customer_id).distinct()).all()  # place: origin
        names = []
        for customer_id in ids:  # place: loop
            names.append(session.get(Customer, customer_id).name)  # place: access
        return names


@scenario("n-plus-one", "aggregate", why="one COUNT for each customer; GROUP BY counts them all")
def count_for_each_customer():
    with Session() as session:
        counts = {}
        for customer in session.scalars(select(Customer)).all():  # place: loop origin
            own = select(func.count()).select_from(Shipment).where(Shipment.customer_id == customer.id)
            counts[customer.name] = session.scalar(own)  # place: access
        return counts


@scenario("n-plus-one", "aggregate", why="Session.query counts the parcels of one shipment at a time")
def legacy_query_count_for_each():
    with Session() as session:
        shipments = session.query(Shipment).filter(Shipment.status != "done").all()  # place: origin
        parcels = session.query(Parcel)
        return [parcels.filter_by(shipment_id=each.id).count() for each in shipments]  # place: loop access


@scenario("n-plus-one", "lookup", why="Core alone, no ORM: one SELECT for each row of the first result")
def core_select_for_each_row():
    accounts = Account.__table__
    with connect() as connection:
        balances = []
        for customer in connection.execute(select(Customer.id, Customer.name)).all():  # place: loop origin
            query = select(accounts.c.balance).where(accounts.c.customer_id == customer.id)
            balances.append((customer.name, connection.execute(query).scalar_one()))  # place: access
        return balances


@scenario("n-plus-one", "raw-sql", why="textual SQL with a bound id runs once for each row")
def text_with_bound_parameter():
    heaviest = text("SELECT max(weight) FROM parcel WHERE shipment_id = :shipment")
    with Session() as session:
        ids = session.scalars(text("SELECT id FROM shipment ORDER BY id")).all()  # place: origin
        return [session.execute(heaviest, {"shipment": each}).scalar() for each in ids]  # place: loop access


@scenario("n-plus-one", "raw-sql", why="the id is written into the SQL text, so no two statements are equal")
def text_with_literals():
    with connect() as connection:
        total = 0
        for row in connection.execute(text("SELECT id, price FROM product")).all():  # place: loop origin
            statement = text(f"SELECT count(*) FROM parcel WHERE product_id = {row.id}")
            total += row.price * connection.execute(statement).scalar_one()  # place: access
        return total


@scenario("n-plus-one", "raw-sql", why="the driver's own SQL, past the compiler, once for each driver")
def driver_sql_for_each_row():
    number = "SELECT number FROM licence WHERE driver_id = ?"
    with connect() as connection:
        drivers = connection.exec_driver_sql("SELECT id FROM driver").scalars().all()  # place: origin
        numbers = []
        for driver_id in drivers:  # place: loop
            row = connection.exec_driver_sql(number, (driver_id,))  # place: access
            numbers.append(row.scalar())
        return numbers


@scenario("n-plus-one", "lookup", why="an EXISTS for each customer where one semi-join answers for all")
def exists_for_each_customer():
    with Session() as session:
        customers = session.scalars(select(Customer)).all()  # place: origin
        idle = []
        for customer in customers:  # place: loop
            late = exists().where(Shipment.customer_id == customer.id, Shipment.status == "late")
            if not session.scalar(select(late)):  # place: access
                idle.append(customer.name)
        return idle


@scenario("n-plus-one", "lookup", why="the newest remark of one shipment at a time; a window function has them all")
def first_for_each_shipment():
    with Session() as session:
        newest = {}
        for shipment_id in session.scalars(select(Shipment.id)).all():  # place: loop origin
            query = select(Remark).where(Remark.shipment_id == shipment_id).order_by(Remark.id.desc())
            newest[shipment_id] = session.scalars(query).first().text  # place: access
        return newest


def order_file():
    with connect() as connection:
        last = connection.scalar(select(func.max(Product.id)))
    return "\n".join(f"SKU-{number:03};{number % 4 + 1}" for number in range(1, last + 1))


@scenario("n-plus-one", "lookup", why="each line of the file looks its product up alone; no query feeds the loop")
def product_lookup_per_file_line():
    with Session() as session:
        ordered = []
        for line in order_file().splitlines():  # place: loop
            sku, amount = line.split(";")
            product = session.query(Product).filter_by(sku=sku).first()  # place: access
            ordered.append((product.name, int(amount)))
        return ordered


@scenario("n-plus-one", "lookup", why="the policy object asks the database about each shipment in turn")
def permission_check_for_each_shipment():
    with Session() as session:
        policy = AccessPolicy(session, "c1@example.org")
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        return [shipment.id for shipment in shipments if policy.may_see(shipment)]  # place: loop


@scenario("n-plus-one", "lookup", why="a repository method for one product, called for each parcel")
def repository_call_for_each_parcel():
    with Session() as session:
        repository = ProductRepository(session)
        parcels = session.execute(select(Parcel.weight, Parcel.product_id)).all()  # place: origin
        bill = 0
        for weight, product_id in parcels:  # place: loop
            bill += weight * repository.price_of(product_id)
        return bill


@scenario("n-plus-one", "lookup", why="merge selects each row alone; one SELECT could have filled the session")
def merge_for_each_row():
    with connect() as connection:
        incoming = connection.execute(select(Account.id, Account.balance)).all()  # place: origin
    with Session(autoflush=False) as session:
        for account_id, balance in incoming:  # place: loop
            session.merge(Account(id=account_id, balance=balance + 1))  # place: access
        session.commit()
        return len(incoming)


@scenario("n-plus-one", "lookup", why="a work list known in advance is fetched entry by entry")
def while_over_known_ids():
    with Session() as session:
        todo = deque(session.scalars(select(Depot.id).order_by(Depot.id)))  # place: origin
        slots = 0
        while todo:  # place: loop
            slots += session.get(Depot, todo.popleft()).free_slots  # place: access
        return slots


@scenario("n-plus-one", "aggregate", why="one maximum for each of the last three customers", constant=True)
def three_rows_three_maxima():
    with Session() as session:
        top = session.scalars(select(Customer).order_by(Customer.id.desc()).limit(3)).all()  # place: origin
        report = []
        for customer in top:  # place: loop
            query = select(func.max(Shipment.weight)).where(Shipment.customer_id == customer.id)
            report.append((customer.name, session.scalar(query)))  # place: access
        return report


@scenario("n-plus-one", "lookup", why="an IN list of one element for each row is no batch")
def in_list_of_one():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        parcels = {}
        for shipment in shipments:  # place: loop
            query = select(Parcel).where(Parcel.shipment_id.in_([shipment.id]))
            parcels[shipment.id] = len(session.scalars(query).all())  # place: access
        return parcels


@scenario("n-plus-one", "lookup", why="the tariff of each shipment's day is searched alone; a lateral join finds all")
def tariff_valid_on_each_day():
    with Session() as session:
        costs = []
        for shipment in session.scalars(select(Shipment).order_by(Shipment.day)).all():  # place: loop origin
            valid = select(Tariff.price).where(Tariff.valid_from <= shipment.day)
            costs.append(session.scalar(valid.order_by(Tariff.valid_from.desc()).limit(1)))  # place: access
        return sum(costs)


@scenario("n-plus-one", "lookup", why="entries point at two tables; each is fetched by its own get() where two INs do")
def subject_of_each_audit_entry():
    models = {"customer": Customer, "driver": Driver}
    with Session() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()  # place: origin
        sentences = []
        for entry in entries:  # place: loop
            subject = session.get(models[entry.subject_kind], entry.subject_id)  # place: access
            sentences.append(f"{subject.name} was {entry.action}")
        return sentences


@scenario("n-plus-one", "lookup", why="the memo helps only with repeats: every new product is still one query")
def memo_still_asks_for_each_key():
    prices = {}
    with Session() as session:
        parcels = session.execute(select(Parcel.product_id, Parcel.weight)).all()  # place: origin
        worth = 0
        for product_id, weight in parcels:  # place: loop
            if product_id not in prices:
                query = select(Product.price).where(Product.id == product_id)
                prices[product_id] = session.scalar(query)  # place: access
            worth += prices[product_id] * weight
        return worth


def subtree(connection, depot_id):
    below = select(Depot.id).where(Depot.parent_id == depot_id)
    found = [depot_id]
    for child_id in connection.scalars(below).all():  # place[core_tree_walk]: loop access origin
        found.extend(subtree(connection, child_id))
    return found


@scenario("n-plus-one", "lookup", why="the children of each node are selected alone; a recursive CTE selects the tree")
def core_tree_walk():
    with connect() as connection:
        return subtree(connection, 1)


@scenario("n-plus-one", "lookup", why="a session for each item changes nothing: the items were known together")
def new_session_for_each_item():
    with Session() as session:
        references = session.scalars(select(Shipment.reference)).all()  # place: origin
    states = {}
    for reference in references:  # place: loop
        with PlainSession(databases().main) as own:
            states[reference] = own.scalar(select(Shipment.status).filter_by(reference=reference))  # place: access
    return states
