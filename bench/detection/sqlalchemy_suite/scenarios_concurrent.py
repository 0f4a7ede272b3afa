"""N+1 that runs in event loops, greenlets and threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor, as_completed

from sqlalchemy import func, select

from bench.detection.scenario import scenario

from .database import AsyncSessions, Session
from .models import Account, Customer, Parcel, Remark, Shipment, Stop


@scenario("n-plus-one", "relation", why="one awaited collection for each shipment; selectinload awaits once")
async def awaitable_attrs_of_each_row():
    async with AsyncSessions() as session:
        shipments = (await session.scalars(select(Shipment))).all()  # place: origin
        weights = []
        for shipment in shipments:  # place: loop
            parcels = await shipment.awaitable_attrs.parcels  # place: access
            weights.append(sum(parcel.weight for parcel in parcels))
        return weights


@scenario("n-plus-one", "lookup", why="an awaited get() for each id of a list")
async def async_get_for_each_id():
    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Customer.id))).all()  # place: origin
        return [(await session.get(Customer, each)).name for each in ids]  # place: loop access


def names_by_reference(session):
    shipments = session.scalars(select(Shipment)).all()  # place[lazy_loads_inside_run_sync]: origin
    return {each.reference: each.customer.name for each in shipments}  # place[lazy_loads_inside_run_sync]: loop access


@scenario("n-plus-one", "relation", why="run_sync carries the plain lazy loads of synchronous code along")
async def lazy_loads_inside_run_sync():
    async with AsyncSessions() as session:
        return await session.run_sync(names_by_reference)


async def balance_of(customer_id):
    async with AsyncSessions() as session:
        query = select(Account.balance).where(Account.customer_id == customer_id)
        return await session.scalar(query)  # place[gather_with_session_for_each]: access


@scenario("n-plus-one", "lookup", why="gather runs the queries at once, and there is still one for each customer")
async def gather_with_session_for_each():
    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Customer.id))).all()  # place: origin
    return await asyncio.gather(*(balance_of(each) for each in ids))  # place: loop


async def count_parcels(counts, shipment_id):
    async with AsyncSessions() as session:
        query = select(func.count()).where(Parcel.shipment_id == shipment_id)
        counts[shipment_id] = await session.scalar(query)  # place[task_group_for_each_row]: access


@scenario("n-plus-one", "aggregate", why="a task for each shipment counts what GROUP BY would count at once")
async def task_group_for_each_row():
    counts = {}
    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Shipment.id))).all()  # place: origin
    async with asyncio.TaskGroup() as group:
        for shipment_id in ids:  # place: loop
            group.create_task(count_parcels(counts, shipment_id))
    return dict(sorted(counts.items()))


@scenario("n-plus-one", "lookup", why="the stream is asynchronous, the query in its body runs for each row")
async def query_inside_async_for():
    async with AsyncSessions() as rows, AsyncSessions() as lookups:
        newest = {}
        stream = await rows.stream_scalars(select(Shipment.id).order_by(Shipment.id))  # place: origin
        async for shipment_id in stream:  # place: loop
            query = select(func.max(Remark.text)).where(Remark.shipment_id == shipment_id)
            newest[shipment_id] = await lookups.scalar(query)  # place: access
        return newest


@scenario("n-plus-one", "relation", why="refresh with a relation's name is a lazy load spelt out, once for each object")
async def async_refresh_of_relation():
    async with AsyncSessions() as session:
        late = (await session.scalars(select(Shipment).where(Shipment.status == "late"))).all()  # place: origin
        for shipment in late:  # place: loop
            await session.refresh(shipment, attribute_names=["stops"])  # place: access
        return [[stop.depot_id for stop in shipment.stops] for shipment in late]


def first_depot(shipment_id):
    query = select(Stop.depot_id).where(Stop.shipment_id == shipment_id, Stop.position == 0)
    with Session() as session:
        return session.scalar(query)  # place[thread_pool_map_over_ids]: access


@scenario("n-plus-one", "lookup", why="four threads share the work of one query for each id")
def thread_pool_map_over_ids():
    with Session() as session:
        ids = session.scalars(select(Shipment.id)).all()  # place: origin
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(first_depot, ids))  # place: loop


def load_customer(customer_id):
    with Session() as session:
        return session.get(Customer, customer_id).email  # place[futures_for_each_customer]: access


@scenario("n-plus-one", "lookup", why="one future, one session and one query for each customer")
def futures_for_each_customer():
    with Session() as session:
        ids = session.scalars(select(Customer.id)).all()  # place: origin
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(load_customer, each) for each in ids]  # place: loop
        return sorted(future.result() for future in as_completed(futures))


def last_weight(shipment_id):
    query = select(func.max(Parcel.weight)).where(Parcel.shipment_id == shipment_id)
    with Session() as session:
        return session.scalar(query)  # place[to_thread_for_each_row]: access


@scenario("n-plus-one", "aggregate", why="the blocking query moved to a thread, one for each row, one after the other")
async def to_thread_for_each_row():
    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Shipment.id))).all()  # place: origin
    heaviest = []
    for shipment_id in ids:  # place: loop
        heaviest.append(await asyncio.to_thread(last_weight, shipment_id))
    return heaviest
