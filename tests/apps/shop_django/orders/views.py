import csv

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from customers.models import Customer
from orders.carts import cart_of, refill
from orders.checkout import EmptyCartError, place_order
from orders.exports import order_rows
from orders.models import Order
from orders.pricing import priced

ORDERS_SHOWN = 50


@staff_member_required
def order_list(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.exclude(status=Order.Status.CANCELLED)[:ORDERS_SHOWN]
    return render(request, "orders/order_list.html", {"orders": orders})


@staff_member_required
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order, pk=pk)
    lines = order.lines.select_related("product")
    notes = order.notes.select_related("author")
    return render(
        request, "orders/order_detail.html", {"order": order, "lines": lines, "notes": notes}
    )


@staff_member_required
def desk(request: HttpRequest) -> HttpResponse:
    """What the staff sees in the morning."""
    today = timezone.localdate()
    context = {
        "pending": Order.objects.filter(status=Order.Status.PENDING).count(),
        "paid": Order.objects.filter(status=Order.Status.PAID).count(),
        "shipped": Order.objects.filter(status=Order.Status.SHIPPED).count(),
        "cancelled": Order.objects.filter(status=Order.Status.CANCELLED).count(),
        "placed_today": Order.objects.filter(placed_at__date=today).count(),
    }
    return render(request, "orders/desk.html", context)


@staff_member_required
def order_export(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type="text/csv")
    orders = Order.objects.select_related("customer").order_by("placed_at")
    csv.writer(response).writerows(order_rows(orders))
    return response


async def order_ticker(request: HttpRequest) -> HttpResponse:
    """The latest orders for the screen in the warehouse."""
    user = await request.auser()
    if not user.is_staff:
        return JsonResponse({"error": "staff only"}, status=403)
    entries = []
    async for order in Order.objects.order_by("-placed_at", "-pk")[:ORDERS_SHOWN]:
        customer = await Customer.objects.aget(pk=order.customer_id)
        entries.append({"number": order.number, "customer": customer.name})
    return JsonResponse({"orders": entries})


@login_required
def cart_detail(request: HttpRequest) -> HttpResponse:
    customer = get_object_or_404(Customer, user=request.user)
    address = customer.addresses.get(is_default=True)
    cart = cart_of(customer)
    lines = [priced(line, address.country) for line in cart.lines.select_related("product")]
    total = sum(line.gross for line in lines)
    return render(request, "orders/cart.html", {"lines": lines, "total": total})


@login_required
@require_POST
def order_again(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, user=request.user)
    order = get_object_or_404(Order, pk=pk, customer=customer)
    refill(cart_of(customer), order)
    return redirect("cart")


@login_required
@require_POST
def checkout(request: HttpRequest) -> HttpResponse:
    customer = get_object_or_404(Customer, user=request.user)
    address = customer.addresses.get(is_default=True)
    try:
        place_order(cart_of(customer), address)
    except EmptyCartError:
        return redirect("cart")
    return redirect("home")
