"""``ennead fix --as-method`` as a person types it, on a Django project and on a script with SQLAlchemy."""

from __future__ import annotations

import json

import pytest

from tests.cli.shops import SQLALCHEMY_SHOP, Shop

pytestmark = pytest.mark.slow


def test_a_django_model_gets_a_query_set_that_needs_no_migration(django: Shop) -> None:
    run = ("fix", "--as-method", "--apply", "--json", "--", "-m", "ennead.replay.requests", "/orders/")
    try:
        completed = django.ennead(*run)

        assert completed.returncode == 0, completed.stderr
        answer = json.loads(completed.stdout)
        assert answer["as_method"] == {"names": ["OrderQuerySet.with_customer"], "kept": []}
        assert answer["fixes"][0]["attempts"][-1]["verdict"] == "verified"
        assert "named: OrderQuerySet.with_customer" in completed.stderr
        assert 'Order.objects.order_by("id").with_customer():' in (django.folder / "shop/views.py").read_text()
        assert "objects = OrderQuerySet.as_manager()\n" in (django.folder / "shop/models.py").read_text()
        migration = django.run("manage.py", "makemigrations", "shop", "--dry-run", "-v", "3", check=True).stdout
        assert 'name="Order"' in migration.replace("'", '"')
        assert "managers" not in migration
    finally:
        django.git("checkout", "-q", ".")


def test_a_sqlalchemy_script_gets_a_function(script: Shop) -> None:
    completed = script.ennead("fix", "--as-method", "--apply", "--sizes", "3,9", "--", "report.py", "{size}")

    assert completed.returncode == 0, completed.stderr
    assert "named: select_orders_with_customer" in completed.stdout
    function = """\
def select_orders_with_customer():
    return select(Order).options(joinedload(Order.customer))


def report(session):
"""
    imported = "from sqlalchemy.orm import DeclarativeBase, Mapped, Session, "
    expected = SQLALCHEMY_SHOP.replace("def report(session):\n", function)
    expected = expected.replace("select(Order).order_by", "select_orders_with_customer().order_by")
    assert (script.folder / "report.py").read_text() == expected.replace(imported, f"{imported}joinedload, ")
