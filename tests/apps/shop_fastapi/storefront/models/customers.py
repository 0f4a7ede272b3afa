from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from storefront.models.base import Base, utc_now

if TYPE_CHECKING:
    from storefront.models.catalogue import Review
    from storefront.models.orders import Cart, Order


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    newsletter: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime] = mapped_column(default=utc_now)
    synced_at: Mapped[datetime | None]

    loyalty: Mapped[LoyaltyAccount | None] = relationship(back_populates="customer")
    addresses: Mapped[list[Address]] = relationship(
        back_populates="customer", order_by="Address.id"
    )
    cart: Mapped[Cart | None] = relationship(back_populates="customer")
    orders: WriteOnlyMapped[Order] = relationship(back_populates="customer")
    reviews: WriteOnlyMapped[Review] = relationship(back_populates="customer")


class LoyaltyAccount(Base):
    __tablename__ = "loyalty_accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(default=0)
    tier: Mapped[str] = mapped_column(String(10), default="bronze")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), unique=True)

    customer: Mapped[Customer] = relationship(back_populates="loyalty")


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    street: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2))
    is_default: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)

    customer: Mapped[Customer] = relationship(back_populates="addresses")
