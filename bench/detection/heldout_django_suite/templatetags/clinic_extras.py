# mypy: ignore-errors
from django import template

from bench.detection.heldout_django_suite.models import Invoice, Preference

register = template.Library()


@register.simple_tag
def last_invoice(owner):
    return Invoice.objects.filter(owner=owner).values_list("number", flat=True).last()  # place[simple_tag_that_queries]: access


@register.simple_tag
def preference(key):
    return Preference.objects.get(key=key).value
