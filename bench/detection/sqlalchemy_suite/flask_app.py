"""The pages for the office."""

from flask import Flask, jsonify, render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from .database import Session
from .models import Customer, Driver, Shipment

app = Flask(__name__, template_folder="templates")


@app.get("/customers")
def customers_page():
    with Session() as session:
        query = select(Customer).order_by(Customer.id)
        customers = session.scalars(query).all()  # place[flask_view_with_template_macro]: origin
        return render_template("customers.html", customers=customers)


@app.get("/drivers.json")
def drivers_as_json():
    with Session() as session:
        drivers = session.scalars(select(Driver)).all()  # place[flask_json_view]: origin
        return jsonify([driver_to_dict(driver) for driver in drivers])  # place[flask_json_view]: loop


def driver_to_dict(driver):
    return {"name": driver.name, "licence": driver.licence.number}  # place[flask_json_view]: access


@app.get("/shipments")
def shipments_page():
    with Session() as session:
        shipments = session.scalars(select(Shipment).options(joinedload(Shipment.customer))).all()
        return render_template("shipments.html", shipments=shipments)


@app.get("/shipments/<int:shipment_id>")
def shipment_page(shipment_id):
    with Session() as session:
        shipment = session.get(Shipment, shipment_id)
        return jsonify({"reference": shipment.reference, "weight": shipment.weight})
