"""Staff notes and what they are about."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Customer, Order, StaffNote

TARGETS: dict[str, type[Customer | Order]] = {"customer": Customer, "order": Order}


def title_of(target: Customer | Order) -> str:
    return target.name if isinstance(target, Customer) else target.number


async def target_title(session: AsyncSession, note: StaffNote) -> str:
    model: type[Customer | Order] = TARGETS[note.target_type]
    return title_of(await session.get_one(model, note.target_id))


async def target_titles(
    session: AsyncSession, notes: Sequence[StaffNote]
) -> dict[tuple[str, int], str]:
    """The titles of many notes' targets, fetched type by type."""
    keys_of: dict[str, set[int]] = defaultdict(set)
    for note in notes:
        keys_of[note.target_type].add(note.target_id)
    titles = {}
    for kind, keys in keys_of.items():
        model: type[Customer | Order] = TARGETS[kind]
        of_kind: Select[Any] = select(model).where(model.id.in_(keys))
        for target in await session.scalars(of_kind):
            titles[kind, target.id] = title_of(target)
    return titles
