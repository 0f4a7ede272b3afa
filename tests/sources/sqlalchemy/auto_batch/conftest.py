"""Engines live as long as the test that asked for them: Python 3.13 tells of connections that nobody closes."""

from collections.abc import Iterator

import pytest

from tests.sources.sqlalchemy.auto_batch.comparison import ENGINES


@pytest.fixture(autouse=True)
def disposed_engines() -> Iterator[None]:
    yield
    while ENGINES:
        ENGINES.pop().dispose()
