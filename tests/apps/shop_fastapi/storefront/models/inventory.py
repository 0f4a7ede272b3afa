from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.models.base import Base

if TYPE_CHECKING:
    from storefront.models.catalogue import Product


class Region(StrEnum):
    """Where a warehouse stands: a fixed list, each with customs and carriers of its own."""

    EUROPE = "eu"
    AMERICAS = "am"
    ASIA_PACIFIC = "ap"


class Warehouse(Base):
    __tablename__ = "warehouses"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    region: Mapped[str] = mapped_column(String(2))


class StockLevel(Base):
    __tablename__ = "stock_levels"

    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(default=0)
    reorder_point: Mapped[int] = mapped_column(default=5)

    warehouse: Mapped[Warehouse] = relationship()
    product: Mapped[Product] = relationship()
