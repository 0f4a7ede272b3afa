"""Stands for a shell: it runs for as long as the user wishes."""

from __future__ import annotations

from tests.sources.django.shop.management.commands.remind import Command

__all__ = ["Command"]
