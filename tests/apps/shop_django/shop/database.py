"""Reads the database from a URL, so that one variable decides where the shop runs."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def database_from_url(url: str) -> dict[str, Any]:
    """Read ``sqlite:///file`` (relative), ``sqlite:////file`` or ``postgresql://user@host/name``."""
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme == "sqlite" and name:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(name)}
    if parts.scheme in {"postgres", "postgresql"} and name:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
        }
    msg = f"SHOP_DATABASE_URL must be sqlite:///FILE or postgresql://USER@HOST/NAME, got {url!r}"
    raise ImproperlyConfigured(msg)
