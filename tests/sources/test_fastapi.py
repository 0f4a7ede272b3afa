"""A response model that loads relations after the endpoint has returned."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

import ennead


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship()


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    author: AuthorOut


def application(folder: Path) -> FastAPI:
    engine = create_engine(f"sqlite:///{folder / 'books.sqlite3'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Book(author=Author(name=f"author {number}")) for number in range(4))
        session.commit()
    session = Session(engine)
    app = FastAPI()

    @app.get("/books", response_model=list[BookOut])
    async def list_books() -> object:
        return session.scalars(select(Book)).all()

    @app.get("/called", response_model=list[BookOut])
    def list_books_in_a_thread() -> object:
        return session.scalars(select(Book)).all()

    @app.get("/one", response_model=BookOut)
    async def one_book() -> object:
        return session.scalars(select(Book).limit(1)).one()

    return app


def findings_of(app: FastAPI, path: str) -> tuple[ennead.Finding, ...]:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert (await client.get(path)).status_code == 200

    with ennead.profile("request") as session:
        asyncio.run(ask())
    return session.findings


@pytest.mark.parametrize(
    ("path", "name", "source"),
    [
        ("/books", "list_books", "async def list_books() -> object:"),
        ("/called", "list_books_in_a_thread", "def list_books_in_a_thread() -> object:"),
    ],
)
def test_the_endpoint_stands_for_its_response_model(tmp_path: Path, path: str, name: str, source: str) -> None:
    (finding,) = findings_of(application(tmp_path), path)
    site = finding.call_site
    assert (finding.relation, finding.query_count, finding.origin_row_count) == ("Book.author", 4, 4)
    assert site is not None
    function = f"application.<locals>.{name}"
    assert (site.function, site.source, site.note) == (function, source, f"response of {function}")
    assert finding.origin is not None
    assert finding.origin.source == "return session.scalars(select(Book)).all()"


def test_a_response_of_one_object_is_none(tmp_path: Path) -> None:
    assert findings_of(application(tmp_path), "/one") == ()
