"""Walks over the category tree."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Category
from storefront.schemas import CategoryNode


async def node_of(category: Category) -> CategoryNode:
    """A category with everything below it."""
    children = [await node_of(child) for child in await category.awaitable_attrs.children]
    return CategoryNode(name=category.name, slug=category.slug, children=children)


async def ids_below(session: AsyncSession, root: Category) -> list[int]:
    """The ids of a category and everything below it, collected one level at a time."""
    found = [root.id]
    level = [root.id]
    while level:
        below = select(Category.id).where(Category.parent_id.in_(level))
        level = list(await session.scalars(below))
        found.extend(level)
    return found
