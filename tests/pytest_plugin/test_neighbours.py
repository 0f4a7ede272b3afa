"""Several workers, tests that are run again, and the two object-relational mappers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Run

_WITH_XDIST = ("xdist", "ennead.pytest_plugin")
_WITH_RERUNS = ("pytest_rerunfailures", "ennead.pytest_plugin")
TESTS = """
import pytest
from shop import at_once, one_by_one

@pytest.mark.parametrize("number", range(6))
def test_one_by_one(number):
    one_by_one()

def test_at_once():
    at_once()
"""


@pytest.mark.slow
def test_what_workers_found_is_one_report(run: Run, pytester: pytest.Pytester) -> None:
    result = run(TESTS, "--ennead", "--ennead-json=report.json", "-n", "2", plugins=_WITH_XDIST)
    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(["*test_shop.py::test_one_by_one (6 cases)*", "ennead  1 finding in 1 place*7 tests"])
    report = _report(pytester)
    assert report["run"]["process_count"] == 2
    assert report["notes"] == []
    assert len(report["findings"][0]["tests"]) == 6


@pytest.mark.slow
def test_tests_fail_in_workers(run: Run) -> None:
    run(TESTS, "--ennead-fail", "-n", "2", plugins=_WITH_XDIST).assert_outcomes(passed=1, failed=6)


def test_of_a_test_that_is_run_again_the_last_run_counts(run: Run, pytester: pytest.Pytester) -> None:
    tests = """
        from shop import at_once, one_by_one
        attempts = []

        def test_better_each_time():
            attempts.append(1)
            (one_by_one if len(attempts) == 1 else at_once)()
            assert len(attempts) > 1

        def test_worse_each_time():
            attempts.append(1)
            (one_by_one if len(attempts) == 4 else at_once)()
            assert len(attempts) > 3
        """
    result = run(tests, "--ennead", "--ennead-json=report.json", "--reruns", "2", plugins=_WITH_RERUNS)
    result.assert_outcomes(passed=2)
    (entry,) = _report(pytester)["findings"]
    assert entry["tests"] == {"test_shop.py::test_worse_each_time": 1}
    assert _report(pytester)["summary"]["unit_counts"] == {"test": 2}


DJANGO = {
    "settings": """
        SECRET_KEY = "test"
        DEBUG = False
        ALLOWED_HOSTS = ["testserver"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        INSTALLED_APPS = []
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        ROOT_URLCONF = "urls"
        """,
    "library": """
        from django.db import models

        class Author(models.Model):
            name = models.CharField(max_length=20)
            class Meta:
                app_label = "library"

        class Book(models.Model):
            author = models.ForeignKey(Author, on_delete=models.CASCADE)
            class Meta:
                app_label = "library"
        """,
    "urls": """
        from django.http import JsonResponse
        from django.urls import path
        from library import Book

        def lazy(request):
            return JsonResponse([book.author.name for book in Book.objects.all()], safe=False)

        def eager(request):
            return JsonResponse([book.author.name for book in Book.objects.select_related("author")], safe=False)

        urlpatterns = [path("lazy/", lazy), path("eager/", eager)]
        """,
    "conftest": """
        import os
        import django
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        django.setup()

        import pytest
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        @pytest.fixture(scope="session", autouse=True)
        def tables():
            from django.db import connection
            from library import Author, Book
            setup_test_environment()
            with connection.schema_editor() as editor:
                editor.create_model(Author)
                editor.create_model(Book)
            yield
            connection.close()
        """,
}
DJANGO_TESTS = """
from django.test import TestCase
from library import Author, Book

class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(4):
            Book.objects.create(author=Author.objects.create(name=str(number)))

    def test_lazy(self):
        assert len(self.client.get("/lazy/").json()) == 4

    def test_eager(self):
        assert len(self.client.get("/eager/").json()) == 4
"""


@pytest.mark.parametrize("mode", ["report", "raise"])
def test_django_requests_belong_to_the_test_that_made_them(run: Run, pytester: pytest.Pytester, mode: str) -> None:
    result = run(DJANGO_TESTS, "--ennead-fail", f"--ennead-mode={mode}", "--ennead-json=report.json", **DJANGO)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_shop.py::PageTests::test_lazy - *"])
    (entry,) = _report(pytester)["findings"]
    assert entry["finding"]["relation"] == "library.Book.author"
    assert entry["routes"] == {"lazy/": 1}
    assert entry["tests"] == {"test_shop.py::PageTests::test_lazy": 1}


SQLALCHEMY_TESTS = """
import pytest
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship
from sqlalchemy.pool import StaticPool

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()

@pytest.fixture(scope="module")
def engine():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Customer(id=number) for number in range(4)])
        session.add_all([Order(id=number, customer_id=number) for number in range(4)])
        session.commit()
    yield engine
    engine.dispose()

@pytest.fixture
def session(engine):
    with Session(engine) as session:
        yield session

def test_lazy(session):
    assert [order.customer.id for order in session.scalars(select(Order))] == [0, 1, 2, 3]

def test_eager(session):
    orders = session.scalars(select(Order).options(joinedload(Order.customer)))
    assert [order.customer.id for order in orders] == [0, 1, 2, 3]

@pytest.mark.ennead(allow=["Order.customer"])
def test_allowed(session):
    assert [order.customer.id for order in session.scalars(select(Order))] == [0, 1, 2, 3]
"""


def test_sqlalchemy_stops_at_the_second_lazy_load_and_the_connection_lives_on(run: Run) -> None:
    result = run(SQLALCHEMY_TESTS, "--ennead-mode=raise")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["E  *NPlusOneError: 1 N+1 query found: Order.customer ×2 at test_shop.py:36", "test_shop.py:36: NPlusOneError"]
    )


def _report(pytester: pytest.Pytester) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((pytester.path / "report.json").read_text("utf-8"))
    return report
