"""What every test may ask for, and how tests run."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

import ennead
from ennead.agent.unit_of_work import CURRENT
from ennead.sources import pytest as pytest_source
from ennead.sources import unittest as unittest_source
from ennead.sources.registry import INSTALLER

# Fixtures are data: sources to be read, not tests to be run.
collect_ignore = ["fixtures"]

# The machine that runs the tests may be busy: a slow example is not a wrong one.
# CI tries the same examples each time: new ones are found, and told, where somebody looks.
settings.register_profile("ennead", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("ennead")


@pytest.fixture(scope="module", autouse=True)
def switched_off_at_first() -> None:
    """A module begins without hooks: :func:`ennead.profile` in the examples of a docstring leaves them in place."""
    ennead.uninstall()


@pytest.fixture(autouse=True)
def switched_off_afterwards() -> Iterator[None]:
    """What a test switches on is off for the next one, whatever their order; what a wider fixture did stays."""
    was_installed = INSTALLER.installed
    yield
    if not was_installed:
        ennead.uninstall()


@pytest.fixture(autouse=True)
def outside_of_units_of_work() -> Iterator[None]:
    """A test is no unit of work itself, though a wider fixture has switched everything on; and it leaves none open."""
    # Runs before the call phase, which is where the unit would begin.
    pytest_source.uninstall()
    unittest_source.uninstall()
    yield
    left_open = CURRENT.get()
    CURRENT.set(None)
    assert left_open is None, f"the test left the unit of work {left_open.name!r} open"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database, dropped after the session.

    Without a server the tests that ask for it are skipped, and fail where ``CI`` is set.
    """
    from tests import postgresql

    try:
        with postgresql.running_server() as server_url, postgresql.database(server_url) as database_url:
            yield database_url
    except postgresql.NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis server. Without one the tests that ask for it are skipped, and fail where ``CI`` is set."""
    from tests import redis

    try:
        with redis.running_server() as url:
            yield url
    except redis.NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
