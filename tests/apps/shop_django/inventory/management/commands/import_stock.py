import csv
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from catalogue.models import Product
from inventory.models import StockLevel, Warehouse


class Command(BaseCommand):
    help = "Reads a stocktaking: a CSV file with the columns warehouse, sku, quantity."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    @transaction.atomic
    def handle(self, *, file: Path, **options: object) -> None:
        warehouses = Warehouse.objects.in_bulk(field_name="code")
        count = 0
        with file.open(newline="") as rows:
            for row in csv.DictReader(rows):
                product = Product.objects.get(sku=row["sku"])
                StockLevel.objects.update_or_create(
                    warehouse=warehouses[row["warehouse"]],
                    product=product,
                    defaults={"quantity": int(row["quantity"])},
                )
                count += 1
        self.stdout.write(f"read {count} stock levels")
