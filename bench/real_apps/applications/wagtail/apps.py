"""The application that holds what the newsroom of `bench.real_fixes` has not: events, topics, a form."""

from django.apps import AppConfig


class NewsdeskConfig(AppConfig):
    name = "bench.real_apps.applications.wagtail"
    label = "newsdesk"
