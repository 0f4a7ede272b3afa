"""The newsroom of `bench.real_fixes` with more of wagtail's own applications."""

from bench.real_fixes.wagtail_site.settings import *  # noqa: F403 - settings build on settings
from bench.real_fixes.wagtail_site.settings import INSTALLED_APPS as _NEWSROOM

ROOT_URLCONF = "bench.real_apps.applications.wagtail.urls"
INSTALLED_APPS = [
    "bench.real_apps.applications.wagtail.apps.NewsdeskConfig",
    *_NEWSROOM,
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.api.v2",
    "wagtail.contrib.sitemaps",
    "django.contrib.sitemaps",
    "rest_framework",
]
# Made anew for each release, whose base classes differ.
MIGRATION_MODULES = {"newsdesk": "newsdesk_migrations"}
