"""Views of orders."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView
from rest_framework import viewsets

from tests.sources.django.shop.models import Order
from tests.sources.django.shop.serializers import OrderSerializer


def order_list(request: Any) -> Any:
    orders = Order.objects.order_by("pk")
    return render(request, "shop/inherited.html", {"orders": orders})


def order_detail(request: Any, pk: int) -> Any:
    return HttpResponse(get_object_or_404(Order, pk=pk).customer.name)


async def async_order_list(request: Any) -> Any:
    names = [order.number async for order in Order.objects.order_by("pk")]
    first = await Order.objects.aget(pk=request.GET["pk"])
    return HttpResponse(f"{names} {await first.item_set.acount()}")


class Board(ListView):  # type: ignore[type-arg,unused-ignore]
    queryset = Order.objects.order_by("number")
    template_name = "shop/base.html"
    context_object_name = "orders"


def export(request: Any) -> Any:
    def lines() -> Iterator[str]:
        for order in Order.objects.order_by("pk"):
            yield f"{order.customer.name}\n"

    return StreamingHttpResponse(lines())


async def async_export(request: Any) -> Any:
    async def lines() -> AsyncIterator[str]:
        async for order in Order.objects.order_by("pk"):
            yield f"{order.number} {await order.item_set.acount()}\n"

    return StreamingHttpResponse(lines())


def file(request: Any) -> Any:
    return FileResponse(io.BytesIO(b"content"), filename="content.txt")


def broken(request: Any) -> Any:
    Order.objects.count()
    raise LookupError("no such order")


class OrderViewSet(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg,unused-ignore]
    queryset = Order.objects.order_by("pk")
    serializer_class = OrderSerializer


class OrderSitemap(Sitemap):  # type: ignore[type-arg,unused-ignore]
    def items(self) -> Any:
        return Order.objects.order_by("pk")


class OrderFeed(Feed):  # type: ignore[type-arg,unused-ignore]
    title = "Orders"
    link = "/orders/"
    description = "The newest ones"

    def items(self) -> Any:
        return Order.objects.order_by("pk")
