"""The application that holds the pages."""

from django.apps import AppConfig


class NewsroomConfig(AppConfig):
    name = "bench.real_fixes.wagtail_site"
    label = "newsroom"
