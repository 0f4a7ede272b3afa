"""What the API sends: pydantic models read from mapped objects."""

from pydantic import BaseModel, ConfigDict


class FromObject(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CountryOut(FromObject):
    code: str
    name: str


class CustomerOut(FromObject):
    id: int
    name: str
    country: CountryOut


class ParcelOut(FromObject):
    id: int
    weight: int


class ShipmentOut(FromObject):
    reference: str
    parcels: list[ParcelOut]


class ShipmentLine(FromObject):
    id: int
    reference: str


class Page(BaseModel):
    total: int
    items: list[ShipmentLine]
    next_after: int | None
