"""N+1 behind a web framework: templates, serialisers, response models, resolvers."""

import httpx
from sqlalchemy import select

from bench.detection.scenario import scenario

from .database import Session
from .fastapi_app import api
from .flask_app import app
from .graphql_schema import schema
from .models import Shipment
from .serializers import ShipmentSerializer
from .templating import render


def client():
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://freight.example")


@scenario("n-plus-one", "relation", why="the template prints the customer of each shipment")
def jinja_template_loop():
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        return render("shipments.html", shipments=shipments)


@scenario("n-plus-one", "relation", why="a macro counts the shipments of each customer of the page")
def flask_view_with_template_macro():
    return app.test_client().get("/customers").text


@scenario("n-plus-one", "relation", why="the view's dict helper loads the licence of each driver")
def flask_json_view():
    return app.test_client().get("/drivers.json").json


@scenario("n-plus-one", "relation", why="pydantic reads the parcels of each object, and nothing loaded them")
async def fastapi_validate_in_endpoint():
    async with client() as browser:
        return (await browser.get("/shipments")).json()


@scenario("n-plus-one", "relation", why="serialising the response loads a country for each customer")
async def fastapi_response_model():
    async with client() as browser:
        # The endpoint has returned: of the application's own lines only the caller's is still at work.
        return (await browser.get("/customers")).json()  # place: loop access


@scenario("n-plus-one", "relation", why="awaitable_attrs makes the lazy load legal, not cheap")
async def fastapi_awaitable_attrs():
    async with client() as browser:
        return (await browser.get("/tags-in-use")).json()


@scenario("n-plus-one", "lookup", why="the field's resolver runs for each customer and asks the database itself")
def graphql_resolver_for_each_item():
    with Session() as session:
        query = "{ customers { name account { balance } } }"
        result = schema.execute_sync(query, context_value={"session": session})  # place: loop
        assert result.errors is None
        return result.data


@scenario("n-plus-one", "relation", why="declared fields name relations, and dump follows them for each object")
def declared_fields_serializer():
    with Session() as session:
        shipments = session.scalars(select(Shipment).order_by(Shipment.id)).all()  # place: origin
        return ShipmentSerializer().dump(shipments, many=True)
