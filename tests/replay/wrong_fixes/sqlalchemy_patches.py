"""Repairs of the SQLAlchemy shop, each with one mistake."""

from __future__ import annotations

from tests.replay.wrong_fixes.patches import Shop, WrongPatch

OPTIONS = "options(joinedload(Order.customer), selectinload(Order.salesperson))"
SELECT = f"select(Order).{OPTIONS}"
LIST = f"session.scalars({SELECT}.order_by(Order.priority.desc())).all()"
SELLERS_ONLY = SELECT.replace("joinedload(Order.customer), ", "")
CUSTOMER = '"customer": order.customer.name,'
RESULT = "    response = jsonify(orders=rows)"
NEWEST = (
    "select(Event.text).where(Event.order_id == Order.id).order_by(Event.id.desc()).limit(1)"
    ".correlate(Order).scalar_subquery()"
)
QUEUE = "select(Order, newest).order_by(Order.shipped, Order.number)"
CHECK = "select(Order).options(selectinload(Order.customer)).order_by(Order.number)"
SHIPPED = "        session.execute(insert(Shipment), shipments)\n"
AGAIN = "        session.execute(insert(Shipment), shipments)  # again\n"
MAIL = '            send_mail(f"Order {order.number}", "It is on its way.", f"{order.number}@example.org")\n'
BEGIN = '@app.get("/orders")\n'
COUNTS = frozenset({"no-effect", "reduced-not-flat", "worse", "changes-results"})

SHOP = Shop(
    name="sqlalchemy_shop",
    file="shop/app.py",
    command=("python", "-m", "shop.walk", "{size}"),
    repair=(
        ("import Session\n", "import Session, joinedload, selectinload\n"),
        ("import select\n", "import insert, select\n"),
        ("select(Order).order_by(Order.priority.desc())", f"{SELECT}.order_by(Order.priority.desc())"),
        (
            "        orders = session.scalars(select(Order).order_by(Order.shipped, Order.number)).all()\n",
            f"        newest = {NEWEST}\n        orders = session.execute({QUEUE}).all()\n",
        ),
        (
            (
                "        for order in orders:\n"
                "            newest = select(Event).where(Event.order_id == order.id)"
                ".order_by(Event.id.desc()).limit(1)\n"
                "            event = session.scalars(newest).first()\n"
            ),
            "        for order, event in orders:\n",
        ),
        ("event.text if event else None", "event"),
        (
            (
                "    notes = {}\n    with Session(engine) as session:\n"
                "        orders = session.scalars(select(Order).order_by(Order.number)).all()\n"
            ),
            (
                "    notes = {}\n    with Session(engine) as session:\n"
                "        shown = selectinload(Order.notes.and_(Note.is_public))\n"
                "        orders = session.scalars(select(Order).options(shown).order_by(Order.number)).all()\n"
            ),
        ),
        (
            "session.scalars(select(Note).where(Note.order_id == order.id, Note.is_public).order_by(Note.id))",
            "order.notes",
        ),
        (
            (
                "orders = session.scalars(select(Order).order_by(Order.number)).all()\n"
                "        for order in orders:\n            check"
            ),
            f"orders = session.scalars({CHECK}).all()\n        for order in orders:\n            check",
        ),
        ("    count = 0\n    with", "    shipments = []\n    with"),
        (
            'session.add(Shipment(order_id=order.id, address=f"Street {order.number}"))',
            'shipments.append({"order_id": order.id, "address": f"Street {order.number}"})',
        ),
        ("            session.flush()\n", ""),
        ("            count += 1\n", SHIPPED),
        ("shipped=count", "shipped=len(shipments)"),
    ),
)

WRONG_PATCHES = (
    WrongPatch(
        name="a filter drops rows",
        mistake=((LIST, LIST.replace(".order_by", ".where(Order.customer.has(Customer.is_active)).order_by")),),
    ),
    WrongPatch(
        name="a filter would drop rows that are not there yet",
        mistake=((LIST, LIST.replace(".order_by", ".where(Order.is_deleted.is_(False)).order_by")),),
    ),
    WrongPatch(name="LIMIT above the number of rows", mistake=((LIST, LIST.replace(")).all", ").limit(1000)).all")),)),
    WrongPatch(name="LIMIT below the number of rows", mistake=((LIST, LIST.replace(")).all", ").limit(8)).all")),)),
    WrongPatch(
        name="an inner join loses NULL keys",
        mistake=(
            (
                OPTIONS,
                "options(joinedload(Order.customer), joinedload(Order.salesperson, innerjoin=True))",
            ),
        ),
    ),
    WrongPatch(name="the order is lost", mistake=((LIST, LIST.replace(".order_by(Order.priority.desc())", "")),)),
    WrongPatch(name="the order is turned", mistake=((LIST, LIST.replace(".desc()", "")),)),
    WrongPatch(
        name="a join doubles rows",
        mistake=(
            (
                LIST,
                (
                    "[order for order, _ in session.execute(select(Order, Note.id)"
                    f".outerjoin(Note).{OPTIONS}.order_by(Order.priority.desc()))]"
                ),
            ),
        ),
    ),
    WrongPatch(
        name="the eager load loses its filter",
        mistake=(("selectinload(Order.notes.and_(Note.is_public))", "selectinload(Order.notes)"),),
    ),
    WrongPatch(
        name="an error page with status 200",
        mistake=(
            (CUSTOMER, '"customer": order.customer.full_name,'),
            (
                BEGIN,
                "@app.errorhandler(AttributeError)\ndef sorry(_error: AttributeError) -> Response:\n"
                '    return jsonify(orders=[], error="try again later")\n\n\n' + BEGIN,
            ),
        ),
    ),
    WrongPatch(
        name="a cached response",
        mistake=(
            (BEGIN, f"KEPT: list[dict[str, object]] = []\n\n\n{BEGIN}"),
            ("    rows = []\n", "    if KEPT:\n        return jsonify(orders=KEPT)\n    rows = []\n"),
            (RESULT, f"    KEPT.extend(rows)\n{RESULT}"),
        ),
    ),
    WrongPatch(
        name="cached lookups",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names()[order.customer_id],'),
            ("from flask import", "from functools import cache\n\nfrom flask import"),
            (
                BEGIN,
                "@cache\ndef names() -> dict[int, str]:\n    with Session(engine) as session:\n"
                "        return {row.id: row.name for row in session.scalars(select(Customer))}\n\n\n" + BEGIN,
            ),
        ),
    ),
    WrongPatch(
        name="rows are cut when there are many",
        mistake=((RESULT, "    response = jsonify(orders=rows if len(rows) < 20 else rows[:20])"),),
    ),
    WrongPatch(
        name="the eager load is cut for each order", mistake=(("for note in public]", "for note in public[:1]]"),)
    ),
    WrongPatch(
        name="queries on another connection",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": customer_name(order.customer_id),'),
            ("import engine", "import engine, reporting_engine"),
            (
                BEGIN,
                "def customer_name(key: int) -> str:\n    with Session(reporting_engine) as session:\n"
                "        return session.get_one(Customer, key).name\n\n\n" + BEGIN,
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries on a connection of the driver",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": customer_name(order.customer_id),'),
            ("import engine", "import PATH, engine"),
            ("from flask import", "import sqlite3\n\nfrom flask import"),
            (
                BEGIN,
                "def customer_name(key: int) -> str:\n    connection = sqlite3.connect(PATH)\n"
                '    (name,) = connection.execute("SELECT name FROM customers WHERE id = ?", (key,)).fetchone()\n'
                "    connection.close()\n    return str(name)\n\n\n" + BEGIN,
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries on another thread",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names[order.customer_id],'),
            (
                f"{LIST.replace(SELECT, SELLERS_ONLY)}\n",
                (
                    f"{LIST.replace(SELECT, SELLERS_ONLY)}\n        with ThreadPoolExecutor(1) as pool:\n"
                    "            names = dict(pool.map(customer_name, [order.customer_id for order in orders]))\n"
                ),
            ),
            (
                "from flask import",
                "from concurrent.futures import ThreadPoolExecutor\n\nfrom flask import",
            ),
            (
                BEGIN,
                "def customer_name(key: int) -> tuple[int, str]:\n    with Session(engine) as session:\n"
                "        return key, session.get_one(Customer, key).name\n\n\n" + BEGIN,
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="the queries move to another table",
        mistake=(
            (
                CUSTOMER,
                (
                    '"customer": session.scalars(select(Profile).where(Profile.customer_id == order.customer_id))'
                    ".one().display_name,"
                ),
            ),
            ("import Customer, Event, Note, Order, Shipment", "import Customer, Event, Note, Order, Profile, Shipment"),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="the access no longer runs for each order",
        mistake=(
            ("        for order in orders:\n            check", "        for order in orders[:1]:\n            check"),
        ),
    ),
    WrongPatch(
        name="the access is gone",
        mistake=(
            (
                (
                    f"session.scalars({CHECK}).all()\n        for order in orders:\n"
                    '            check_customer(order.customer, is_strict="strict" in request.args)\n'
                ),
                "session.scalars(select(Order).order_by(Order.number)).all()\n",
            ),
        ),
    ),
    WrongPatch(
        name="a body that is another each time",
        mistake=(
            ("from flask import", "import time\n\nfrom flask import"),
            (RESULT, "    response = jsonify(orders=rows, made_at=time.time_ns())"),
        ),
        verdicts=frozenset({"changes-results", "non-deterministic"}),
    ),
    WrongPatch(
        name="a write is lost",
        mistake=(("order.shipped = True", "order.shipped = order is not orders[0]"),),
    ),
    WrongPatch(name="all writes are lost", mistake=(("        session.commit()\n", ""),)),
    WrongPatch(name="a write is doubled", mistake=((SHIPPED, SHIPPED + AGAIN),)),
    WrongPatch(
        name="a write has another value", mistake=(('"address": f"Street {order.number}"', '"address": "Street"'),)
    ),
    WrongPatch(name="mails are lost", mistake=((MAIL, ""),)),
    WrongPatch(name="a mail is lost", mistake=((MAIL, f"            if order is not orders[0]:\n    {MAIL}"),)),
    WrongPatch(name="mails are doubled", mistake=((MAIL, MAIL + MAIL),)),
)
