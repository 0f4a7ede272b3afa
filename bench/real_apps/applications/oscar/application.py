"""The shop as the worker sees it: its pages, opened by the owner."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bench.real_apps import django_site

ORM = "django"
PACKAGES = ("oscar",)


def boot(rows: int, folder: Path) -> None:
    django_site.boot(folder, rows, "bench.real_apps.applications.oscar.settings", "BENCH_OSCAR_DATABASE")


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.oscar.pages import OWNER, addresses

    return django_site.pages(OWNER, addresses())
