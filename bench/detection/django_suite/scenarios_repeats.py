"""Duplicates: the same query with the same parameters, asked again."""

from django.db import connection

from bench.detection.django_suite.billing import preference
from bench.detection.django_suite.models import Customer, Invoice, Preference, Shipment
from bench.detection.scenario import scenario


@scenario("duplicate", kind="same-parameters", why="the currency is read again for every shipment")
def settings_row_read_per_shipment():
    prices = []
    for shipment in Shipment.objects.all():
        currency = Preference.objects.get(key="currency").value
        prices.append(f"{shipment.weight} {currency}")
    return prices


@scenario("duplicate", kind="same-parameters", why="an accessor without a cache, called in a comprehension")
def preference_read_in_a_comprehension():
    return [f"{bill.total} {preference('currency')}" for bill in Invoice.objects.all()]


@scenario("duplicate", kind="same-parameters", why="len(), bool() and the loop each run a fresh copy of the query")
def fresh_copies_of_one_queryset():
    booked = Shipment.objects.filter(status="booked")
    if booked.all():
        print(end="" if len(booked.all()) else "none")
    return [shipment.reference for shipment in booked.all()]


@scenario("duplicate", kind="same-parameters", why="three functions each fetch the customer that the caller has")
def same_customer_in_three_functions():
    def greeting(number):
        return f"Dear {Customer.objects.get(number=number).name}"

    def address(number):
        return Customer.objects.get(number=number).email

    def limit(number):
        return Customer.objects.get(number=number).credit

    return greeting("C0001"), address("C0001"), limit("C0001")


@scenario("duplicate", kind="same-parameters", why="a count that cannot change, in the condition of a while loop")
def count_in_a_loop_condition():
    position = 0
    while position < Shipment.objects.filter(weight__gte=0).count():
        position += 1
    return position


@scenario("duplicate", kind="same-parameters", why="the same raw statement, three times over")
def same_raw_statement():
    found = []
    for _ in range(4):
        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM freight_preference WHERE key = 'locale'")
            found.append(cursor.fetchone()[0])
    return found


@scenario("duplicate", kind="same-parameters", why="the permission of one user is asked again for each row")
def permission_of_one_user_per_row():
    from django.contrib.auth.models import User

    shown = []
    for shipment in Shipment.objects.all():
        controller = User.objects.filter(username="controller", is_staff=True)
        if controller.exists():
            shown.append(shipment.reference)
    return shown
