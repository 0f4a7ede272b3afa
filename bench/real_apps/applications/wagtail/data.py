"""Rows for what the newsroom of `bench.real_fixes` has not: the same number of each."""

import io
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Picture
from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.search_promotions.models import Query, SearchPromotion
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    Comment,
    CommentReply,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    PageViewRestriction,
    Site,
)

from bench.real_apps.applications.wagtail.models import Enquiry, Event, EventTag, Question, Speaker, Topic
from bench.real_fixes.wagtail_site import data as newsroom
from bench.real_fixes.wagtail_site.models import Article


def fill(rows: int) -> None:
    """Make ``rows`` of everything."""
    newsroom.fill(rows)
    owner = User.objects.get(username="owner")
    pictures = [_picture(number, owner) for number in range(rows)]
    topics = [_topic(number, owner) for number in range(rows)]
    section = Page.objects.get(depth=1).add_child(instance=Article(title="Section", text="Text", owner=owner))
    Site.objects.create(hostname="testserver", root_page=section, is_default_site=False)
    events = [_event(number, section, owner, topics, pictures) for number in range(rows)]
    _editing(events[0], owner, rows)
    _around(events, owner)
    _permissions(rows)
    _form(section, rows)


def _picture(number: int, owner: User) -> Any:
    file = io.BytesIO()
    Picture.new("RGB", (40, 30)).save(file, "PNG")
    collection = Collection.objects.get(name=f"Collection {number}")
    return get_image_model().objects.create(
        title=f"Picture {number}",
        file=ContentFile(file.getvalue(), name=f"picture{number}.png"),
        width=40,
        height=30,
        uploaded_by_user=owner,
        collection=collection,
    )


def _topic(number: int, owner: User) -> Topic:
    topic: Topic = Topic.objects.create(name=f"Topic {number}")
    topic.save_revision(user=owner).publish()
    return topic


def _event(number: int, section: Page, owner: User, topics: list[Topic], pictures: list[Any]) -> Event:
    event: Event = section.add_child(
        instance=Event(title=f"Event {number}", topic=topics[number], picture=pictures[number], owner=owner)
    )
    event.tags.add(*(f"tag {each}" for each in range(len(topics))))
    for topic, picture in zip(topics, pictures, strict=True):
        event.speakers.add(Speaker(name=f"Speaker on {topic}", topic=topic, related=section, portrait=picture))
    event.save_revision(user=owner).publish()
    event.refresh_from_db()
    assert EventTag.objects.filter(content_object=event).exists()
    return event


def _editing(event: Event, owner: User, rows: int) -> None:
    """One page with a history, comments and children."""
    for number in range(rows):
        event.title = f"Event, version {number}"
        event.save_revision(user=User.objects.get(username=f"person{number}"), log_action=True)
        child = event.add_child(instance=Article(title=f"Report {number}", text="Text", owner=owner))
        child.save_revision(user=owner)
        person = User.objects.get(username=f"person{number}")
        comment = Comment.objects.create(page=event.page_ptr, user=person, text="Why?", contentpath="title")
        CommentReply.objects.create(comment=comment, user=owner, text="So")


def _around(events: list[Event], owner: User) -> None:
    for number, event in enumerate(events):
        Redirect.objects.create(old_path=f"/old-{number}", redirect_page=event)
        SearchPromotion.objects.create(query=Query.get(f"query {number}"), page=event, description="Text")
        Page.objects.filter(pk=event.pk).update(locked=True, locked_by=owner, locked_at=timezone.now())
        restriction = PageViewRestriction.objects.create(page=event, restriction_type="groups")
        restriction.groups.add(Group.objects.get(name=f"Desk {number}"))


def _permissions(rows: int) -> None:
    """Each desk may edit and publish its article, and choose from its collection."""
    choose = Permission.objects.get(codename="choose_image")
    for number in range(rows):
        desk = Group.objects.get(name=f"Desk {number}")
        page = Page.objects.get(title=f"Article {number}")
        GroupPagePermission.objects.create(group=desk, page=page, **_may_edit())
        collection = Collection.objects.get(name=f"Collection {number}")
        GroupCollectionPermission.objects.create(group=desk, collection=collection, permission=choose)


def _may_edit() -> dict[str, Any]:
    """Wagtail 5.0 names the type of a page's permission; later releases refer to Django's permission."""
    if "permission" in {field.name for field in GroupPagePermission._meta.get_fields()}:
        return {"permission": Permission.objects.get(codename="change_page")}
    return {"permission_type": "edit"}


def _form(section: Page, rows: int) -> None:
    enquiry = section.add_child(instance=Enquiry(title="Enquiry"))
    for number in range(rows):
        Question.objects.create(page=enquiry, label=f"Question {number}", field_type="singleline", sort_order=number)
        FormSubmission.objects.create(page=enquiry.page_ptr, form_data={f"question_{number}": "yes"})
