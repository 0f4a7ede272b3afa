"""A small Django project in this process: importing it sets Django up, once for all tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db.backends.signals import connection_created

HERE = Path(__file__).parent
DATA = Path(tempfile.mkdtemp(prefix="ennead-django-"))


def _hurry(connection: Any, **_kwargs: Any) -> None:
    """Do not wait for the disk: nothing in these tests outlives the process."""
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA synchronous = OFF")
        connection.connection.execute("PRAGMA journal_mode = MEMORY")


def _set_up() -> None:
    atexit.register(shutil.rmtree, DATA, ignore_errors=True)
    settings.configure(
        SECRET_KEY="tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.sources.django.shop.urls",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        STATIC_URL="/static/",
        DATABASES={
            # A file, so that every thread sees the same rows.
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA / "default.sqlite3")},
            "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA / "archive.sqlite3")},
        },
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "django.contrib.sitemaps",
            "debug_toolbar",
            "rest_framework",
            "tests.sources.django.shop",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                },
            },
        ],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
    )
    django.setup()
    connection_created.connect(_hurry)
    from django.core.management import call_command

    for alias in ("default", "archive"):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)


if not settings.configured:
    _set_up()
