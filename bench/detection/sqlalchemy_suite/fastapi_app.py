"""The HTTP API."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header
from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import selectinload

from .database import AsyncSessions, Session
from .models import Customer, Shipment, Tag
from .schemas import CustomerOut, Page, ShipmentLine, ShipmentOut

api = FastAPI()
PAGE_SIZE = 4


def open_session():
    with Session() as session:
        yield session


async def open_async_session():
    async with AsyncSessions() as session:
        yield session


DbSession = Annotated[OrmSession, Depends(open_session)]
AsyncDbSession = Annotated[object, Depends(open_async_session)]


@api.get("/shipments")
def list_shipments(session: DbSession) -> list[ShipmentOut]:
    query = select(Shipment).order_by(Shipment.id)
    shipments = session.scalars(query).all()  # place[fastapi_validate_in_endpoint]: origin
    return [ShipmentOut.model_validate(each) for each in shipments]  # place[fastapi_validate_in_endpoint]: loop access


@api.get("/customers", response_model=list[CustomerOut])
async def list_customers(session: DbSession):
    return session.scalars(select(Customer).order_by(Customer.id)).all()  # place[fastapi_response_model]: origin


@api.get("/tags-in-use")
async def list_tags_in_use(session: AsyncDbSession) -> dict[str, list[str]]:
    shipments = (await session.scalars(select(Shipment))).all()  # place[fastapi_awaitable_attrs]: origin
    used = {}
    for shipment in shipments:  # place[fastapi_awaitable_attrs]: loop
        tags = await shipment.awaitable_attrs.tags  # place[fastapi_awaitable_attrs]: access
        used[shipment.reference] = [tag.name for tag in tags]
    return used


@api.get("/shipments/eager")
def list_shipments_eagerly(session: DbSession) -> list[ShipmentOut]:
    return session.scalars(select(Shipment).options(selectinload(Shipment.parcels))).all()


@api.get("/shipments/page")
def page_of_shipments(session: DbSession, after: int = 0) -> Page:
    total = session.scalar(select(func.count()).select_from(Shipment))
    query = select(Shipment).where(Shipment.id > after).order_by(Shipment.id).limit(PAGE_SIZE)
    items = [ShipmentLine.model_validate(each) for each in session.scalars(query)]
    return Page(total=total, items=items, next_after=items[-1].id if len(items) == PAGE_SIZE else None)


def signed_in(session: DbSession, email: Annotated[str, Header(alias="x-user")]) -> Customer:
    return session.scalars(select(Customer).where(Customer.email == email)).one()


SignedIn = Annotated[Customer, Depends(signed_in)]


@api.get("/me")
def me(customer: SignedIn) -> dict[str, str]:
    return {"name": customer.name}


@api.get("/tags")
def tags(session: DbSession, customer: SignedIn) -> list[str]:
    return session.scalars(select(Tag.name)).all()


@api.get("/late")
def late(session: DbSession, customer: SignedIn) -> list[str]:
    return session.scalars(select(Shipment.reference).where(Shipment.status == "late")).all()
