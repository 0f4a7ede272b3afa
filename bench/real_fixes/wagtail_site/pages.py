"""The pages that are opened: those whose N+1 queries wagtail's maintainers have since repaired."""

from collections.abc import Iterator

from django.urls import reverse

OWNER = {"username": "owner"}
ROUTES = {
    "sites": "wagtailsites:index",
    "tasks": "wagtailadmin_workflows:task_index",
    "documents": "wagtaildocs:index",
    "users": "wagtailusers_users:index",
    "workflows": "wagtailadmin_workflows:index",
    "workflow report": "wagtailadmin_reports:workflow",
    "workflow tasks report": "wagtailadmin_reports:workflow_tasks",
    "home": "wagtailadmin_home",
}


def addresses() -> Iterator[tuple[str, str]]:
    """Name and URL of each page."""
    return ((name, reverse(route)) for name, route in ROUTES.items())
