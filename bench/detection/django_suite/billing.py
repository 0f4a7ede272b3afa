"""Called from loops elsewhere: nothing here can see that it is called once a row."""

from bench.detection.django_suite.models import Customer, Invoice, Preference, Shipment


def quote_for(shipment):
    return base_fare(shipment) + shipment.weight // 10


def base_fare(shipment):
    return 100 + len(shipment.origin.name)  # place[quotes_from_another_module]: access


def open_balance(customer):
    bills = Invoice.objects.filter(customer=customer, paid=False)
    return sum(bill.total for bill in bills)  # place[balance_by_a_function_that_queries]: access


class CreditDesk:
    """A service object, the way larger code bases wrap their queries."""

    def __init__(self, limit):
        self.limit = limit

    def accepts(self, number):
        return self.credit_of(number) <= self.limit

    def credit_of(self, number):
        return Customer.objects.get(number=number).credit  # place[service_object_asked_once_a_line]: access


def preference(key):
    return Preference.objects.get(key=key).value


def rebook(shipment, status):
    Shipment.objects.filter(pk=shipment.pk).update(status=status)  # place[status_set_row_by_row]: access
