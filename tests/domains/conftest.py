"""Profiles install hooks when they need them; every test leaves the process as it found it."""

from collections.abc import Iterator

import pytest

import ennead
from tests.domains.nplusone.shops import Shop


@pytest.fixture(autouse=True)
def _hooks_are_removed() -> Iterator[None]:
    yield
    ennead.uninstall()


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Five orders with customers."""
    opened = Shop()
    yield opened
    opened.close()
