"""Lets plain pytest functions use the test database, without a plugin."""

import os
from collections.abc import Iterator

import django
import pytest
from django.db import transaction
from django.test import Client
from django.test.utils import (
    override_settings,
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)


def pytest_configure() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()


@pytest.fixture(scope="session", autouse=True)
def database() -> Iterator[None]:
    setup_test_environment(debug=False)
    created = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(created, verbosity=0)
    teardown_test_environment()


@pytest.fixture
def shop(database: None) -> Iterator[Client]:
    """Fill a small shop and open a browser in front of it. The test leaves nothing behind."""
    from shop.sample_data import fill

    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers), transaction.atomic():
        fill(6)
        yield Client()
        transaction.set_rollback(True)
