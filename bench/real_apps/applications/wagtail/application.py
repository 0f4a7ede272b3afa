"""The newsroom as the worker sees it: wagtail's own pages, opened by a superuser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.real_apps import django_site

ORM = "django"
PACKAGES = ("wagtail",)


def boot(rows: int, folder: Path) -> None:
    (folder / "newsdesk_migrations").mkdir()
    (folder / "newsdesk_migrations" / "__init__.py").touch()
    sys.path.append(str(folder))
    settings = "bench.real_apps.applications.wagtail.settings"
    django_site.boot(folder, rows, settings, "BENCH_SITE_DATABASE", unwritten=("newsdesk",))


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.wagtail.pages import OWNER, addresses

    return django_site.pages(OWNER, addresses())
