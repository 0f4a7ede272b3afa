from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select

from storefront.database import SessionDep
from storefront.models import StaffNote
from storefront.rendering import render
from storefront.security import staff_only
from storefront.services.notes import target_title, target_titles

router = APIRouter(tags=["desk"], dependencies=[Depends(staff_only)])

NOTES_SHOWN = 100


@router.get("/notes")
async def note_feed(request: Request, session: SessionDep) -> Response:
    newest_first = select(StaffNote).order_by(StaffNote.created_at.desc(), StaffNote.id.desc())
    notes = await session.scalars(newest_first.limit(NOTES_SHOWN))
    entries = [(note, await target_title(session, note)) for note in notes]
    return await render(session, request, "notes", entries=entries)


@router.get("/notes/by/{author}")
async def notes_by(request: Request, session: SessionDep, author: str) -> Response:
    wanted = select(StaffNote).where(StaffNote.author == author).order_by(StaffNote.id)
    notes = (await session.scalars(wanted)).all()
    titles = await target_titles(session, notes)
    entries = [(note, titles[note.target_type, note.target_id]) for note in notes]
    return await render(session, request, "notes", entries=entries)
