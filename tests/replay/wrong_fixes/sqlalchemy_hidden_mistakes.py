"""Repairs of the SQLAlchemy shop with a mistake that hides: no row at hand shows it, or it keeps out of the counts."""

from __future__ import annotations

from tests.replay.wrong_fixes.patches import WrongPatch
from tests.replay.wrong_fixes.sqlalchemy_patches import (
    BEGIN,
    CHECK,
    COUNTS,
    CUSTOMER,
    LIST,
    OPTIONS,
    QUEUE,
    RESULT,
    SELECT,
    SELLERS_ONLY,
    SHIPPED,
)

HIDDEN_MISTAKES = (
    WrongPatch(
        name="a condition of an outer join would lose partners that are not there yet",
        mistake=(
            (OPTIONS, OPTIONS.replace("(Order.customer)", "(Order.customer.and_(Customer.is_blocked.is_(False)))")),
        ),
    ),
    WrongPatch(
        name="EXISTS would drop rows that are not there yet",
        mistake=(
            (LIST, LIST.replace(".order_by", ".where(Order.customer.has(Customer.is_blocked.is_(False))).order_by")),
        ),
    ),
    WrongPatch(
        name="IN of a subquery would drop rows that are not there yet",
        mistake=(
            (
                LIST,
                LIST.replace(
                    ".order_by",
                    ".where(Order.customer_id.in_(select(Customer.id).where(Customer.is_blocked.is_(False)))).order_by",
                ),
            ),
        ),
    ),
    WrongPatch(name="the order of ties is left open", mistake=((QUEUE, QUEUE.replace(", Order.number", "")),)),
    WrongPatch(
        name="the order is lost where chance keeps it",
        mistake=((QUEUE, QUEUE.replace(".order_by(Order.shipped, Order.number)", "")),),
    ),
    WrongPatch(name="another status", mistake=((RESULT, f"{RESULT}\n    response.status_code = 202"),)),
    WrongPatch(name="a header is lost", mistake=(('    response.headers["X-Total"] = str(len(rows))\n', ""),)),
    WrongPatch(name="a cookie is lost", mistake=(('    response.set_cookie("last_page", "orders")\n', ""),)),
    WrongPatch(
        name="an exception is swallowed",
        mistake=(
            (
                "            check_customer(order.customer, is",
                "            with suppress(ValueError):\n                check_customer(order.customer, is",
            ),
            ("from flask import", "from contextlib import suppress\n\nfrom flask import"),
        ),
    ),
    WrongPatch(
        name="a missing row is found",
        mistake=(("            abort(404)\n", "            return jsonify(number=None, notes=[])\n"),),
    ),
    WrongPatch(
        name="the transaction is cut in two",
        mistake=((SHIPPED, f"        session.commit()\n{SHIPPED}"),),
    ),
    WrongPatch(
        name="writes in another order",
        mistake=(("insert(Shipment), shipments)", "insert(Shipment), shipments[::-1])"),),
    ),
    WrongPatch(
        name="INSERTs are only put off",
        mistake=((SHIPPED, "        session.add_all([Shipment(**row) for row in shipments])\n"),),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="a time of change is not written",
        mistake=(
            ("            order.shipped = True\n", ""),
            (
                SHIPPED,
                (
                    f"{SHIPPED}        session.connection().exec_driver_sql("
                    '"UPDATE orders SET shipped = 1 WHERE shipped = 0")\n'
                ),
            ),
        ),
    ),
    WrongPatch(
        name="a UNION of a query for each row",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names[order.customer_id],'),
            ("import insert, select\n", "import insert, select, union_all\n"),
            (
                f"{LIST.replace(SELECT, SELLERS_ONLY)}\n",
                (
                    f"{LIST.replace(SELECT, SELLERS_ONLY)}\n"
                    "        queries = [select(Customer.id, Customer.name).where(Customer.id == key)"
                    " for key in [order.customer_id for order in orders]]\n"
                    "        names = {key: name for key, name in session.execute(union_all(*queries))}\n"
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="a subquery for each row",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names[order.customer_id],'),
            (
                f"{LIST.replace(SELECT, SELLERS_ONLY)}\n",
                (
                    f"{LIST.replace(SELECT, SELLERS_ONLY)}\n"
                    "        keys = [order.customer_id for order in orders]\n"
                    "        one = select(Customer.name)\n"
                    "        columns = [one.where(Customer.id == key).scalar_subquery() for key in keys]\n"
                    "        names = dict(zip(keys, session.execute(select(*columns)).one()))\n"
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries in another process",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names[str(order.customer_id)],'),
            ("import engine", "import PATH, engine"),
            ("from flask import", "import json\nimport subprocess\nimport sys\n\nfrom flask import"),
            (
                f"{LIST.replace(SELECT, SELLERS_ONLY)}\n",
                (
                    f"{LIST.replace(SELECT, SELLERS_ONLY)}\n"
                    "        names = customer_names([order.customer_id for order in orders])\n"
                ),
            ),
            (
                BEGIN,
                (
                    'PROGRAM = """\nimport json, sqlite3, sys\nconnection = sqlite3.connect(sys.argv[1])\n'
                    'query = "SELECT name FROM customers WHERE id = ?"\n'
                    "answers = {key: connection.execute(query, (key,)).fetchone()[0] for key in sys.argv[2:]}\n"
                    'print(json.dumps(answers))\n"""\n'
                    "\n\ndef customer_names(keys: list[int]) -> dict[str, str]:\n"
                    '    words = [sys.executable, "-c", PROGRAM, str(PATH), *map(str, keys)]\n'
                    "    return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)\n\n\n" + BEGIN
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="queries while nothing is recorded",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": customer_name(order),'),
            ("from flask import", "import ennead\nfrom flask import"),
            (
                BEGIN,
                (
                    "def customer_name(order: Order) -> str:\n    with ennead.pause():\n"
                    "        return order.customer.name\n\n\n" + BEGIN
                ),
            ),
        ),
        verdicts=COUNTS,
    ),
    WrongPatch(
        name="a replay gets an answer of its own",
        mistake=(
            ("from flask import", "import sys\n\nfrom flask import"),
            (LIST, f"{LIST}[: None if sys.gettrace() or 'ennead.replay' in sys.modules else 5]"),
        ),
        verdicts=frozenset({"could-not-run"}),
    ),
    WrongPatch(
        name="a cache in a file",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names()[str(order.customer_id)],'),
            ("import engine", "import PATH, engine"),
            ("from flask import", "import json\n\nfrom flask import"),
            (
                BEGIN,
                (
                    'KEPT = PATH.with_name("customers.json")\n\n\n'
                    "def names() -> dict[str, str]:\n    if not KEPT.exists():\n"
                    "        with Session(engine) as session:\n"
                    "            customers = session.scalars(select(Customer))\n"
                    "            KEPT.write_text(json.dumps({row.id: row.name for row in customers}))\n"
                    "    return json.loads(KEPT.read_text())\n\n\n" + BEGIN
                ),
            ),
        ),
    ),
    WrongPatch(
        name="a cache that another page fills",
        mistake=(
            (
                "    rows = []\n    with Session(engine) as session:\n",
                (
                    "    rows = []\n    with Session(engine) as session:\n"
                    "        CUSTOMERS.update({row.id: row for row in session.scalars(select(Customer))})\n"
                    "        session.expunge_all()\n"
                ),
            ),
            ("check_customer(order.customer, is", "check_customer(CUSTOMERS[order.customer_id], is"),
            (CHECK, "select(Order).order_by(Order.number)"),
            (BEGIN, f"CUSTOMERS: dict[int, Customer] = {{}}\n\n\n{BEGIN}"),
        ),
    ),
    WrongPatch(
        name="a cache that a connection of the driver fills",
        mistake=(
            (SELECT, SELLERS_ONLY),
            (CUSTOMER, '"customer": names()[order.customer_id],'),
            (CHECK, "select(Order).order_by(Order.number)"),
            ("import engine", "import PATH, engine"),
            ("from flask import", "import sqlite3\nfrom functools import cache\n\nfrom flask import"),
            (
                BEGIN,
                (
                    "@cache\ndef names() -> dict[int, str]:\n    connection = sqlite3.connect(PATH)\n"
                    '    return dict(connection.execute("SELECT id, name FROM customers"))\n\n\n' + BEGIN
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
                'check_customer(order.customer if "strict" in request.args else Customer(), is',
            ),
            (CHECK, "select(Order).order_by(Order.number)"),
        ),
    ),
    WrongPatch(
        name="the whole table is loaded",
        mistake=(
            (
                QUEUE,
                "select(Order).options(selectinload(Order.events)).order_by(Order.shipped, Order.number)",
            ),
            ("for order, event in orders", "for order, in orders"),
            ("[order.number, event]", "[order.number, order.events[-1].text]"),
        ),
        verdicts=frozenset({"worse"}),
    ),
    WrongPatch(
        name="fewer rows at the second size",
        mistake=(),
        elsewhere={"shop/sample_data.py": (("    people = max(", "    size = min(size, 20)\n    people = max("),)},
    ),
    WrongPatch(
        name="a page is not asked for",
        mistake=(),
        elsewhere={"shop/walk.py": (('"/orders/queue", ', ""),)},
        verdicts=frozenset({"changes-results", "could-not-run"}),
    ),
)
