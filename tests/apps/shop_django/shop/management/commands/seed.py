from argparse import ArgumentParser

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalogue.models import Product
from shop.sample_data import fill

DEFAULT_ROWS = 24
FEWEST_ROWS = 3


class Command(BaseCommand):
    help = "Fills the database with a made-up shop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rows", type=int, default=DEFAULT_ROWS, help="products, customers and orders"
        )
        parser.add_argument("--flush", action="store_true", help="empty the database before")

    def handle(self, *, rows: int, flush: bool, **options: object) -> None:
        if rows < FEWEST_ROWS:
            msg = f"--rows must be at least {FEWEST_ROWS}, got {rows}"
            raise CommandError(msg)
        if flush:
            call_command("flush", interactive=False, verbosity=0)
        if Product.objects.exists():
            msg = "the database is not empty; --flush empties it"
            raise CommandError(msg)
        fill(rows)
        self.stdout.write(f"filled the shop with {rows} products, customers and orders")
