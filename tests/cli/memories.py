"""A project whose memory has three runs: recurring, fixed, back, and what verdicts are about."""

from pathlib import Path

from ennead.store.database import Database
from ennead.store.memory import FILE_NAME, Memory
from ennead.store.remembering import remember
from tests.store.conftest import finding, run, seen

CUSTOMER = finding()
LINES = finding("shop.Order.lines")
TAGS = finding("shop.Product.tags")


def remembered(folder: Path) -> Memory:
    """The memory of the project in a folder."""
    (folder / ".ennead").mkdir()
    memory = Memory(Database(f"sqlite:///{folder / '.ennead' / FILE_NAME}"), ".")
    remember(memory, run(0, seen(CUSTOMER), seen(LINES), seen(TAGS), queries=60))
    remember(memory, run(1, seen(CUSTOMER), queries=40))
    remember(memory, run(2, seen(CUSTOMER), seen(TAGS), queries=52))
    return memory
