from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from inventory.forms import StockTransferForm
from inventory.models import Region, StockLevel

LOW_STOCK_ROWS = 5


@staff_member_required
def low_stock(request: HttpRequest) -> HttpResponse:
    """The most urgent refills of each region."""
    regions = []
    for region in Region:
        levels = StockLevel.objects.filter(
            warehouse__region=region, quantity__lte=F("reorder_point")
        )
        urgent = levels.select_related("product", "warehouse").order_by("quantity", "pk")
        regions.append({"name": region.label, "levels": list(urgent[:LOW_STOCK_ROWS])})
    return render(request, "inventory/low_stock.html", {"regions": regions})


@staff_member_required
def transfer(request: HttpRequest) -> HttpResponse:
    form = StockTransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _move(**form.cleaned_data)
        messages.success(request, "Moved.")
        return redirect("stock-transfer")
    return render(request, "inventory/transfer.html", {"form": form})


@transaction.atomic
def _move(source: StockLevel, destination: object, quantity: int) -> None:
    target, _ = StockLevel.objects.get_or_create(warehouse=destination, product=source.product)
    StockLevel.objects.filter(pk=source.pk).update(quantity=F("quantity") - quantity)
    StockLevel.objects.filter(pk=target.pk).update(quantity=F("quantity") + quantity)
