"""The one type of page."""

from django.db import models
from wagtail.models import Page


class Article(Page):
    text = models.TextField(blank=True)
