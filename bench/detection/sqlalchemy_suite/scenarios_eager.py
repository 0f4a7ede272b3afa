"""Look-alikes: loops over relations that were loaded well, and writes that go out in bulk."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import (
    contains_eager,
    joinedload,
    raiseload,
    selectin_polymorphic,
    selectinload,
    subqueryload,
    undefer,
)

from bench.detection.scenario import scenario

from .database import Session
from .flask_app import app
from .graphql_schema import balance_loader, schema
from .models import (
    Account,
    AuditEntry,
    Country,
    Customer,
    Depot,
    Parcel,
    Reading,
    Sensor,
    Shipment,
    Truck,
    Van,
    Vehicle,
)
from .scenarios_web import client


@scenario("look-alike", why="select-in loading asks for 500 parents at a time: three queries for 1,100")
def selectinload_over_many_rows():
    with Session() as session:
        sensors = session.scalars(select(Sensor).options(selectinload(Sensor.readings))).all()
        return max(reading.celsius for sensor in sensors for reading in sensor.readings)


@scenario("look-alike", why="the same chunks of 500, from the many-to-one side")
def selectinload_many_to_one_over_many_rows():
    with Session() as session:
        readings = session.scalars(select(Reading).options(selectinload(Reading.sensor))).all()
        return sum(len(reading.sensor.name) for reading in readings)


@scenario("look-alike", why="one IN query for each batch of five streamed rows")
def selectinload_while_streaming():
    with Session() as session:
        query = select(Shipment).options(selectinload(Shipment.parcels)).execution_options(yield_per=5)
        return [sum(parcel.weight for parcel in shipment.parcels) for shipment in session.scalars(query)]


@scenario("look-alike", why="one more query in all, whatever the number of shipments")
def subqueryload_of_parcels():
    with Session() as session:
        shipments = session.scalars(select(Shipment).options(subqueryload(Shipment.parcels))).all()
        return {shipment.reference: len(shipment.parcels) for shipment in shipments}


@scenario("look-alike", why="two joined hops, one query")
def joinedload_of_two_hops():
    with Session() as session:
        eager = joinedload(Shipment.customer).joinedload(Customer.country)
        return [each.customer.country.code for each in session.scalars(select(Shipment).options(eager))]


@scenario("look-alike", why="the join that filters also fills the relation")
def contains_eager_after_join():
    with Session() as session:
        query = select(Shipment).join(Shipment.customer).where(Customer.id > 1)
        shipments = session.scalars(query.options(contains_eager(Shipment.customer))).all()
        return [shipment.customer.name for shipment in shipments]


@scenario("look-alike", why="three levels of collections in three queries")
def selectinload_of_three_levels():
    with Session() as session:
        eager = selectinload(Customer.shipments).selectinload(Shipment.parcels).joinedload(Parcel.product)
        total = 0
        for customer in session.scalars(select(Customer).options(eager)):
            for shipment in customer.shipments:
                total += sum(parcel.product.price for parcel in shipment.parcels)
        return total


@scenario("look-alike", why="two levels of a tree, one query for each level")
def tree_loaded_level_by_level():
    with Session() as session:
        eager = selectinload(Depot.children, recursion_depth=-1)
        root = session.scalars(select(Depot).where(Depot.parent_id.is_(None)).options(eager)).one()
        names, level = [], [root]
        while level:
            names.extend(depot.name for depot in level)
            level = [child for depot in level for child in depot.children]
        return names


@scenario("look-alike", why="one query for each kind of vehicle, not for each vehicle")
def polymorphic_sub_tables_loaded_in_bulk():
    with Session() as session:
        query = select(Vehicle).options(selectin_polymorphic(Vehicle, [Truck, Van]))
        return [each.axles if isinstance(each, Truck) else each.volume for each in session.scalars(query)]


@scenario("look-alike", why="the deferred text and the counted column are asked for in the first query")
def undeferred_columns():
    with Session() as session:
        shipments = session.scalars(select(Shipment).options(undefer(Shipment.label_text))).all()
        customers = session.scalars(select(Customer).options(undefer(Customer.shipment_count))).all()
        return sum(len(each.label_text) for each in shipments), [each.shipment_count for each in customers]


@scenario("look-alike", why="whatever is not loaded would raise, and nothing does")
def raiseload_guards_the_loop():
    with Session() as session:
        query = select(Shipment).options(joinedload(Shipment.customer), raiseload("*"))
        return [shipment.customer.name for shipment in session.scalars(query)]


@scenario("look-alike", why="get() answers from the identity map: the customers are there already")
def get_answered_by_identity_map():
    with Session() as session:
        customers = session.scalars(select(Customer)).all()
        shipments = session.scalars(select(Shipment)).all()
        found = [session.get(Customer, shipment.customer_id).name for shipment in shipments]
        return len(customers), found


@scenario("look-alike", why="the lazy relation finds its parents in the identity map without a query")
def lazy_load_answered_by_identity_map():
    with Session() as session:
        countries = {country.id: country for country in session.scalars(select(Country))}
        customers = session.scalars(select(Customer)).all()
        return [customer.country.code for customer in customers], len(countries)


@scenario("look-alike", why="one object, one lazy collection, then a loop in memory")
def lazy_load_of_a_single_object():
    with Session() as session:
        shipment = session.scalars(select(Shipment).where(Shipment.reference == "S-00001")).one()
        return [parcel.weight for parcel in shipment.parcels]


@scenario("look-alike", why="sender and receiver are two objects, loaded and followed on lines of their own")
def two_single_objects_from_two_lines():
    with Session() as session:
        sender = session.get(Customer, 1)
        receiver = session.get(Customer, 2)
        origin = sender.country.name
        destination = receiver.country.name
        return f"{sender.name} ({origin}) to {receiver.name} ({destination})"


@scenario("look-alike", why="the same template as in the N+1 scenario, fed with joined rows")
def flask_view_with_joined_rows():
    return app.test_client().get("/shipments").text


@scenario("look-alike", why="the same response model as in the N+1 scenario, fed with loaded parcels")
async def fastapi_with_selectinload():
    async with client() as browser:
        return (await browser.get("/shipments/eager")).json()


@scenario("look-alike", why="the data loader gathers the keys of all resolvers into one IN query")
async def graphql_with_dataloader():
    query = "{ allCustomers { name batchedAccount { balance } } shipments { reference } }"
    result = await schema.execute(query, context_value={"balances": balance_loader()})
    assert result.errors is None
    return result.data


@scenario("look-alike", why="one INSERT with a list of rows")
def bulk_insert_of_many_rows():
    with Session() as session:
        entries = [{"subject_kind": "bulk", "subject_id": number, "action": "made"} for number in range(40)]
        session.execute(insert(AuditEntry), entries)
        session.commit()
        return len(entries)


@scenario("look-alike", why="one INSERT call; the keys come back in pages of fifteen rows")
def insert_in_returning_pages():
    with Session() as session:
        entries = [{"subject_kind": "page", "subject_id": number, "action": "made"} for number in range(60)]
        pages = {"insertmanyvalues_page_size": 15}
        keys = session.scalars(insert(AuditEntry).returning(AuditEntry.id), entries, execution_options=pages).all()
        session.commit()
        return len(keys)


@scenario("look-alike", why="add_all and one flush; SQLite's RETURNING has no order, so the ORM goes row by row")
def add_all_and_one_flush():
    with Session() as session:
        session.add_all(AuditEntry(subject_kind="flush", subject_id=number, action="made") for number in range(20))
        session.commit()
        return 20


@scenario("look-alike", why="the ORM's bulk update by primary key is one executemany")
def bulk_update_by_primary_key():
    with Session() as session:
        accounts = session.execute(select(Account.id, Account.balance)).all()
        session.execute(update(Account), [{"id": key, "balance": balance + 1} for key, balance in accounts])
        session.commit()
        return len(accounts)
