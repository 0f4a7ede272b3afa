"""Views, one per way a page comes to its rows."""

import csv
import io

from django.contrib.sitemaps import Sitemap
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.generic import DetailView, ListView
from rest_framework import viewsets

from bench.detection.django_suite.models import Customer, Invoice, Port, Preference, Shipment
from bench.detection.django_suite.serializers import JoinedShipmentSerializer, ShipmentRowSerializer


def arrivals(request):
    """JSON, built by hand."""
    shipments = Shipment.objects.filter(status__in=("sailing", "landed", "booked"))  # place[json_view_through_the_client]: origin
    rows = []
    for shipment in shipments:  # place[json_view_through_the_client]: loop origin
        rows.append({"reference": shipment.reference, "port": shipment.origin.name})  # place[json_view_through_the_client]: access
    return JsonResponse({"arrivals": rows})


class BoardView(ListView):
    queryset = Shipment.objects.order_by("reference")  # place[list_view_and_its_template]: origin
    template_name = "freight/board.html"
    context_object_name = "shipments"


class JoinedBoardView(BoardView):
    queryset = Shipment.objects.select_related("customer", "origin__country").prefetch_related("containers")


class CustomerView(DetailView):
    """One customer; the template walks from its shipments to their ports."""

    model = Customer
    template_name = "freight/customer.html"


def export(request):
    """A streamed file: the rows are read after the view has returned."""

    def lines():
        for invoice in Invoice.objects.order_by("pk"):  # place[streamed_csv_export]: loop origin
            buffer = io.StringIO()
            csv.writer(buffer).writerow([invoice.pk, invoice.customer.name, invoice.total])  # place[streamed_csv_export]: access
            yield buffer.getvalue()

    return StreamingHttpResponse(lines(), content_type="text/csv")


async def async_balances(request):
    balances = {}
    async for customer in Customer.objects.order_by("pk"):  # place[async_view_counting_per_row]: loop origin
        unpaid = customer.invoices.filter(paid=False)
        balances[customer.number] = await unpaid.acount()  # place[async_view_counting_per_row]: access
    return JsonResponse(balances)


def tracking(request, customer, reference):
    """One shipment and what belongs to it: one lazy load per relation, no loop."""
    shipment = Shipment.objects.get(reference=reference)
    parts = [shipment.customer.name, shipment.ship.carrier.name, shipment.origin.country.name]
    return HttpResponse(" / ".join([*parts, *(box.number for box in shipment.containers.all())]))


def page_with_header(request):
    """The header, the body and the footer each count the open invoices."""
    return render(request, "freight/header.html", {"unpaid": Invoice.objects.filter(paid=False), "ports": Port.objects})


def account(request):
    """Who is signed in, from the session; the preferences, each by name."""
    page = Preference.objects.get(key="page").value
    return JsonResponse({"user": request.user.get_username(), "page": page})


class ShipmentSitemap(Sitemap):
    def items(self):
        return Shipment.objects.order_by("pk")  # place[sitemap_of_shipments]: origin


class ShipmentViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Shipment.objects.order_by("pk")  # place[viewset_through_the_client]: origin
    serializer_class = ShipmentRowSerializer


class JoinedShipmentViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Shipment.objects.select_related("customer__profile", "ship").prefetch_related("containers", "tags")
    serializer_class = JoinedShipmentSerializer
