"""The one way in which services write."""

from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Base

Entity = TypeVar("Entity", bound=Base)


async def save(session: AsyncSession, entity: Entity) -> Entity:
    """Send a new object to the database, so that its key is known. The caller commits."""
    session.add(entity)
    await session.flush()
    return entity
