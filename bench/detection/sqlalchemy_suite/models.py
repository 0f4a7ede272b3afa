"""The freight company: customers, shipments with parcels, depots, vehicles and the papers around them."""

from sqlalchemy import Column, ForeignKey, String, Table, Text, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    column_property,
    mapped_column,
    object_session,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Country(Base):
    __tablename__ = "country"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[str]


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    country_id: Mapped[int] = mapped_column(ForeignKey("country.id"))

    country: Mapped[Country] = relationship()
    account: Mapped["Account"] = relationship(back_populates="customer")
    shipments: Mapped[list["Shipment"]] = relationship(back_populates="customer", order_by="Shipment.id")

    @hybrid_property
    def total_weight(self):
        weights = select(func.sum(Shipment.weight)).where(Shipment.customer_id == self.id)
        return object_session(self).scalar(weights)  # place[total_weight_hybrid_per_customer]: access

    @total_weight.inplace.expression
    @classmethod
    def _total_weight_expression(cls):
        return select(func.sum(Shipment.weight)).where(Shipment.customer_id == cls.id).scalar_subquery()


class Account(Base):
    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), unique=True)
    balance: Mapped[int]

    customer: Mapped[Customer] = relationship(back_populates="account")


class Depot(Base):
    __tablename__ = "depot"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    free_slots: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("depot.id"))

    children: Mapped[list["Depot"]] = relationship(back_populates="parent", order_by="Depot.id")
    parent: Mapped["Depot | None"] = relationship(back_populates="children", remote_side=[id])


class Vehicle(Base):
    __tablename__ = "vehicle"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "vehicle"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    plate: Mapped[str]


class Truck(Vehicle):
    __tablename__ = "truck"
    __mapper_args__ = {"polymorphic_identity": "truck"}

    id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    axles: Mapped[int]


class Van(Vehicle):
    __tablename__ = "van"
    __mapper_args__ = {"polymorphic_identity": "van"}

    id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    volume: Mapped[int]


class Driver(Base):
    __tablename__ = "driver"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    licence: Mapped["Licence"] = relationship(back_populates="driver")


class Licence(Base):
    __tablename__ = "licence"

    id: Mapped[int] = mapped_column(primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("driver.id"), unique=True)
    number: Mapped[str]

    driver: Mapped[Driver] = relationship(back_populates="licence")


shipment_tag = Table(
    "shipment_tag",
    Base.metadata,
    Column("shipment_id", ForeignKey("shipment.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Shipment(Base):
    __tablename__ = "shipment"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    day: Mapped[int]
    weight: Mapped[int]
    label_text: Mapped[str] = mapped_column(Text, deferred=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

    customer: Mapped[Customer] = relationship(back_populates="shipments")
    parcels: Mapped[list["Parcel"]] = relationship(
        back_populates="shipment", cascade="all, delete-orphan", order_by="Parcel.id"
    )
    tags: Mapped[list[Tag]] = relationship(secondary=shipment_tag, order_by=Tag.id)
    stops: Mapped[list["Stop"]] = relationship(
        back_populates="shipment", order_by="Stop.position", passive_deletes="all"
    )
    depots: AssociationProxy[list[Depot]] = association_proxy("stops", "depot")
    remarks: DynamicMapped["Remark"] = relationship(passive_deletes="all")
    events: WriteOnlyMapped["TrackingEvent"] = relationship(passive_deletes="all")

    def __str__(self):
        return f"{self.reference} for {self.customer.name}"  # place[log_line_of_each_shipment]: access

    @property
    def is_heavy(self):
        return sum(parcel.weight for parcel in self.parcels) > 50  # place[heavy_shipments_filtered_by_property]: access

    @property
    def last_remark(self):
        newest = select(Remark.text).where(Remark.shipment_id == self.id).order_by(Remark.id.desc()).limit(1)
        return object_session(self).scalar(newest)  # place[last_remark_property_per_shipment]: access


class Parcel(Base):
    __tablename__ = "parcel"

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    weight: Mapped[int]

    shipment: Mapped[Shipment] = relationship(back_populates="parcels")
    product: Mapped["Product"] = relationship()


class Product(Base):
    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    price: Mapped[int]


class Stop(Base):
    __tablename__ = "stop"

    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"), primary_key=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"), primary_key=True)
    position: Mapped[int]

    shipment: Mapped[Shipment] = relationship(back_populates="stops")
    depot: Mapped[Depot] = relationship()


class Remark(Base):
    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    text: Mapped[str]


class TrackingEvent(Base):
    __tablename__ = "tracking_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    code: Mapped[str]


class Tariff(Base):
    __tablename__ = "tariff"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[int]
    price: Mapped[int]


class Message(Base):
    """The outbox: what other systems still have to hear."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    payload: Mapped[str]


class Setting(Base):
    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class AuditEntry(Base):
    """Who did what to which object; `subject_kind` names the table, so there is no foreign key."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    action: Mapped[str]


class Sensor(Base):
    __tablename__ = "sensor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    readings: Mapped[list["Reading"]] = relationship(back_populates="sensor")


class Reading(Base):
    __tablename__ = "reading"

    id: Mapped[int] = mapped_column(primary_key=True)
    sensor_id: Mapped[int] = mapped_column(ForeignKey("sensor.id"))
    celsius: Mapped[int]

    sensor: Mapped[Sensor] = relationship(back_populates="readings")


Customer.shipment_count = column_property(
    select(func.count(Shipment.id))
    .where(Shipment.customer_id == Customer.id)
    .correlate_except(Shipment)
    .scalar_subquery(),
    deferred=True,
)
