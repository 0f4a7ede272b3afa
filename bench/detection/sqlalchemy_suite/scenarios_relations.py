"""N+1: relations that load lazily, once for each object of a list."""

from collections import deque

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, with_parent

from bench.detection.scenario import scenario

from . import labels
from .database import Session
from .models import Country, Customer, Depot, Driver, Parcel, Shipment, Tag


@scenario("n-plus-one", "relation", why="each distinct customer is fetched alone; a join brings them along")
def customer_of_each_shipment():
    lines = []
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        for shipment in shipments:  # place: loop
            lines.append(f"{shipment.reference}: {shipment.customer.name}")  # place: access
    return lines


@scenario("n-plus-one", "relation", why="one collection query for each shipment of the list")
def parcel_count_in_dict_comprehension():
    with Session() as session:
        return {
            shipment.reference: len(shipment.parcels)  # place: access
            for shipment in session.scalars(select(Shipment).order_by(Shipment.id))  # place: loop origin
        }


@scenario("n-plus-one", "relation", why="the many-to-many collection is joined anew for each shipment")
def tags_of_each_late_shipment():
    with Session() as session:
        late = session.scalars(select(Shipment).where(Shipment.status == "late")).all()  # place: origin
        return [", ".join(tag.name for tag in shipment.tags) for shipment in late]  # place: loop access


@scenario("n-plus-one", "relation", why="a one-to-one without the foreign key on this side needs a query for each row")
def account_of_each_customer():
    total = 0
    with Session() as session:
        for customer in session.scalars(select(Customer)).all():  # place: loop origin
            total += customer.account.balance  # place: access
    return total


def outline(depot, depth=0):
    lines = ["  " * depth + depot.name]
    for child in depot.children:  # place[depot_tree_walk]: loop access origin
        lines.extend(outline(child, depth + 1))
    return lines


@scenario("n-plus-one", "relation", why="one query for the children of each depot; a recursive CTE needs one in all")
def depot_tree_walk():
    with Session() as session:
        roots = session.scalars(select(Depot).where(Depot.parent_id.is_(None))).all()  # place: origin
        return [line for root in roots for line in outline(root)]  # place: loop


@scenario("n-plus-one", "relation", why="the proxy loads the stops of each shipment and then each stop's depot")
def depots_through_association_proxy():
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        routes = {}
        for shipment in shipments:  # place: loop
            routes[shipment.reference] = [depot.name for depot in shipment.depots]  # place: loop access
        return routes


@scenario("n-plus-one", "relation", why="a dynamic relation queries at every use, here once for each shipment")
def first_dynamic_remark_of_each_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        opening = {}
        for shipment in shipments:  # place: loop
            first = shipment.remarks.order_by("id").first()  # place: access
            opening[shipment.id] = first.text
        return opening


@scenario("n-plus-one", "relation", why="a write-only collection is selected once for each shipment; IN fetches all")
def write_only_events_of_each_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        codes = []
        for shipment in shipments:  # place: loop
            codes.append([event.code for event in session.scalars(shipment.events.select())])  # place: access
        return codes


@scenario("n-plus-one", "relation", why="parcels are loaded in bulk, but the product of each parcel is not")
def second_hop_forgotten():
    with Session() as session:
        shipments = session.scalars(select(Shipment).options(selectinload(Shipment.parcels))).all()  # place: origin
        worth = 0
        for shipment in shipments:  # place: loop
            for parcel in shipment.parcels:  # place: loop
                worth += parcel.product.price  # place: access
        return worth


@scenario("n-plus-one", "relation", why="the eager parcels go unused: a filtered query for each shipment asks again")
def eager_load_defeated_by_filter():
    with Session() as session:
        query = select(Shipment).options(joinedload(Shipment.parcels)).order_by(Shipment.id)
        shipments = session.scalars(query).unique().all()  # place: origin
        heavy = {}
        for shipment in shipments:  # place: loop
            parcels = select(Parcel).where(with_parent(shipment, Shipment.parcels), Parcel.weight > 15)
            heavy[shipment.reference] = session.scalars(parcels).all()  # place: access
        return {reference: len(parcels) for reference, parcels in heavy.items()}


@scenario("n-plus-one", "relation", why="the join only filters; without contains_eager every customer is fetched again")
def joined_for_the_filter_only():
    with Session() as session:
        abroad = select(Shipment).join(Shipment.customer).join(Customer.country).where(Country.code != "AB")
        shipments = session.scalars(abroad).all()  # place: origin
        return [(shipment.id, shipment.customer.email) for shipment in shipments]  # place: loop access


@scenario("n-plus-one", "relation", why="two lazy loads on one line, both once for each row")
def two_hops_on_one_line():
    with Session() as session:
        countries = set()
        for shipment in session.scalars(select(Shipment)).all():  # place: loop origin
            countries.add(shipment.customer.country.name)  # place: access
        return sorted(countries)


@scenario("n-plus-one", "relation", why="the loop is a while over a deque, the licence is loaded for each driver")
def licence_of_each_driver_in_while():
    with Session() as session:
        waiting = deque(session.scalars(select(Driver)))  # place: origin
        numbers = []
        while waiting:  # place: loop
            driver = waiting.popleft()
            numbers.append(driver.licence.number)  # place: access
        return numbers


@scenario("n-plus-one", "relation", why="the sort key loads the customer of each shipment")
def sorted_by_lazy_key():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        ranked = sorted(shipments, key=lambda shipment: shipment.customer.name)  # place: loop access
        return [shipment.reference for shipment in ranked]


def destinations(shipments):
    for shipment in shipments:  # place[generator_of_destinations]: loop
        yield shipment.customer.country_id  # place[generator_of_destinations]: access


@scenario("n-plus-one", "relation", why="a generator hides the loop, still one customer query for each row")
def generator_of_destinations():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        return sorted(set(destinations(shipments)))


@scenario("n-plus-one", "relation", why="map calls a formatter of another module that loads the customer of each row")
def map_with_formatter_elsewhere():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        return list(map(labels.address_label, shipments))  # place: loop


@scenario("n-plus-one", "relation", why="attrgetter loads the relation in C code, once for each row")
def attrgetter_over_relation():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        return max(map(labels.customer_name_of, shipments))  # place: loop access


@scenario("n-plus-one", "relation", why="two rows make two loads of one relation", constant=True)
def two_rows_are_enough():
    with Session() as session:
        latest = session.scalars(select(Shipment).order_by(Shipment.id.desc()).limit(2)).all()  # place: origin
        return [shipment.customer.name for shipment in latest]  # place: loop access


@scenario("n-plus-one", "relation", why="rows arrive in batches, yet each shipment loads its parcels alone")
def lazy_load_while_streaming():
    with Session() as session:
        stream = session.scalars(select(Shipment).execution_options(yield_per=5))  # place: origin
        weights = []
        for shipment in stream:  # place: loop
            weights.append(sum(parcel.weight for parcel in shipment.parcels))  # place: access
        return weights


@scenario("n-plus-one", "relation", why="three relations alternate, each queried once for each row")
def three_relations_interleaved():
    with Session() as session:
        cards = []
        for shipment in session.scalars(select(Shipment).order_by(Shipment.id)):  # place: loop origin
            parcels = len(shipment.parcels)  # place: access
            name = shipment.customer.name  # place: access
            tags = [tag.name for tag in shipment.tags]  # place: access
            cards.append((shipment.reference, parcels, name, tags))
        return cards


@scenario("n-plus-one", "relation", why="a collection for each customer and another for each of its shipments")
def nested_loops_over_collections():
    weight = {}
    with Session() as session:
        customers = session.scalars(select(Customer)).all()  # place: origin
        for customer in customers:  # place: loop
            weight[customer.name] = 0
            for shipment in customer.shipments:  # place: access loop origin
                for parcel in shipment.parcels:  # place: access
                    weight[customer.name] += parcel.weight
    return weight


@scenario("n-plus-one", "relation", why="the model's __str__ loads the customer, and every row is logged")
def log_line_of_each_shipment():
    with Session() as session:
        moving = session.scalars(select(Shipment).where(Shipment.status == "moving")).all()  # place: origin
        journal = []
        for shipment in moving:  # place: loop
            journal.append(f"checked {shipment}")
        return journal


@scenario("n-plus-one", "relation", why="a plain property sums a lazy collection for each row of a filter")
def heavy_shipments_filtered_by_property():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()  # place: origin
        heavy = filter(lambda shipment: shipment.is_heavy, shipments)
        return [shipment.reference for shipment in heavy]  # place: loop


@scenario("n-plus-one", "relation", why="appending to a collection loads it first, once for each shipment")
def append_loads_each_collection():
    with Session() as session:
        urgent = session.scalars(select(Tag).where(Tag.name == "tag-1")).one()
        without = select(Shipment).where(~Shipment.tags.any(Tag.id == urgent.id))
        for shipment in session.scalars(without).all():  # place: loop origin
            shipment.tags.append(urgent)  # place: access
        changed = len(session.dirty)
        session.commit()
        return changed


@scenario("n-plus-one", "relation", why="the delete cascade loads the children of each shipment alone")
def cascade_loads_before_each_delete():
    with Session() as session:
        done = session.scalars(select(Shipment).where(Shipment.status == "done")).all()  # place: origin
        for shipment in done:  # place: loop
            session.delete(shipment)  # place: access
        session.commit()
        return len(done)
