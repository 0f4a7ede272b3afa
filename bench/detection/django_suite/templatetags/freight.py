"""Template tags of the freight pages."""

from django import template

from bench.detection.django_suite.models import Invoice

register = template.Library()


@register.simple_tag
def open_balance(customer):
    invoices = Invoice.objects.filter(customer=customer, paid=False)
    return sum(invoice.total for invoice in invoices)  # place[template_tag_that_queries]: access


@register.filter
def newest_event(shipment):
    return shipment.events.order_by("-at").first().kind  # place[template_filter_that_queries]: access


@register.inclusion_tag("freight/crew.html")
def crew_list(ship):
    return {"ship": ship}
