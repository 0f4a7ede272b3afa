"""N+1: columns that were left out, expired or live in another table, fetched once for each object."""

from sqlalchemy import select
from sqlalchemy.orm import load_only

from bench.detection.scenario import scenario

from .database import Session
from .models import AuditEntry, Customer, Shipment, Truck, Vehicle


@scenario("n-plus-one", "deferred", why="the deferred text is fetched for one shipment at a time; undefer brings it")
def deferred_text_of_each_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment).where(Shipment.status == "new")).all()  # place: origin
        return [len(shipment.label_text) for shipment in shipments]  # place: loop access


@scenario("n-plus-one", "deferred", why="load_only left the weight out, so each object goes back for it")
def column_missing_from_load_only():
    with Session() as session:
        slim = select(Shipment).options(load_only(Shipment.reference))
        total = 0
        for shipment in session.scalars(slim).all():  # place: loop origin
            total += shipment.weight  # place: access
        return total


@scenario("n-plus-one", "deferred", why="the deferred count is a column of the query that loads the customers")
def deferred_count_of_each_customer():
    with Session() as session:
        customers = session.scalars(select(Customer).order_by(Customer.id)).all()  # place: origin
        busy = []
        for customer in customers:  # place: loop
            if customer.shipment_count > 1:  # place: access
                busy.append(customer.name)
        return busy


@scenario("n-plus-one", "deferred", why="the commit expires every object, and each is read again by its own query")
def expired_by_commit():
    with Session() as session:
        fresh = session.scalars(select(Shipment).where(Shipment.status == "new")).all()  # place: origin
        session.add(AuditEntry(subject_kind="shipment", subject_id=0, action="listed"))
        session.commit()
        return [shipment.reference for shipment in fresh]  # place: loop access


@scenario("n-plus-one", "deferred", why="a rollback expires as a commit does: one SELECT for each object afterwards")
def expired_by_rollback():
    with Session() as session:
        customers = session.scalars(select(Customer)).all()  # place: origin
        session.add(AuditEntry(subject_kind="customer", subject_id=0, action="dry run"))
        session.flush()
        session.rollback()
        names = []
        for customer in customers:  # place: loop
            names.append(customer.name)  # place: access
        return names


@scenario("n-plus-one", "deferred", why="the base query skips the sub-tables, so each vehicle asks its own")
def subclass_columns_of_each_vehicle():
    with Session() as session:
        room = {}
        for vehicle in session.scalars(select(Vehicle).order_by(Vehicle.id)).all():  # place: loop origin
            if isinstance(vehicle, Truck):
                room[vehicle.plate] = 10 * vehicle.axles  # place: access
            else:
                room[vehicle.plate] = vehicle.volume  # place: access
        return room


@scenario("n-plus-one", "lookup", why="refresh reads one object; one SELECT with populate_existing reads them all")
def refresh_of_each_object():
    with Session() as session:
        late = session.scalars(select(Shipment).where(Shipment.status == "late")).all()  # place: origin
        for shipment in late:  # place: loop
            session.refresh(shipment)  # place: access
        return [shipment.status for shipment in late]


@scenario("n-plus-one", "aggregate", why="the hybrid's Python side sums with a query for each customer")
def total_weight_hybrid_per_customer():
    with Session() as session:
        customers = session.scalars(select(Customer)).all()  # place: origin
        return {customer.name: customer.total_weight for customer in customers}  # place: loop


@scenario("n-plus-one", "lookup", why="a property that looks like a column runs a query for each shipment")
def last_remark_property_per_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        rows = []
        for shipment in shipments:  # place: loop
            rows.append({"reference": shipment.reference, "remark": shipment.last_remark})
        return rows
