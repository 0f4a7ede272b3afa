"""Queries that the rest of the application calls by name."""

from sqlalchemy import select

from .models import Customer, Product, Setting, Shipment


class ProductRepository:
    def __init__(self, session):
        self.session = session

    def price_of(self, product_id):
        query = select(Product.price).where(Product.id == product_id)
        return self.session.execute(query).scalar_one()  # place[repository_call_for_each_parcel]: access


class AccessPolicy:
    """Customers see their own shipments and those of customers in the same country."""

    def __init__(self, session, email):
        self.session = session
        self.me = session.scalars(select(Customer).where(Customer.email == email)).one()

    def may_see(self, shipment):
        if shipment.customer_id == self.me.id:
            return True
        owner = select(Customer.country_id).where(Customer.id == shipment.customer_id)
        country_id = self.session.scalar(owner)  # place[permission_check_for_each_shipment]: access
        return country_id == self.me.country_id


def setting(session, key):
    return session.scalar(select(Setting.value).where(Setting.key == key))


def email_is_free(session, email):
    return session.scalar(select(Customer.id).where(Customer.email == email)) is None


def shipments_between(session, first_day, last_day):
    query = select(Shipment.weight).where(Shipment.day >= first_day, Shipment.day < last_day)
    return session.scalars(query).all()
