"""Runs the migrations against the shop's own engine. Needs `pip install alembic`."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from storefront.database import engine
from storefront.models import Base


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
