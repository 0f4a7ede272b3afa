"""Tests of units of work are no units of work themselves, though another test has switched everything on."""

from __future__ import annotations

import pytest

from ennead.sources import pytest as pytest_source
from ennead.sources import unittest as unittest_source


@pytest.fixture(autouse=True)
def no_unit_around_the_test() -> None:
    # Runs before the call phase, which is where the unit would begin.
    pytest_source.uninstall()
    unittest_source.uninstall()
