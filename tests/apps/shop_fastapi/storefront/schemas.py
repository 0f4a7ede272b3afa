"""What the API answers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TagOut(Schema):
    name: str


class ImageOut(Schema):
    path: str


class ProductOut(Schema):
    sku: str
    name: str
    price_cents: int
    images: list[ImageOut]
    tags: list[TagOut]
    average_rating: float | None = None


class SupplierProductOut(Schema):
    sku: str
    name: str


class SupplierOut(Schema):
    name: str
    country: str
    products: list[SupplierProductOut]


class OrderLineOut(Schema):
    product_name: str
    quantity: int
    unit_price_cents: int


class OrderCustomerOut(Schema):
    name: str


class OrderOut(Schema):
    number: str
    status: str
    placed_at: datetime
    customer: OrderCustomerOut
    lines: list[OrderLineOut]


class LoyaltyOut(Schema):
    tier: str
    points: int


class CustomerOut(Schema):
    name: str
    email: str
    loyalty: LoyaltyOut | None
    last_order_at: datetime | None


class TickerEntry(BaseModel):
    number: str
    customer: str


class CategoryNode(BaseModel):
    name: str
    slug: str
    children: list["CategoryNode"]


class ShelfReport(BaseModel):
    sku: str
    units: int


class PricedLine(BaseModel):
    name: str
    quantity: int
    gross_cents: int


class CartOut(BaseModel):
    lines: list[PricedLine]
    total_cents: int


class PlacedOrder(BaseModel):
    number: str
