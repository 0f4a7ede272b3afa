"""pytest plugin: finds the N+1 queries of a test suite; silent and without cost until it is asked.

pytest loads this module at every start where Ennead is installed, so it imports next to nothing. What does the work is
imported once an option, a setting, a marker with a budget or the fixture asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from ennead.pytest_plugin.options import MARKER, declare, read_options

if TYPE_CHECKING:
    from ennead.pytest_plugin.session import Session
    from ennead.pytest_plugin.test_profile import TestProfile

_SESSION = "ennead-session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Part of pytest's protocol."""
    declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Part of pytest's protocol."""
    config.addinivalue_line("markers", MARKER)
    options = read_options(config)
    if options.is_active:
        from ennead.pytest_plugin.session import begin

        begin(config, options, _SESSION)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Part of pytest's protocol: looks whether a marker is well-formed, and whether a test asks on its own."""
    marked = [item for item in items if item.get_closest_marker("ennead") is not None]
    asking = [item for item in items if "ennead" in getattr(item, "fixturenames", ())]
    if not marked and not asking:
        return
    from ennead.pytest_plugin.rules import rules_of

    options = read_options(config)
    asking += [item for item in marked if rules_of(item, options).max_queries is not None]
    if asking and not config.pluginmanager.has_plugin(_SESSION):
        from ennead.pytest_plugin.session import begin

        begin(config, options, _SESSION)


@pytest.fixture(name="ennead")
def _ennead(request: pytest.FixtureRequest) -> TestProfile:
    """The queries and findings of this test so far, and ``assert_no_n_plus_one()``."""
    session = cast("Session", request.config.pluginmanager.get_plugin(_SESSION))
    return session.profile_of(request.node)
