"""Stands for a shell: it runs for as long as the user wishes."""

from __future__ import annotations

from tests.sources.django.shop.management.commands import remind


class Command(remind.Command):
    """Under a name that is no unit of work."""
