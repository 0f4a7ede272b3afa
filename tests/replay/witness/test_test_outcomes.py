"""How tests ended, under the three runners."""

from __future__ import annotations

import pytest

from ennead.fixes.trace import ReplayTrace
from tests.replay.project import ReplayedProject


def statuses(trace: ReplayTrace) -> dict[str, str | None]:
    return {
        unit.name.rpartition("::")[2].rpartition(".")[2]: unit.outcome.status if unit.outcome else None
        for unit in trace.units
        if unit.kind == "test"
    }


@pytest.mark.slow
def test_of_pytest(project: ReplayedProject) -> None:
    project.write(
        "test_shop.py",
        """
        import sqlite3, unittest
        import pytest, ennead

        @pytest.fixture
        def connection():
            return ennead.wrap_connection(sqlite3.connect(":memory:"))

        @pytest.fixture
        def broken():
            raise ValueError("fixture")

        def test_passes(connection):
            connection.execute("SELECT 1")

        def test_fails(connection):
            connection.execute("SELECT 1")
            assert 1 == 2, "wrong\\nvery"

        def test_raises(connection):
            connection.execute("SELECT 1")
            raise KeyError("missing")

        def test_skips(connection):
            connection.execute("SELECT 1")
            pytest.skip("not now")

        @pytest.mark.parametrize("number", [1, 2])
        def test_each(connection, number):
            connection.execute("SELECT 1")
            assert number == 1

        @pytest.mark.xfail
        def test_expected(connection):
            connection.execute("SELECT 1")
            assert False

        def test_error(connection, broken):
            pass

        class TestOld(unittest.TestCase):
            def test_old_fails(self):
                ennead.wrap_connection(sqlite3.connect(":memory:")).execute("SELECT 1")
                self.assertEqual(1, 2)
        """,
    )
    trace = project.replay("-m", "pytest", "-q", "-p", "no:randomly", "test_shop.py")
    told = statuses(trace)
    assert trace.exit_code == 1
    assert told == {
        "test_passes": "passed",
        "test_fails": "failed: AssertionError: wrong",
        "test_raises": "failed: KeyError: 'missing'",
        "test_skips": "skipped",
        "test_each[1]": "passed",
        "test_each[2]": "failed: assert 2 == 1",
        "test_expected": "skipped: assert False",
        "test_old_fails": "failed: AssertionError: 1 != 2",
    }


def test_of_unittest(project: ReplayedProject) -> None:
    project.write(
        "test_shop.py",
        """
        import sqlite3, unittest
        import ennead

        class Case(unittest.TestCase):
            def setUp(self):
                ennead.wrap_connection(sqlite3.connect(":memory:")).execute("SELECT 1")

            def test_passes(self):
                pass

            def test_fails(self):
                self.assertEqual(1, 2)

            def test_raises(self):
                raise KeyError("missing")

            @unittest.skip("later")
            def test_skips_at_once(self):
                pass

            def test_skips(self):
                self.skipTest("later")

            def test_parts(self):
                for number in range(3):
                    with self.subTest(number=number):
                        self.assertEqual(number, 0)

            @unittest.expectedFailure
            def test_expected(self):
                self.fail()

            @unittest.expectedFailure
            def test_unexpected(self):
                pass

        class Asynchronous(unittest.IsolatedAsyncioTestCase):
            async def test_waits(self):
                ennead.wrap_connection(sqlite3.connect(":memory:")).execute("SELECT 1")
                self.fail("no")
        """,
    )
    trace = project.replay("-m", "unittest", "-q", "test_shop")
    told = statuses(trace)
    told.pop("test_skips_at_once", None)
    assert trace.exit_code == 1
    assert told == {
        "test_passes": "passed",
        "test_fails": "failed: AssertionError: 1 != 2",
        "test_raises": "failed: KeyError: 'missing'",
        "test_skips": "skipped: later",
        "test_parts": "failed: AssertionError: 2 != 0",
        "test_expected": "failed as expected",
        "test_unexpected": "passed unexpectedly",
        "test_waits": "failed: AssertionError: no",
    }


def test_of_django_with_what_a_test_wrote_rolled_back(project: ReplayedProject) -> None:
    project.write_django(
        models="""
        from django.db import models
        class Order(models.Model):
            number = models.IntegerField()
        """,
        urls="""
        from django.http import JsonResponse
        from django.urls import path
        from shop.models import Order
        urlpatterns = [path("orders/", lambda request: JsonResponse({"count": Order.objects.count()}))]
        """,
    )
    project.write(
        "shop/tests.py",
        """
        from django.core import mail
        from django.test import TestCase
        from shop.models import Order
        class OrderTests(TestCase):
            @classmethod
            def setUpTestData(cls):
                Order.objects.create(number=1)
            def test_first(self):
                Order.objects.create(number=2)
                self.assertEqual(self.client.get("/orders/").json(), {"count": 2})
            def test_second(self):
                self.assertEqual(Order.objects.count(), 1)
                mail.send_mail("Hello", "Text", "a@x.example", ["b@x.example"])
                self.assertEqual(len(mail.outbox), 1)
            def test_third(self):
                self.assertEqual(Order.objects.count(), 7)
        """,
    )
    trace = project.replay("manage.py", "test", "-v", "0")
    assert statuses(trace) == {
        "test_first": "passed",
        "test_second": "passed",
        "test_third": "failed: AssertionError: 1 != 7",
    }
    assert [mail.splitlines()[1] for mail in trace.mails] == ["subject: Hello"]
    assert trace.exit_code == 1
