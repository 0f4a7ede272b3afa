"""Repairs of the Django shop, each with one mistake."""

from __future__ import annotations

from tests.replay.wrong_fixes.patches import Shop, WrongPatch

QUEUE = 'Order.objects.annotate(newest=Subquery(newest)).order_by("shipped", "number")'
NEWEST = 'Event.objects.filter(order=OuterRef("pk")).order_by("-id").values("text")[:1]'
LIST = 'Order.objects.select_related("customer", "salesperson").order_by("-priority")'
CUSTOMER = '"customer": order.customer.name,'
CREATE = "        Shipment.objects.bulk_create(shipments)\n"
AGAIN = "        Shipment.objects.bulk_create([Shipment(order=old.order, address=old.address) for old in shipments])\n"
MAIL = (
    '            send_mail(f"Order {order.number}", "It is on its way.", '
    '"shop@example.org", [f"{order.number}@example.org"])\n'
)
RESULT = '    response = JsonResponse({"orders": rows}, headers={"X-Total": len(rows)})'
PUBLIC = "Note.objects.filter(is_public=True)"
IMPORTS = "from .models import Customer, Event, Note, Order, Shipment\n"
COUNTS = frozenset({"no-effect", "reduced-not-flat", "worse", "changes-results"})

SHOP = Shop(
    name="django_shop",
    file="shop/views.py",
    command=("python", "manage.py", "walk", "{size}"),
    repair=(
        (
            "from django.http import",
            "from django.db.models import OuterRef, Prefetch, Subquery\nfrom django.http import",
        ),
        ("from .models import Customer, Order, Shipment\n", IMPORTS),
        ("import get_object_or_404\n", "import get_object_or_404\nfrom django.utils import timezone\n"),
        ('Order.objects.order_by("-priority")', LIST),
        ('    orders = Order.objects.order_by("shipped", "number")', f"    newest = {NEWEST}\n    orders = {QUEUE}"),
        ('        event = order.events.order_by("-id").first()\n', ""),
        ("event.text if event else None", "order.newest"),
        (
            '    orders = Order.objects.order_by("number")\n    notes = {}\n',
            (
                f'    shown = {PUBLIC}.order_by("id")\n'
                '    prefetch = Prefetch("notes", queryset=shown, to_attr="public_notes")\n'
                '    orders = Order.objects.prefetch_related(prefetch).order_by("number")\n    notes = {}\n'
            ),
        ),
        ('order.notes.filter(is_public=True).order_by("id")', "order.public_notes"),
        (
            '    orders = Order.objects.order_by("number")\n    for order in orders:\n        check',
            (
                '    orders = Order.objects.select_related("customer").order_by("number")\n'
                "    for order in orders:\n        check"
            ),
        ),
        (
            'Order.objects.filter(shipped=False).order_by("number")\n    count = 0\n',
            'list(Order.objects.filter(shipped=False).order_by("number"))\n    shipments = []\n',
        ),
        (
            '            Shipment.objects.create(order=order, address=f"Street {order.number}")\n',
            '            shipments.append(Shipment(order=order, address=f"Street {order.number}"))\n',
        ),
        ("order.save()", "order.changed_at = timezone.now()"),
        ("            count += 1\n", f'{CREATE}        Order.objects.bulk_update(orders, ["shipped", "changed_at"])\n'),
        ('{"shipped": count}', '{"shipped": len(orders)}'),
    ),
)

WRONG_PATCHES = (
    WrongPatch(
        name="a filter drops rows",
        mistake=((LIST, f"{LIST}.filter(customer__is_active=True)"),),
    ),
    WrongPatch(
        name="a filter would drop rows that are not there yet",
        mistake=((LIST, f"{LIST}.filter(is_deleted=False)"),),
    ),
    WrongPatch(
        name="a filter of the joined table would drop rows that are not there yet",
        mistake=((LIST, f"{LIST}.filter(customer__is_blocked=False)"),),
    ),
    WrongPatch(name="LIMIT above the number of rows", mistake=((LIST, f"{LIST}[:1000]"),)),
    WrongPatch(name="LIMIT below the number of rows", mistake=((LIST, f"{LIST}[:8]"),)),
    WrongPatch(
        name="an inner join loses NULL keys",
        mistake=((LIST, f"{LIST}.filter(salesperson__id__gt=0)"),),
    ),
    WrongPatch(name="the order is lost", mistake=((LIST, f'{LIST}.order_by("id")'),)),
    WrongPatch(name="the order is turned", mistake=((LIST, f"{LIST}.reverse()"),)),
    WrongPatch(
        name="a join doubles rows",
        mistake=(
            ("import OuterRef, Prefetch, Subquery", "import OuterRef, Prefetch, Q, Subquery"),
            (LIST, f"{LIST}.filter(Q(notes__id__gt=0) | Q(notes__isnull=True))"),
        ),
    ),
    WrongPatch(name="to_attr loses its filter", mistake=((PUBLIC, "Note.objects.all()"),)),
    WrongPatch(
        name="an error page with status 200",
        mistake=(
            (CUSTOMER, '"customer": order.customer.full_name,'),
            (
                "def order_list(request: HttpRequest) -> JsonResponse:\n",
                (
                    "def order_list(request: HttpRequest) -> JsonResponse:\n    try:\n        return list_orders()\n"
                    "    except AttributeError:\n"
                    '        return JsonResponse({"orders": [], "error": "try again later"})\n'
                    "\n\ndef list_orders() -> JsonResponse:\n"
                ),
            ),
        ),
    ),
    WrongPatch(
        name="a cached response",
        mistake=(
            (
                "def order_list(request: HttpRequest) -> JsonResponse:\n",
                (
                    "KEPT: dict[str, JsonResponse] = {}\n\n\n"
                    "def order_list(request: HttpRequest) -> JsonResponse:\n    if KEPT:\n"
                    '        return KEPT["orders"]\n'
                ),
            ),
            (RESULT, '    KEPT["orders"] = response = JsonResponse({"orders": rows}, headers={"X-Total": len(rows)})'),
        ),
    ),
    WrongPatch(
        name="cached lookups",
        mistake=(
            (LIST, 'Order.objects.order_by("-priority")'),
            (CUSTOMER, '"customer": names()[order.customer_id],'),
            ("        seller = order.salesperson\n", "        seller = sellers().get(order.salesperson_id)\n"),
            ("from django.core", "from functools import cache\n\nfrom django.core"),
            (IMPORTS, IMPORTS.replace("Shipment", "Salesperson, Shipment")),
            (
                "def order_list(",
                (
                    "@cache\ndef names() -> dict[int, str]:\n"
                    '    return dict(Customer.objects.values_list("id", "name"))\n\n\n'
                    "@cache\ndef sellers() -> dict[int, Salesperson]:\n    return Salesperson.objects.in_bulk()\n\n\n"
                    "def order_list("
                ),
            ),
        ),
    ),
    WrongPatch(
        name="rows are cut when there are many",
        mistake=((RESULT, RESULT.replace('"orders": rows}', '"orders": rows if len(rows) < 20 else rows[:20]}')),),
    ),
    WrongPatch(
        name="the prefetch is cut for each order",
        mistake=(("for note in public]", "for note in public[:1]]"),),
    ),
    WrongPatch(
        name="queries on another connection",
        mistake=(
            (LIST, 'Order.objects.select_related("salesperson").order_by("-priority")'),
            (CUSTOMER, '"customer": Customer.objects.using("reporting").get(pk=order.customer_id).name,'),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries on a connection of the driver",
        mistake=(
            (LIST, 'Order.objects.select_related("salesperson").order_by("-priority")'),
            (CUSTOMER, '"customer": customer_name(order.customer_id),'),
            ("from django.core", "import sqlite3\n\nfrom django.conf import settings\nfrom django.core"),
            (
                "def order_list(",
                (
                    "def customer_name(key: int) -> str:\n"
                    '    connection = sqlite3.connect(settings.DATABASES["default"]["NAME"])\n'
                    '    found = connection.execute("SELECT name FROM shop_customer WHERE id = ?", (key,))\n'
                    "    (name,) = found.fetchone()\n"
                    "    connection.close()\n    return str(name)\n\n\ndef order_list("
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries on another thread",
        mistake=(
            (LIST, 'Order.objects.select_related("salesperson").order_by("-priority")'),
            (CUSTOMER, '"customer": names[order.customer_id],'),
            (
                "    rows = []\n",
                (
                    "    with ThreadPoolExecutor(1) as pool:\n"
                    "        names = dict(pool.map(customer_name, [order.customer_id for order in orders]))\n"
                    "        pool.submit(connection.close)\n    rows = []\n"
                ),
            ),
            (
                "from django.core",
                "from concurrent.futures import ThreadPoolExecutor\n\nfrom django.core",
            ),
            ("from django.http", "from django.db import connection\nfrom django.http"),
            (
                "def order_list(",
                (
                    "def customer_name(key: int) -> tuple[int, str]:\n"
                    "    return key, Customer.objects.get(pk=key).name\n\n\ndef order_list("
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="the queries move to another table",
        mistake=(
            (CUSTOMER, '"customer": Profile.objects.get(customer_id=order.customer_id).display_name,'),
            (IMPORTS, IMPORTS.replace("Shipment", "Profile, Shipment")),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="the access no longer runs for each order",
        mistake=(("    for order in orders:\n        check", "    for order in orders[:1]:\n        check"),),
    ),
    WrongPatch(
        name="the access is gone",
        mistake=(
            (
                (
                    '    orders = Order.objects.select_related("customer").order_by("number")\n'
                    "    for order in orders:\n"
                    '        check_customer(order.customer, is_strict="strict" in request.GET)\n'
                ),
                '    orders = Order.objects.order_by("number")\n',
            ),
        ),
    ),
    WrongPatch(
        name="a body that is another each time",
        mistake=(
            ("from django.core", "import time\n\nfrom django.core"),
            (RESULT, RESULT.replace("rows}", 'rows, "made_at": time.time_ns()}')),
        ),
        verdicts=frozenset({"changes-results", "non-deterministic"}),
    ),
    WrongPatch(
        name="a random order",
        mistake=((LIST, 'Order.objects.select_related("customer", "salesperson").order_by("?")'),),
        verdicts=frozenset({"changes-results", "non-deterministic"}),
    ),
    WrongPatch(name="a write is lost", mistake=(("bulk_update(orders, ", "bulk_update(orders[1:], "),)),
    WrongPatch(name="all writes are lost", mistake=((CREATE, ""),)),
    WrongPatch(name="a write is doubled", mistake=((CREATE, CREATE + AGAIN),)),
    WrongPatch(name="a write has another value", mistake=(('address=f"Street {order.number}"', 'address="Street"'),)),
    WrongPatch(name="mails are lost", mistake=((MAIL, ""),)),
    WrongPatch(name="a mail is lost", mistake=((MAIL, f"            if order is not orders[0]:\n    {MAIL}"),)),
    WrongPatch(name="mails are doubled", mistake=((MAIL, MAIL + MAIL),)),
)
