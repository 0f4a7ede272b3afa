"""Flask-SQLAlchemy: a shop whose views ask through ``db.session``, ``Model.query``, pages and binds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, render_template
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from ennead.agent.unit_of_work import UnitOfWork
from tests.sources.stories import Story, findings_of, observed, stories_of

db = SQLAlchemy()
AUTHORS, BOOKS = 5, 10
PAGE = """<ul>
{% for book in page.items %}
  <li>{{ book.author.name }}</li>
{% endfor %}
</ul>
"""


class Author(db.Model):  # type: ignore[name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(db.Model):  # type: ignore[name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


class Visit(db.Model):  # type: ignore[name-defined]
    __bind_key__ = "statistics"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    (tmp_path / "books.html").write_text(PAGE)
    app = Flask(__name__, template_folder=str(tmp_path))
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    app.config["SQLALCHEMY_BINDS"] = {"statistics": f"sqlite:///{tmp_path / 'statistics.sqlite3'}"}
    db.init_app(app)
    _add_views(app)
    with app.app_context():
        db.create_all()
        for number in range(AUTHORS):
            books = [Book(title=f"book {number}.{copy}") for copy in range(BOOKS // AUTHORS)]
            db.session.add(Author(name=f"author {number}", books=books))
        db.session.commit()
        db.session.add_all(Visit(book_id=key) for key in db.session.scalars(select(Book.id)))
        db.session.commit()
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def _add_views(app: Flask) -> None:
    @app.get("/books/<kind>")
    def books(kind: str) -> Any:
        found = {"session": _by_session, "query": _by_query, "eager": _eagerly}[kind]()
        names: list[str] = []
        for book in found:
            names += [book.author.name]
        return jsonify(names)

    @app.get("/pages/<int:number>")
    def page(number: int) -> str:
        page = db.paginate(select(Book).order_by(Book.id), page=number, per_page=4)
        return render_template("books.html", page=page)

    @app.get("/authors")
    def authors() -> Any:
        return jsonify([len(author.books) for author in Author.query.order_by(Author.name)])

    @app.get("/keys")
    def keys() -> Any:
        keys = db.session.scalars(select(Visit.book_id)).all()
        return jsonify([db.get_or_404(Book, key).title for key in keys])

    @app.get("/statistics")
    def statistics() -> Any:
        books = db.session.scalars(select(Book)).all()
        counts = []
        for book in books:
            visits = select(Visit.id).where(Visit.book_id == book.id)
            counts.append(len(db.session.scalars(visits).all()))
        return jsonify(counts)


def _by_session() -> Any:
    return db.session.scalars(select(Book)).all()


def _by_query() -> Any:
    return Book.query.order_by(Book.title).all()


def _eagerly() -> Any:
    return db.session.scalars(select(Book).options(selectinload(Book.author))).all()


def _answered(app: Flask, path: str) -> UnitOfWork:
    with observed() as units:
        response = app.test_client().get(path)
    assert response.status_code == 200, response.text
    (unit,) = units
    return unit


ACCESS = "names += [book.author.name]"


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        ("session", "return db.session.scalars(select(Book)).all()"),
        ("query", "return Book.query.order_by(Book.title).all()"),
    ],
)
def test_a_relation_in_a_loop(app: Flask, kind: str, origin: str) -> None:
    unit = _answered(app, f"/books/{kind}")
    assert (unit.name, unit.kind) == ("GET /books/<kind>", "request")
    assert stories_of(unit) == [Story("Book.author", AUTHORS, BOOKS, origin, "for book in found:", ACCESS)]


def test_an_eager_load_is_silent(app: Flask) -> None:
    unit = _answered(app, "/books/eager")
    assert len(unit.hits) == 2
    assert stories_of(unit) == []


def test_a_page_in_a_template(app: Flask) -> None:
    unit = _answered(app, "/pages/1")
    assert unit.name == "GET /pages/<int:number>"
    origin = "page = db.paginate(select(Book).order_by(Book.id), page=number, per_page=4)"
    loop, access = "{% for book in page.items %}", "<li>{{ book.author.name }}</li>"
    (finding,) = findings_of(unit)
    assert stories_of(unit) == [Story("Book.author", 2, 4, origin, loop, access)]
    assert finding.call_site is not None
    assert finding.call_site.line == 3


def test_a_collection_in_a_loop(app: Flask) -> None:
    unit = _answered(app, "/authors")
    line = "return jsonify([len(author.books) for author in Author.query.order_by(Author.name)])"
    assert stories_of(unit) == [Story("Author.books", AUTHORS, AUTHORS, line, line, line)]


def test_rows_by_their_keys(app: Flask) -> None:
    (found,) = stories_of(_answered(app, "/keys"))
    line = "return jsonify([db.get_or_404(Book, key).title for key in keys])"
    origin = "keys = db.session.scalars(select(Visit.book_id)).all()"
    assert found == Story(None, BOOKS, BOOKS, origin, line, line)


def test_a_loop_over_one_bind_that_asks_another(app: Flask) -> None:
    unit = _answered(app, "/statistics")
    (finding,) = findings_of(unit)
    assert (finding.query_count, finding.origin_row_count) == (BOOKS, BOOKS)
    assert finding.origin is not None
    assert finding.origin.source == "books = db.session.scalars(select(Book)).all()"
    connections = [hit.connection.name for hit in unit.hits]
    assert [len(set(connections)), finding.evidence["connection"]] == [2, connections[-1]]
