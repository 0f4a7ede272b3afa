import csv
from itertools import islice

from django.core.management.base import BaseCommand

from catalogue.models import Product

CHUNK = 5


class Command(BaseCommand):
    help = "Writes all products as CSV, a few at a time so that memory stays flat."

    def handle(self, **options: object) -> None:
        writer = csv.writer(self.stdout)
        keys = iter(list(Product.objects.order_by("pk").values_list("pk", flat=True)))
        while chunk := list(islice(keys, CHUNK)):
            products = Product.objects.filter(pk__in=chunk).select_related("category")
            for product in products.order_by("pk"):
                writer.writerow([product.sku, product.name, product.category.name, product.price])
