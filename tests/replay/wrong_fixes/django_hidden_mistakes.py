"""Repairs of the Django shop with a mistake that hides: no row at hand shows it, or it keeps out of the counts."""

from __future__ import annotations

from tests.replay.wrong_fixes.django_patches import COUNTS, CUSTOMER, LIST, QUEUE, RESULT
from tests.replay.wrong_fixes.patches import WrongPatch

HIDDEN_MISTAKES = (
    WrongPatch(
        name="a condition of an outer join would lose partners that are not there yet",
        mistake=(
            ("import OuterRef, Prefetch, Subquery", "import FilteredRelation, OuterRef, Prefetch, Q, Subquery"),
            (
                LIST,
                (
                    "Order.objects.annotate("
                    'known=FilteredRelation("customer", condition=Q(customer__is_blocked=False)))'
                    '.select_related("known", "salesperson").order_by("-priority")'
                ),
            ),
            (CUSTOMER, '"customer": order.known.name,'),
        ),
    ),
    WrongPatch(
        name="EXISTS would drop rows that are not there yet",
        mistake=(
            ("import OuterRef, Prefetch, Subquery", "import Exists, OuterRef, Prefetch, Subquery"),
            (LIST, f'{LIST}.filter(Exists(Customer.objects.filter(pk=OuterRef("customer"), is_blocked=False)))'),
        ),
    ),
    WrongPatch(
        name="IN of a subquery would drop rows that are not there yet",
        mistake=((LIST, f"{LIST}.filter(customer__in=Customer.objects.filter(is_blocked=False))"),),
    ),
    WrongPatch(name="the order of ties is left open", mistake=((QUEUE, QUEUE.replace(', "number"', "")),)),
    WrongPatch(
        name="the order is lost where chance keeps it",
        mistake=((QUEUE, QUEUE.replace('.order_by("shipped", "number")', ".all()")),),
    ),
    WrongPatch(name="another status", mistake=((RESULT, RESULT.replace("headers=", "status=202, headers=")),)),
    WrongPatch(name="a header is lost", mistake=((RESULT, '    response = JsonResponse({"orders": rows})'),)),
    WrongPatch(name="a cookie is lost", mistake=(('    response.set_cookie("last_page", "orders")\n', ""),)),
    WrongPatch(
        name="an exception is swallowed",
        mistake=(
            (
                "        check_customer(order.customer, is",
                "        with suppress(ValueError):\n            check_customer(order.customer, is",
            ),
            ("from django.core", "from contextlib import suppress\n\nfrom django.core"),
        ),
    ),
    WrongPatch(
        name="a missing row is found",
        mistake=(
            ("get_object_or_404(Order, pk=number)", "Order.objects.filter(pk=number).first() or Order(pk=number)"),
        ),
    ),
    WrongPatch(
        name="the transaction is left out",
        mistake=(
            ("    with transaction.atomic():\n", "    with nullcontext():\n"),
            ("from django.core", "from contextlib import nullcontext\n\nfrom django.core"),
        ),
    ),
    WrongPatch(name="writes in another order", mistake=(("bulk_create(shipments)", "bulk_create(shipments[::-1])"),)),
    WrongPatch(name="a time of change is not written", mistake=(('["shipped", "changed_at"]', '["shipped"]'),)),
    WrongPatch(
        name="a UNION of a query for each row",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": names[order.customer_id],'),
            (
                "    rows = []\n",
                (
                    '    pairs = Customer.objects.values_list("id", "name")\n'
                    "    queries = [pairs.filter(pk=order.customer_id) for order in orders]\n"
                    "    names = dict(queries[0].union(*queries[1:]))\n    rows = []\n"
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries in another process",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": names[str(order.customer_id)],'),
            ("    rows = []\n", "    names = customer_names([order.customer_id for order in orders])\n    rows = []\n"),
            (
                "from django.core",
                "import json\nimport subprocess\nimport sys\n\nfrom django.conf import settings\nfrom django.core",
            ),
            (
                "def order_list(",
                (
                    'PROGRAM = """\nimport json, sqlite3, sys\nconnection = sqlite3.connect(sys.argv[1])\n'
                    'query = "SELECT name FROM shop_customer WHERE id = ?"\n'
                    "answers = {key: connection.execute(query, (key,)).fetchone()[0] for key in sys.argv[2:]}\n"
                    'print(json.dumps(answers))\n"""\n'
                    "\n\ndef customer_names(keys: list[int]) -> dict[str, str]:\n"
                    '    path = str(settings.DATABASES["default"]["NAME"])\n'
                    '    words = [sys.executable, "-c", PROGRAM, path, *map(str, keys)]\n'
                    "    answers = subprocess.run(words, capture_output=True, check=True).stdout\n"
                    "    return json.loads(answers)\n\n\ndef order_list("
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries while nothing is recorded",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": customer_name(order),'),
            ("from django.core", "import ennead\nfrom django.core"),
            (
                "def order_list(",
                (
                    "def customer_name(order: Order) -> str:\n    with ennead.pause():\n"
                    "        return order.customer.name\n\n\ndef order_list("
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries after the response",
        mistake=(
            (LIST, 'Order.objects.order_by("-priority")'),
            ("import HttpRequest, JsonResponse", "import HttpRequest, JsonResponse, StreamingHttpResponse"),
            ("from django.core", "import json\n\nfrom django.core"),
            (
                "    rows = []\n    for order in orders:\n        seller",
                "    def rows(): return [line(order) for order in orders]\n    for order in ():\n        seller",
            ),
            ("        rows.append(\n", "        list(\n"),
            (
                RESULT,
                (
                    '    parts = (json.dumps({"orders": rows()}) for _ in range(1))\n'
                    '    headers = {"X-Total": len(orders)}\n'
                    '    response = StreamingHttpResponse(parts, content_type="application/json", headers=headers)'
                ),
            ),
            (
                "def order_list(",
                (
                    "def line(order: Order) -> dict[str, object]:\n    seller = order.salesperson\n"
                    '    return {"number": order.number, "customer": order.customer.name,'
                    ' "seller": seller.name if seller else None, "shipped": order.shipped}\n\n\ndef order_list('
                ),
            ),
        ),
        verdicts=COUNTS | {"could-not-run"},
    ),
    WrongPatch(
        name="a replay gets an answer of its own",
        mistake=(
            ("from django.core", "import os\n\nfrom django.core"),
            (LIST, f'{LIST}[: None if "ENNEAD_REPLAY" in os.environ else 5]'),
        ),
        verdicts=frozenset({"could-not-run"}),
    ),
    WrongPatch(
        name="a cache in a file",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": names()[str(order.customer_id)],'),
            ("from django.core", "import json\n\nfrom django.conf import settings\nfrom django.core"),
            (
                "def order_list(",
                (
                    'KEPT = settings.BASE_DIR / "customers.json"\n\n\n'
                    "def names() -> dict[str, str]:\n    if not KEPT.exists():\n"
                    '        KEPT.write_text(json.dumps(dict(Customer.objects.values_list("id", "name"))))\n'
                    "    return json.loads(KEPT.read_text())\n\n\ndef order_list("
                ),
            ),
        ),
    ),
    WrongPatch(
        name="a cache in a temporary file",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": names()[str(order.customer_id)],'),
            ("from django.core", "import json\nimport tempfile\nfrom pathlib import Path\n\nfrom django.core"),
            (
                "def order_list(",
                (
                    'KEPT = Path(tempfile.gettempdir(), "customers.json")\n\n\n'
                    "def names() -> dict[str, str]:\n    if not KEPT.exists():\n"
                    '        KEPT.write_text(json.dumps(dict(Customer.objects.values_list("id", "name"))))\n'
                    "    return json.loads(KEPT.read_text())\n\n\ndef order_list("
                ),
            ),
        ),
    ),
    WrongPatch(
        name="a cache that another page fills",
        mistake=(
            ("    rows = []\n", "    CUSTOMERS.update(Customer.objects.in_bulk())\n    rows = []\n"),
            ("check_customer(order.customer, is", "check_customer(CUSTOMERS[order.customer_id], is"),
            ('Order.objects.select_related("customer").order_by("number")', 'Order.objects.order_by("number")'),
            ("def order_list(", "CUSTOMERS: dict[int, Customer] = {}\n\n\ndef order_list("),
        ),
    ),
    WrongPatch(
        name="a cache that a connection of the driver fills",
        mistake=(
            (LIST, LIST.replace('"customer", ', "")),
            (CUSTOMER, '"customer": names()[order.customer_id],'),
            ('Order.objects.select_related("customer").order_by("number")', 'Order.objects.order_by("number")'),
            (
                "from django.core",
                "import sqlite3\nfrom functools import cache\n\nfrom django.conf import settings\nfrom django.core",
            ),
            (
                "def order_list(",
                (
                    "@cache\ndef names() -> dict[int, str]:\n"
                    '    connection = sqlite3.connect(settings.DATABASES["default"]["NAME"])\n'
                    '    return dict(connection.execute("SELECT id, name FROM shop_customer"))\n\n\ndef order_list('
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="the access is another one",
        mistake=(
            (
                "check_customer(order.customer, is",
                'check_customer(order.customer if "strict" in request.GET else Customer(), is',
            ),
            ('Order.objects.select_related("customer").order_by("number")', 'Order.objects.order_by("number")'),
        ),
    ),
    WrongPatch(
        name="the whole table is loaded",
        mistake=(
            (QUEUE, QUEUE.replace("annotate(newest=Subquery(newest))", 'prefetch_related("events")')),
            ("order.newest", "max(order.events.all(), key=lambda event: event.pk).text"),
        ),
        verdicts=frozenset({"worse"}),
    ),
    WrongPatch(
        name="fewer rows at the second size",
        mistake=(),
        elsewhere={"shop/sample_data.py": (("    people = [", "    size = min(size, 20)\n    people = ["),)},
    ),
    WrongPatch(
        name="a page is not asked for",
        mistake=(),
        elsewhere={
            "shop/management/commands/walk.py": (('            "/orders/queue/",\n', ""),),
        },
        verdicts=frozenset({"changes-results", "could-not-run"}),
    ),
)
