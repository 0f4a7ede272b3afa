"""Graphene over SQLAlchemy's own objects, called and awaited; a session of its own for each operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import Recording, call_inside
from tests.sources.elsewhere import only_in
from tests.sources.stories import Story, findings_of, observed, stories_of

pytest.importorskip("graphene", reason=only_in("graphene"))

import graphene

AUTHORS, BOOKS = 4, 8


class Base(DeclarativeBase):
    pass


class AuthorRow(Base):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list[BookRow]] = relationship(back_populates="author")


class BookRow(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[AuthorRow] = relationship(back_populates="books")


class Author(graphene.ObjectType):
    name = graphene.String()
    written_books = graphene.List(lambda: Book)

    def resolve_written_books(self, info: Any) -> Any:
        return self.books


class Book(graphene.ObjectType):
    id = graphene.Int()
    author = graphene.Field(Author)


class Query(graphene.ObjectType):
    books = graphene.List(Book)
    eager_books = graphene.List(Book)
    authors = graphene.List(Author)
    late_books = graphene.List(Book)

    def resolve_books(self, info: Any) -> Any:
        return info.context["session"].scalars(select(BookRow))

    def resolve_eager_books(self, info: Any) -> Any:
        return info.context["session"].scalars(select(BookRow).options(selectinload(BookRow.author)))

    def resolve_authors(self, info: Any) -> Any:
        return info.context["session"].scalars(select(AuthorRow)).all()

    async def resolve_late_books(self, info: Any) -> Any:
        await asyncio.sleep(0)
        return info.context["session"].scalars(select(BookRow)).all()


SCHEMA = graphene.Schema(query=Query)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Any]:
    engine = create_engine(f"sqlite:///{tmp_path / 'books.sqlite3'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(AUTHORS):
            books = [BookRow() for _ in range(BOOKS // AUTHORS)]
            session.add(AuthorRow(name=f"author {number}", books=books))
        session.commit()
    yield engine
    engine.dispose()


def _called(query: str, session: Session) -> Any:
    return SCHEMA.execute(query, context={"session": session})


def _awaited(query: str, session: Session) -> Any:
    return asyncio.run(SCHEMA.execute_async(query, context={"session": session}))


def _answered(engine: Any, query: str, ask: Callable[[str, Session], Any] = _called) -> UnitOfWork:
    def work() -> None:
        with Session(engine) as session:
            assert ask(query, session).errors is None

    with observed(), Recording("operation", "script", explicit=True) as recording:
        call_inside(work)
    assert recording.unit is not None
    return recording.unit


LOOP, ORIGIN = "def resolve_books(self, info: Any) -> Any:", 'return info.context["session"].scalars(select(BookRow))'


@pytest.mark.parametrize("ask", [_called, _awaited])
def test_a_field_without_a_resolver(engine: Any, ask: Callable[[str, Session], Any]) -> None:
    unit = _answered(engine, "{ books { id author { name } } }", ask)
    access = "author = graphene.Field(Author)"
    assert stories_of(unit) == [Story("BookRow.author", AUTHORS, BOOKS, ORIGIN, LOOP, access)]
    (finding,) = findings_of(unit)
    assert finding.call_site is not None
    assert finding.call_site.note == "GraphQL field Query.books.author"


def test_a_resolver_for_each_row(engine: Any) -> None:
    unit = _answered(engine, "{ authors { writtenBooks { id } } }")
    assert stories_of(unit) == [
        Story(
            "AuthorRow.books",
            AUTHORS,
            AUTHORS,
            'return info.context["session"].scalars(select(AuthorRow)).all()',
            "def resolve_authors(self, info: Any) -> Any:",
            "return self.books",
        )
    ]


def test_below_a_resolver_that_is_awaited(engine: Any) -> None:
    (found,) = stories_of(_answered(engine, "{ lateBooks { author { name } } }", _awaited))
    assert found == Story(
        "BookRow.author",
        AUTHORS,
        BOOKS,
        'return info.context["session"].scalars(select(BookRow)).all()',
        "async def resolve_late_books(self, info: Any) -> Any:",
        "author = graphene.Field(Author)",
    )


@pytest.mark.parametrize("ask", [_called, _awaited])
def test_an_eager_load_is_silent(engine: Any, ask: Callable[[str, Session], Any]) -> None:
    unit = _answered(engine, "{ eagerBooks { id author { name } } }", ask)
    assert len(unit.hits) == 2
    assert stories_of(unit) == []
