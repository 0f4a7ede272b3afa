"""The two demo shops: where they are and how they are started."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Shop:
    name: str
    folder: Path
    probe: Path
    entry: tuple[str, ...]
    """Arguments to Python that stand before a command's name."""
    make_tables: str
    """The command that makes the tables."""

    def preparation(self, rows: int) -> list[list[str]]:
        """The commands that make and fill the database."""
        return [[*self.entry, self.make_tables], [*self.entry, "seed", "--rows", str(rows)]]

    def environment(self, database_url: str) -> dict[str, str]:
        """Variables for its processes: its own settings only, and no compiled files left in the folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "DJANGO_", "PYTEST_"))}
        return {**kept, "SHOP_DATABASE_URL": database_url, "PYTHONDONTWRITEBYTECODE": "1"}


DJANGO = Shop("django", HERE / "shop_django", HERE / "probes/django_walk.py", ("manage.py",), "migrate")
FASTAPI = Shop("fastapi", HERE / "shop_fastapi", HERE / "probes/fastapi_walk.py", ("-m", "storefront"), "create-tables")
