import csv

from django.core.management.base import BaseCommand

from orders.models import Order
from orders.reporting import net_amount


class Command(BaseCommand):
    help = "Writes all orders with their net amounts as CSV."

    def handle(self, **options: object) -> None:
        writer = csv.writer(self.stdout)
        orders = Order.objects.select_related("customer").order_by("number")
        for order in orders.iterator(chunk_size=100):
            writer.writerow([order.number, order.customer.name, net_amount(order.pk)])
