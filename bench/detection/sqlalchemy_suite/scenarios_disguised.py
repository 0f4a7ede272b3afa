"""N+1 in the clothes of something harmless: pages, chunks, retries, savepoints, shards."""

import time

from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound, OperationalError

from bench.detection.scenario import scenario

from .database import Session, connect, shards
from .models import Customer, Parcel, Product, Shipment, Stop


@scenario("n-plus-one", "lookup", why="the pages are fine; the lookup for each row of a page is not")
def lookup_inside_page_walk():
    firsts, last = {}, 0
    with Session() as session:
        while True:
            page_query = select(Shipment.id).where(Shipment.id > last).order_by(Shipment.id).limit(6)
            page = session.scalars(page_query).all()  # place: origin
            if not page:
                return firsts
            for shipment_id in page:  # place: loop
                first = select(Stop.depot_id).where(Stop.shipment_id == shipment_id, Stop.position == 0)
                firsts[shipment_id] = session.scalar(first)  # place: access
            last = page[-1]


@scenario("n-plus-one", "relation", why="rows are fetched by chunks of keys, their customers one by one")
def lazy_load_inside_chunks():
    names = []
    with Session() as session:
        keys = session.scalars(select(Shipment.id)).all()
        for start in range(0, len(keys), 6):
            chunk = select(Shipment).where(Shipment.id.in_(keys[start : start + 6]))
            for shipment in session.scalars(chunk).all():  # place: loop origin
                names.append(shipment.customer.name)  # place: access
    return names


def with_retries(action, attempts=3):
    for attempt in range(1, attempts + 1):
        try:
            return action()
        except OperationalError:
            if attempt == attempts:
                raise
            time.sleep(0.01)
    return None


@scenario("n-plus-one", "lookup", why="a retry wrapper around each lookup, and nothing ever fails")
def lookup_through_retry_wrapper():
    with Session() as session:
        ids = session.scalars(select(Customer.id)).all()  # place: origin
        emails = []
        for customer_id in ids:  # place: loop
            customer = with_retries(lambda key=customer_id: session.get(Customer, key))  # place: access
            emails.append(customer.email)
        return emails


@scenario("n-plus-one", "lookup", why="some names are unknown and raise, each was still asked for alone")
def lookups_of_which_some_find_nothing():
    with Session() as session:
        skus = session.scalars(select(Product.sku)).all()  # place: origin
        wanted = [sku if number % 3 else f"{sku}-old" for number, sku in enumerate(skus)]
        prices, unknown = {}, []
        for sku in wanted:  # place: loop
            try:
                prices[sku] = session.execute(select(Product.price).filter_by(sku=sku)).scalar_one()  # place: access
            except NoResultFound:
                unknown.append(sku)
        return prices, unknown


@scenario("n-plus-one", "lookup", why="a savepoint for each row does not excuse a query for each row")
def lookup_inside_savepoint_for_each_row():
    with Session() as session:
        shipments = session.execute(select(Shipment.id, Shipment.weight)).all()  # place: origin
        wrong = []
        for shipment_id, weight in shipments:  # place: loop
            with session.begin_nested():
                own = select(Parcel.weight).where(Parcel.shipment_id == shipment_id)
                if sum(session.scalars(own)) != weight:  # place: access
                    wrong.append(shipment_id)
        return wrong


@scenario("n-plus-one", "lookup", why="four databases, but a query for each key and not for each database")
def routed_lookup_for_each_key():
    engines = list(shards().values())
    with connect() as connection:
        keys = connection.scalars(select(Customer.id)).all()  # place: origin
    names = {}
    for key in keys:  # place: loop
        with engines[key % len(engines)].connect() as shard:
            names[key] = shard.scalar(select(Customer.name).where(Customer.id == key))  # place: access
    return names


@scenario("n-plus-one", "raw-sql", why="three rows, three literals, one shape", constant=True)
def three_rows_with_literals():
    heaviest = text("SELECT id FROM shipment ORDER BY weight DESC LIMIT 3")
    with connect() as connection:
        sums = []
        for row in connection.execute(heaviest).all():  # place: loop origin
            parcels = f"SELECT sum(weight) FROM parcel WHERE shipment_id = {row.id}"
            sums.append(connection.execute(text(parcels)).scalar())  # place: access
        return sums
