"""What differs between machines, read from SHOP_* variables."""

import os
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A variable holds something that the shop cannot use."""


@dataclass(frozen=True)
class Settings:
    database_url: str
    """In the form that SQLAlchemy's asyncio extension wants."""
    staff_token: str
    """What the staff's programs send as X-Staff-Token."""


def asynchronous(url: str) -> str:
    """Name the driver in a plain ``sqlite:`` or ``postgresql:`` URL."""
    scheme, colon, rest = url.partition("://")
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    drivers["postgres"] = drivers["postgresql"]
    if not colon or scheme not in drivers or not rest.strip("/"):
        msg = (
            f"SHOP_DATABASE_URL must be sqlite:///FILE or postgresql://USER@HOST/NAME, got {url!r}"
        )
        raise SettingsError(msg)
    return f"{drivers[scheme]}://{rest}"


def load() -> Settings:
    url = os.environ.get("SHOP_DATABASE_URL") or f"sqlite:///{BASE_DIR / 'shop.sqlite3'}"
    return Settings(
        database_url=asynchronous(url), staff_token=os.environ.get("SHOP_STAFF_TOKEN", "staff")
    )
