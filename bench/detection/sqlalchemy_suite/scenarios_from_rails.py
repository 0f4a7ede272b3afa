"""What the test suites and READMEs of Rails' detectors, prosopite and bullet, cover, as SQLAlchemy code would have it.

README.md says which of their cases have no counterpart in Python.
"""

from dataclasses import dataclass

from greenlet import greenlet
from sqlalchemy import exists, func, insert, select, text, union_all, update
from sqlalchemy.orm import selectinload

from bench.detection.scenario import scenario

from .database import Session, connect
from .models import Customer, Depot, Parcel, Shipment, Stop, Tag, shipment_tag


@scenario("n-plus-one", "lookup", why="the lightest and the heaviest parcel of each shipment, one LIMIT 1 each")
def first_and_last_parcel_of_each_shipment():
    with Session() as session:
        spans = {}
        newest = select(Shipment).order_by(Shipment.id.desc()).limit(60)
        for shipment in session.scalars(newest).all():  # place: loop origin
            own = select(Parcel.weight).where(Parcel.shipment_id == shipment.id)
            lightest = session.scalars(own.order_by(Parcel.weight)).first()  # place: access
            heaviest = session.scalars(own.order_by(Parcel.weight.desc())).first()  # place: access
            spans[shipment.reference] = (lightest, heaviest)
        return spans


@scenario("n-plus-one", "lookup", why="only the keys of the related rows, and still a query for each row")
def parcel_keys_of_each_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        keys = {}
        for shipment in reversed(shipments):  # place: loop
            own = select(Parcel.id).filter_by(shipment_id=shipment.id)
            keys[shipment.reference] = session.scalars(own).all()  # place: access
        return keys


@scenario("n-plus-one", "relation", why="the rows move to another session, where each loads its parcels alone")
def parcels_of_rows_merged_into_another_session():
    with Session() as session:
        detached = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
    with Session() as session:
        mine = [session.merge(shipment, load=False) for shipment in detached]
        return [len(shipment.parcels) for shipment in mine]  # place: loop access


@scenario("n-plus-one", "relation", why="the rows were made a moment ago, then read again without their customers")
def customers_of_rows_made_just_now():
    with Session() as session:
        fresh = [
            {
                "reference": f"F-{key:05}",
                "status": "fresh",
                "day": 0,
                "weight": 1,
                "label_text": "new",
                "customer_id": key,
            }
            for key in session.scalars(select(Customer.id))
        ]
        session.execute(insert(Shipment), fresh)
        names = []
        for shipment in session.scalars(select(Shipment).where(Shipment.status == "fresh")).all():  # place: loop origin
            names.append(shipment.customer.name)  # place: access
        return names


@dataclass
class Complaint:
    """A document of another store, which knows its customer by e-mail."""

    text: str
    email: str

    @property
    def customer_name(self):
        with Session() as session:
            name = select(Customer.name).filter_by(email=self.email)
            return session.scalar(name)  # place[customer_of_each_document]: access


@scenario("n-plus-one", "lookup", why="documents of another store: each asks this database for its own customer")
def customer_of_each_document():
    with connect() as connection:
        count = connection.scalar(select(func.count()).select_from(Customer))
    complaints = [Complaint("late again", f"c{number}@example.org") for number in range(1, count + 1)]
    return [
        f"{complaint.customer_name}: {complaint.text}"
        for complaint in complaints  # place: loop
    ]


@scenario("n-plus-one", "raw-sql", why="one SUM a row, and a comment makes each statement a text of its own")
def statements_with_a_comment_of_their_own():
    weights = {}
    with connect() as connection:
        rows = connection.execute(select(Shipment.id, Shipment.reference)).all()  # place: origin
        for key, reference in rows:  # place: loop
            total = text(f"SELECT SUM(weight) FROM parcel /* label of {reference} */ WHERE shipment_id = {key}")
            weights[reference] = connection.scalar(total)  # place: access
    return weights


@scenario("n-plus-one", "lookup", why="selectinload on one object at a time is no eager loading")
def eager_loading_of_one_object_at_a_time():
    with Session() as session:
        keys = session.scalars(select(Shipment.id)).all()  # place: origin
        counts = []
        for key in keys:  # place: loop
            one = select(Shipment).where(Shipment.id == key).options(selectinload(Shipment.parcels))
            counts.append(len(session.scalars(one).one().parcels))  # place: access
        return counts


@scenario("n-plus-one", "relation", why="the rows come from textual SQL, their parcels one relation at a time")
def parcels_of_rows_from_textual_sql():
    with Session() as session:
        heavy = select(Shipment).from_statement(text("SELECT * FROM shipment WHERE weight > 0 ORDER BY id"))
        shipments = session.scalars(heavy).all()  # place: origin
        return [sum(parcel.weight for parcel in shipment.parcels) for shipment in shipments]  # place: loop access


@scenario("n-plus-one", "relation", why="whether one tag is among a shipment's tags loads all of them, once a row")
def shipments_that_carry_one_tag():
    with Session() as session:
        wanted = session.scalars(select(Tag).where(Tag.name == "tag-1")).one()
        marked = []
        for shipment in session.scalars(select(Shipment)).all():  # place: loop origin
            if wanted in shipment.tags:  # place: access
                marked.append(shipment.reference)
        return marked


@scenario("n-plus-one", "aggregate", why="a count through the join table for each shipment")
def tags_counted_for_each_shipment():
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        counts = {}
        for shipment in shipments:  # place: loop
            tags = select(func.count()).select_from(shipment_tag).where(shipment_tag.c.shipment_id == shipment.id)
            counts[shipment.reference] = session.scalar(tags)  # place: access
        return counts


@scenario("n-plus-one", "aggregate", why="a part of the relation is counted for each customer")
def late_shipments_counted_for_each_customer():
    def late(customer):
        own = session.query(Shipment).filter_by(customer_id=customer.id, status="late")
        return own.count()  # place: access

    with Session() as session:
        customers = session.query(Customer).order_by(Customer.name).all()  # place: origin
        return [(customer.name, late(customer)) for customer in customers]  # place: loop


@scenario("n-plus-one", "lookup", why="get() by a key of two columns, one row at a time")
def stop_by_composite_key():
    with Session() as session:
        keys = session.execute(select(Stop.shipment_id, Stop.depot_id)).all()  # place: origin
        positions = []
        for shipment_id, depot_id in keys:  # place: loop
            positions.append(session.get(Stop, (shipment_id, depot_id)).position)  # place: access
        return positions


@scenario("n-plus-one", "relation", why="the whole loop runs in a greenlet, which has a context of its own")
def loop_inside_a_greenlet():
    def weigh():
        with Session() as session:
            shipments = session.scalars(select(Shipment)).all()  # place: origin
            return [sum(parcel.weight for parcel in shipment.parcels) for shipment in shipments]  # place: loop access

    return greenlet(weigh).switch()


@scenario(
    "write-n-plus-one", "update", why="a free name is asked for and written one by one; an IN query and one UPDATE do"
)
def unique_names_checked_and_updated_one_by_one():
    with Session() as session:
        tags = session.execute(select(Tag.id, Tag.name)).all()  # place: origin
        for key, name in tags:  # place: loop
            taken = session.scalar(select(exists().where(Tag.name == f"{name}!", Tag.id != key)))
            if not taken:
                session.execute(update(Tag).where(Tag.id == key).values(name=f"{name}!"))  # place: access
        session.commit()
        return len(tags)


@scenario("look-alike", why="two objects, one asked before a loop of one pass and the other in it, on one line")
def one_pass_of_a_loop_beside_the_same_question():
    def parcels(key):
        return session.scalars(select(Parcel.weight).where(Parcel.shipment_id == key)).all()

    with Session() as session:
        newest = session.scalar(select(func.max(Shipment.id)))
        return [parcels(newest), *(parcels(oldest) for oldest in (1,))]


@scenario("look-alike", why="two paths lead to parcels: two queries of one shape, each for the whole set")
def one_table_loaded_along_two_paths():
    with Session() as session:
        siblings = selectinload(Shipment.customer).selectinload(Customer.shipments).selectinload(Shipment.parcels)
        late = select(Shipment).where(Shipment.status == "late").options(selectinload(Shipment.parcels), siblings)
        return [
            (len(shipment.parcels), sum(len(each.parcels) for each in shipment.customer.shipments))
            for shipment in session.scalars(late).all()
        ]


@scenario("look-alike", why="UNION ALL asks for four customers a statement: already set-based")
def lookups_joined_by_union_all():
    with connect() as connection:
        keys = connection.scalars(select(Customer.id).order_by(Customer.id)).all()
        emails = []
        for start in range(0, len(keys), 4):
            each = [select(Customer.id, Customer.email).where(Customer.id == key) for key in keys[start : start + 4]]
            emails += [tuple(row) for row in connection.execute(union_all(*each))]
        return sorted(emails)


@scenario("look-alike", why="each parcel finds its shipment in the session, which has loaded it")
def parents_known_from_the_eager_load():
    with Session() as session:
        shipments = session.scalars(select(Shipment).options(selectinload(Shipment.parcels))).all()
        return [f"{parcel.id} of {parcel.shipment.reference}" for each in shipments for parcel in each.parcels]


@scenario("look-alike", why="length, emptiness and membership are read off collections that were loaded together")
def questions_answered_by_the_eager_load():
    with Session() as session:
        wanted = session.scalars(select(Tag).where(Tag.name == "tag-1")).one()
        shipments = session.scalars(select(Shipment).options(selectinload(Shipment.tags))).all()
        return [(len(each.tags), bool(each.tags), wanted in each.tags) for each in shipments]


@scenario("look-alike", why="an empty foreign key is known to be empty: no query follows it")
def empty_foreign_keys():
    with Session() as session:
        session.execute(update(Depot).values(parent_id=None))
        return [(depot.name, depot.parent) for depot in session.scalars(select(Depot).order_by(Depot.id)).all()]


@scenario("look-alike", why="two objects that were just made: one knows its parent, the other lists its only child")
def objects_made_and_read_at_once():
    with Session() as session:
        yard = Depot(name="yard", free_slots=4)
        session.add(yard)
        session.commit()
        shed = Depot(name="shed", free_slots=1, parent=yard)
        session.add(shed)
        session.commit()
        return shed.parent.name, [child.name for child in yard.children]
