import time
from io import StringIO

from django.core.management import call_command
from django.core.management.base import BaseCommand, OutputWrapper
from django.db import connection

from catalogue.models import Product
from shop.walk import walk


class Command(BaseCommand):
    help = "Visits every page and API and runs every command once, on an empty database too."

    def handle(self, *, verbosity: int, **options: object) -> None:
        if verbosity == 0:
            self.stdout = OutputWrapper(StringIO())
        self._prepare()
        count = 0
        started = time.perf_counter()
        for step in walk():
            begun = time.perf_counter()
            outcome = step.run()
            spent_ms = (time.perf_counter() - begun) * 1000
            self.stdout.write(f"{step.label:45} {spent_ms:7.1f} ms  {outcome}")
            count += 1
        self.stdout.write(f"{count} steps in {time.perf_counter() - started:.1f} s")

    def _prepare(self) -> None:
        if Product._meta.db_table not in connection.introspection.table_names():
            self.stdout.write("no tables yet: migrating")
            call_command("migrate", verbosity=0)
        if not Product.objects.exists():
            call_command("seed", stdout=self.stdout)
