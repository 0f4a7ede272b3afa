"""The same mistake in every shape a loop takes."""

import itertools
import time
from collections import deque
from functools import reduce

from bench.detection.django_suite.models import (
    Carrier,
    Container,
    Customer,
    Depot,
    Invoice,
    Port,
    Sailor,
    Ship,
    Shipment,
)
from bench.detection.django_suite.pipeline import priced, read_shipments, with_port
from bench.detection.scenario import scenario


@scenario("n-plus-one", kind="relation", why="a generator expression handed to sum() loads a row's invoices each time")
def generator_handed_to_sum():
    customers = Customer.objects.all()  # place: origin
    return sum(  # place: origin
        len(customer.invoices.all())  # place: access
        for customer in customers  # place: loop origin
    )


@scenario("n-plus-one", kind="relation", why="any() stops at the first hit, and there is none")
def generator_handed_to_any():
    shipments = Shipment.objects.order_by("pk")  # place: origin
    return any(s.customer.name == "nobody" for s in shipments)  # place: loop access origin


@scenario("n-plus-one", kind="relation", why="all() over a lazily loaded flag")
def generator_handed_to_all():
    ships = Ship.objects.filter(draught__gt=1)  # place: origin
    return all(  # place: origin
        ship.carrier.name.startswith("Line")  # place: access
        for ship in ships  # place: loop origin
    )


@scenario("n-plus-one", kind="relation", why="the sort key loads a relation for each element")
def sort_key_that_loads():
    shipments = list(Shipment.objects.all())  # place: origin
    return sorted(shipments, key=lambda s: s.customer.name)  # place: loop access


@scenario("n-plus-one", kind="aggregate", why="max() calls a key that counts in the database")
def max_key_that_counts():
    ships = list(Ship.objects.all())  # place: origin

    def crew_size(ship):
        return ship.crew.count()  # place: access

    return max(ships, key=crew_size)  # place: loop


@scenario("n-plus-one", kind="relation", why="map() calls a function that loads")
def map_over_rows():
    def port_name(shipment):
        return shipment.origin.name  # place: access

    rows = Shipment.objects.filter(weight__gte=0)  # place: origin
    return list(map(port_name, rows))  # place: loop origin


@scenario("n-plus-one", kind="lookup", why="filter() calls a predicate that asks the database")
def filter_by_a_predicate_that_asks():
    customers = list(Customer.objects.order_by("pk"))  # place: origin
    in_debt = filter(lambda c: c.invoices.filter(paid=False).exists(), customers)  # place: loop access
    return [customer.name for customer in in_debt]  # place: loop


@scenario("n-plus-one", kind="relation", why="reduce() folds rows and loads one relation a step")
def reduce_over_rows():
    invoices = list(Invoice.objects.all())  # place: origin
    return reduce(lambda total, bill: total + bill.shipment.weight, invoices, 0)  # place: loop access


@scenario("n-plus-one", kind="relation", why="a set comprehension")
def set_of_countries():
    return {  # place: origin
        port.country.name  # place: access
        for port in Port.objects.all()  # place: loop origin
    }


@scenario("n-plus-one", kind="relation", why="the condition of a comprehension loads")
def comprehension_with_a_loading_condition():
    fleet = Ship.objects.all()  # place: origin
    return [  # place: origin
        ship.name
        for ship in fleet  # place: loop origin
        if ship.master.name != ""  # place: access
    ]


@scenario("n-plus-one", kind="relation", why="a while loop that pops rows off a queue in memory")
def while_loop_over_a_deque():
    waiting = deque(Shipment.objects.order_by("weight"))  # place: origin
    done = []
    while waiting:  # place: loop
        shipment = waiting.popleft()
        done.append(shipment.ship.name)  # place: access
    return done


@scenario("n-plus-one", kind="relation", why="an iterator driven by next()")
def loop_driven_by_next():
    rows = iter(Shipment.objects.all())  # place: origin
    codes = []
    while (shipment := next(rows, None)) is not None:  # place: loop
        codes.append(shipment.origin.code)  # place: access
    return codes


@scenario("n-plus-one", kind="relation", why="enumerate and zip around the rows change nothing")
def enumerate_and_zip():
    lines = []
    shipments = Shipment.objects.order_by("reference")  # place: origin
    for position, (shipment, mark) in enumerate(zip(shipments, itertools.cycle("ab"), strict=False)):  # place: loop origin
        lines.append((position, mark, shipment.customer.email))  # place: access
    return lines


@scenario("n-plus-one", kind="relation", why="grouped rows: the inner loop loads")
def grouped_rows():
    sections = {}
    ordered = Shipment.objects.order_by("status", "pk")  # place: origin
    for status, group in itertools.groupby(ordered, key=lambda s: s.status):  # place: origin
        sections[status] = [s.customer.name for s in group]  # place: loop access
    return sections


@scenario("n-plus-one", kind="relation", why="two levels: carriers, their ships, and the ships' shipments")
def nested_loops_over_three_tables():
    tree = []
    for carrier in Carrier.objects.all():  # place: loop origin
        for ship in carrier.ships.all():  # place: access loop origin
            for shipment in ship.shipments.all():  # place: access
                tree.append((carrier.name, ship.name, shipment.reference))
    return tree


@scenario("n-plus-one", kind="lookup", why="one query per pair of the product")
def product_of_two_collections():
    carriers = list(Carrier.objects.all())  # place: origin
    ports = list(Port.objects.all())  # place: origin
    matrix = {}
    for carrier in carriers:  # place: loop
        for port in ports:  # place: loop
            calls = Shipment.objects.filter(ship__carrier=carrier, origin=port)
            matrix[carrier.pk, port.pk] = calls.count()  # place: access
    return matrix


@scenario("n-plus-one", kind="relation", why="a tree is read one node at a time")
def tree_by_recursion():
    def outline(node, level):
        yield level, node.name
        for child in node.children.all():  # place: loop origin access
            yield from outline(child, level + 1)

    root = Depot.objects.get(parent=None)
    return list(outline(root, 0))


@scenario("n-plus-one", kind="relation", why="the same tree with a stack instead of recursion")
def tree_with_a_stack():
    stack = list(Depot.objects.filter(parent=None))  # place: origin
    names = []
    while stack:  # place: loop
        node = stack.pop()
        names.append(node.name)
        stack.extend(node.children.all())  # place: access origin
    return names


@scenario("n-plus-one", kind="relation", why="three generators in a row; the middle one loads")
def pipeline_of_generators():
    return sum(fare for _, fare in priced(with_port(read_shipments())))  # place: loop


@scenario("n-plus-one", kind="relation", why="slow iterations: every row waits for somebody else between its queries")
def slow_iterations():
    accepted = []
    for shipment in Shipment.objects.order_by("pk"):  # place: loop origin
        time.sleep(0.012)  # what a partner's API takes
        accepted.append(shipment.customer.email)  # place: access
    return accepted


@scenario("n-plus-one", kind="relation", why="only one row in four takes the branch that loads")
def branch_taken_now_and_then():
    remarks = []
    for container in Container.objects.all():  # place: loop origin
        if container.sealed:
            remarks.append(container.shipment.reference)  # place: access
    return remarks


@scenario("n-plus-one", kind="relation", why="two loops share one collection, the second one loads")
def second_loop_over_the_same_rows():
    sailors = list(Sailor.objects.all())  # place: origin
    names = [sailor.name for sailor in sailors]
    pairs = []
    for sailor in sailors:  # place: loop
        mentor = sailor.mentor  # place: access
        pairs.append((sailor.name, mentor.name if mentor else None))
    return names, pairs


def _customer_label(shipment):
    return shipment.customer.name.upper()  # place[callback_called_by_a_library_function]: access


def _for_each(rows, callback):
    for row in rows:  # place[callback_called_by_a_library_function]: loop
        yield callback(row)


@scenario("n-plus-one", kind="relation", why="the loop stands in one function, the query in a callback of another")
def callback_called_by_a_library_function():
    rows = list(Shipment.objects.all())  # place: origin
    return list(_for_each(rows, _customer_label))


def _line(shipment):
    try:
        return f"{shipment.customer.name} ({shipment.customer.profile.phone})"  # place[lazy_loads_inside_try]: access
    except Shipment.customer.RelatedObjectDoesNotExist:
        return "none"


@scenario("n-plus-one", kind="relation", why="the access is wrapped in try, the two loads of a row remain")
def lazy_loads_inside_try():
    shipments = Shipment.objects.all()  # place: origin
    text = ""
    for shipment in shipments:  # place: loop origin
        text += _line(shipment)
    return text
