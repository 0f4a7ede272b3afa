"""The help desk as the worker sees it: its pages, feeds and API, opened by a superuser."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bench.real_apps import django_site

ORM = "django"
PACKAGES = ("helpdesk",)


def boot(rows: int, folder: Path) -> None:
    django_site.boot(folder, rows, "bench.real_apps.applications.helpdesk.settings", "BENCH_HELPDESK_DATABASE")


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.helpdesk.pages import OWNER, addresses

    return django_site.pages(OWNER, addresses())
