"""A shop to observe."""

from collections.abc import Iterator

import pytest

from tests.domains.nplusone.shops import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Five orders with customers."""
    opened = Shop()
    yield opened
    opened.close()
