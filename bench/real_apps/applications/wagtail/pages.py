"""The pages that are opened: wagtail's administration, its choosers, its API and its sitemap."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import Group, User
from django.urls import NoReverseMatch, reverse
from wagtail.documents.models import Document
from wagtail.images import get_image_model
from wagtail.models import Collection, Page, Site, Task, Workflow

from bench.real_apps.applications.wagtail.models import Enquiry, Event, Topic
from bench.real_fixes.wagtail_site.pages import OWNER, ROUTES

__all__ = ["OWNER", "addresses"]

LISTS = {
    **ROUTES,
    "explorer of the root": "wagtailadmin_explore_root",
    "locked pages report": "wagtailadmin_reports:locked_pages",
    "site history report": "wagtailadmin_reports:site_history",
    "aging pages report": "wagtailadmin_reports:aging_pages",
    "page types report": "wagtailadmin_reports:page_types_usage",
    "groups": "wagtailusers_groups:index",
    "collections": "wagtailadmin_collections:index",
    "images": "wagtailimages:index",
    "image chooser": "wagtailimages_chooser:choose",
    "document chooser": "wagtaildocs_chooser:choose",
    "page chooser": "wagtailadmin_choose_page",
    "snippets": "wagtailsnippets:index",
    "topics": "wagtailsnippets_newsdesk_topic:list",
    "topic chooser": "wagtailsnippetchoosers_newsdesk_topic:choose",
    "redirects": "wagtailredirects:index",
    "forms": "wagtailforms:index",
    "search promotions": "wagtailsearchpromotions:index",
    "account": "wagtailadmin_account",
    "new user": "wagtailusers_users:add",
    "new group": "wagtailusers_groups:add",
    "new image": "wagtailimages:add",
    "new redirect": "wagtailredirects:add",
    "new workflow": "wagtailadmin_workflows:add",
    "task chooser": "wagtailadmin_workflows:task_chooser",
}
DETAILS: tuple[tuple[str, str, Callable[[], Any]], ...] = (
    ("explorer", "wagtailadmin_explore", lambda: Page.objects.get(title="Section")),
    ("page editor", "wagtailadmin_pages:edit", lambda: Event.objects.order_by("pk").first()),
    ("page history", "wagtailadmin_pages:history", lambda: Event.objects.order_by("pk").first()),
    ("page workflow history", "wagtailadmin_pages:workflow_history", lambda: Page.objects.get(title="Article 0")),
    ("page usage", "wagtailadmin_pages:usage", lambda: Page.objects.get(title="Section")),
    ("page deletion", "wagtailadmin_pages:delete", lambda: Event.objects.order_by("pk").first()),
    ("page copy", "wagtailadmin_pages:copy", lambda: Event.objects.order_by("pk").first()),
    ("page move", "wagtailadmin_pages:move", lambda: Event.objects.order_by("pk").first()),
    ("page unpublishing", "wagtailadmin_pages:unpublish", lambda: Event.objects.order_by("pk").first()),
    ("page privacy", "wagtailadmin_pages:set_privacy", lambda: Event.objects.order_by("pk").first()),
    ("new subpage", "wagtailadmin_pages:add_subpage", lambda: Page.objects.get(title="Section")),
    ("page chooser of children", "wagtailadmin_choose_page_child", lambda: Page.objects.get(title="Section")),
    ("user editor", "wagtailusers_users:edit", lambda: User.objects.get(username="person0")),
    ("group editor", "wagtailusers_groups:edit", lambda: Group.objects.get(name="Desk 0")),
    ("group members", "wagtailusers_groups:users", lambda: Group.objects.get(name="Desk 0")),
    ("collection editor", "wagtailadmin_collections:edit", lambda: Collection.objects.get(name="Collection 0")),
    ("collection privacy", "wagtailadmin_collections:set_privacy", lambda: Collection.objects.get(name="Collection 0")),
    ("image editor", "wagtailimages:edit", lambda: get_image_model().objects.order_by("pk").first()),
    ("image usage", "wagtailimages:image_usage", lambda: get_image_model().objects.order_by("pk").first()),
    ("document editor", "wagtaildocs:edit", lambda: Document.objects.order_by("pk").first()),
    ("document usage", "wagtaildocs:document_usage", lambda: Document.objects.order_by("pk").first()),
    ("topic editor", "wagtailsnippets_newsdesk_topic:edit", lambda: Topic.objects.order_by("pk").first()),
    ("topic history", "wagtailsnippets_newsdesk_topic:history", lambda: Topic.objects.order_by("pk").first()),
    ("topic usage", "wagtailsnippets_newsdesk_topic:usage", lambda: Topic.objects.order_by("pk").first()),
    ("form submissions", "wagtailforms:list_submissions", Enquiry.objects.get),
    ("workflow editor", "wagtailadmin_workflows:edit", lambda: Workflow.objects.get(name="Workflow 0")),
    ("workflow usage", "wagtailadmin_workflows:usage", lambda: Workflow.objects.get(name="Workflow 0")),
    ("task editor", "wagtailadmin_workflows:edit_task", lambda: Task.objects.get(name="Approval 0")),
    ("site editor", "wagtailsites:edit", lambda: Site.objects.get(hostname="site0.example")),
)
FIXED = {
    "page search": "/admin/pages/search/?q=Event",
    "image search": "/admin/images/?q=Picture",
    "API, pages": "/api/v2/pages/?type=newsdesk.Event&fields=*",
    "API, all pages": "/api/v2/pages/",
    "API, images": "/api/v2/images/",
    "API, documents": "/api/v2/documents/",
    "sitemap": "/sitemap.xml",
}


def addresses() -> Iterator[tuple[str, str]]:
    """Name and URL of each page that this release has."""
    for name, route in LISTS.items():
        if url := _url(route):
            yield name, url
    for name, route, target in DETAILS:
        if url := _url(route, target().pk):
            yield name, url
    yield from FIXED.items()
    pages = "&".join(f"id={page.pk}" for page in Event.objects.all())
    yield "bulk deletion", f"{_url('wagtail_bulk_action', 'wagtailcore', 'page', 'delete')}?{pages}"
    yield "bulk publishing", f"{_url('wagtail_bulk_action', 'wagtailcore', 'page', 'publish')}?{pages}"


def _url(route: str, *arguments: object) -> str:
    try:
        return str(reverse(route, args=arguments))
    except NoReverseMatch:
        return ""
