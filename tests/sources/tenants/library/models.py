"""In the schema of each tenant."""
# ruff: noqa: DJ008 -- str() of these is shown to nobody

from __future__ import annotations

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=40)


class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
