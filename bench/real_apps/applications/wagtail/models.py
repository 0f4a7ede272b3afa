"""An event with speakers and tags, a topic as a snippet, and a form: what wagtail's administration shows lists of."""

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.models import DraftStateMixin, Orderable, Page, RevisionMixin
from wagtail.snippets.models import register_snippet


@register_snippet
class Topic(DraftStateMixin, RevisionMixin, models.Model):
    name = models.CharField(max_length=50)

    panels = [FieldPanel("name")]  # noqa: RUF012 - as wagtail's documentation writes it

    def __str__(self) -> str:
        return str(self.name)


class EventTag(TaggedItemBase):
    content_object = ParentalKey("newsdesk.Event", related_name="tagged_items", on_delete=models.CASCADE)


class Event(Page):
    topic = models.ForeignKey(Topic, null=True, on_delete=models.SET_NULL, related_name="+")
    picture = models.ForeignKey("wagtailimages.Image", null=True, on_delete=models.SET_NULL, related_name="+")
    tags = ClusterTaggableManager(through=EventTag, blank=True)

    content_panels = [  # noqa: RUF012 - as wagtail's documentation writes it
        *Page.content_panels,
        FieldPanel("topic"),
        FieldPanel("picture"),
        FieldPanel("tags"),
        InlinePanel("speakers"),
    ]
    api_fields = ("topic", "picture", "tags", "speakers")


class Speaker(Orderable):
    event = ParentalKey(Event, related_name="speakers", on_delete=models.CASCADE)
    name = models.CharField(max_length=50)
    topic = models.ForeignKey(Topic, null=True, on_delete=models.SET_NULL, related_name="+")
    related = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="+")
    portrait = models.ForeignKey("wagtailimages.Image", null=True, on_delete=models.SET_NULL, related_name="+")

    api_fields = ("name", "topic")


class Question(AbstractFormField):
    page = ParentalKey("newsdesk.Enquiry", related_name="form_fields", on_delete=models.CASCADE)


class Enquiry(AbstractForm):
    content_panels = [*AbstractForm.content_panels, InlinePanel("form_fields")]  # noqa: RUF012 - wagtail's way
