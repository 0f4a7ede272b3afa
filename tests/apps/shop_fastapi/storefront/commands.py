"""The shop's commands: `python -m storefront COMMAND`."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import inspect

from storefront import database
from storefront.jobs.crm import sync_crm
from storefront.jobs.exports import export_orders, export_products
from storefront.jobs.imports import import_prices, import_stock
from storefront.jobs.newsletter import send_newsletter
from storefront.jobs.outbox import deliver_outbox
from storefront.jobs.payments import StillPendingError, settle_payment
from storefront.jobs.ratings import refresh_ratings
from storefront.jobs.reminders import send_reminders
from storefront.sample_data import empty, fill, is_empty

DEFAULT_ROWS = 24
FEWEST_ROWS = 3
JOBS: dict[str, Callable[[], Awaitable[str]]] = {
    "send-reminders": send_reminders,
    "send-newsletter": send_newsletter,
    "deliver-outbox": deliver_outbox,
    "refresh-ratings": refresh_ratings,
    "sync-crm": sync_crm,
    "export-orders": export_orders,
    "export-products": export_products,
}
IMPORTS: dict[str, Callable[[Path], Awaitable[str]]] = {
    "import-prices": import_prices,
    "import-stock": import_stock,
}


class CommandError(Exception):
    """The command cannot do what it was asked for."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m storefront")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("create-tables", help="make the tables that are missing")
    seed = commands.add_parser("seed", help="fill the database with a made-up shop")
    seed.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    seed.add_argument("--flush", action="store_true", help="empty the database before")
    commands.add_parser("exercise", help="visit every page and API and run every job once")
    for name, job in JOBS.items():
        commands.add_parser(name, help=job.__doc__)
    for name, reader in IMPORTS.items():
        commands.add_parser(name, help=reader.__doc__).add_argument("file", type=Path)
    payment = commands.add_parser("settle-payment", help=settle_payment.__doc__)
    payment.add_argument("reference")
    return top


def main(arguments: list[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    try:
        asyncio.run(_run(chosen))
    except (CommandError, StillPendingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(chosen: argparse.Namespace) -> None:
    try:
        await _dispatch(chosen)
    finally:
        await database.engine.dispose()


async def _dispatch(chosen: argparse.Namespace) -> None:
    name: str = chosen.command
    if name == "create-tables":
        await database.create_tables()
    elif name == "seed":
        await seed(chosen.rows, flush=chosen.flush)
    elif name == "exercise":
        await exercise()
    elif name == "settle-payment":
        print(await settle_payment(chosen.reference), file=sys.stderr)
    elif name in IMPORTS:
        print(await IMPORTS[name](chosen.file), file=sys.stderr)
    else:
        print(await JOBS[name](), file=sys.stderr)


async def seed(rows: int = DEFAULT_ROWS, *, flush: bool = False) -> None:
    if rows < FEWEST_ROWS:
        msg = f"--rows must be at least {FEWEST_ROWS}, got {rows}"
        raise CommandError(msg)
    async with database.new_session() as session:
        if flush:
            await empty(session)
        if not await is_empty(session):
            msg = "the database is not empty; --flush empties it"
            raise CommandError(msg)
        await fill(session, rows)
        await session.commit()
    print(f"filled the shop with {rows} products, customers and orders")


async def exercise() -> None:
    """Visit every page and API and run every job once, on an empty database too."""
    from storefront.walk import walk

    await _prepare()
    count = 0
    started = time.perf_counter()
    async for step in walk():
        begun = time.perf_counter()
        outcome = await step.run()
        spent_ms = (time.perf_counter() - begun) * 1000
        print(f"{step.label:35} {spent_ms:7.1f} ms  {outcome}")
        count += 1
    print(f"{count} steps in {time.perf_counter() - started:.1f} s")


async def _prepare() -> None:
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    if "products" not in tables:
        print("no tables yet: making them")
        await database.create_tables()
    async with database.new_session() as session:
        unfilled = await is_empty(session)
    if unfilled:
        await seed()
