"""Django, set up, and Ennead's Django sources, installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.django import project

__all__ = ["project"]

# Imported by their full names, as Django imports them; a second import would define every model twice.
collect_ignore = ["shop", "neighbours.py", "project.py", "rows.py"]


@pytest.fixture(autouse=True)
def _clean_tables() -> Iterator[None]:
    yield
    from tests.sources.django.rows import delete_all

    delete_all()
