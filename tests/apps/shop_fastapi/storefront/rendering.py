"""Pages out of Jinja templates."""

from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.ext.asyncio import AsyncSession

templates = Jinja2Templates(Path(__file__).parent / "templates")


def money(cents: int) -> str:
    return f"{cents / 100:.2f}"


templates.env.filters["money"] = money


async def render(
    session: AsyncSession, request: Request, template: str, **context: Any
) -> Response:
    """Render where the session may wait for the database: templates follow relations, too."""
    return await session.run_sync(
        lambda _: templates.TemplateResponse(request, f"{template}.html.jinja", context)
    )
