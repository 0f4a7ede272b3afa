import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from orders import gateway
from orders.models import Payment


class Command(BaseCommand):
    help = "Waits until the provider has settled a payment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference")
        parser.add_argument("--tries", type=int, default=20)
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between two tries")

    def handle(self, *, reference: str, tries: int, pause: float, **options: object) -> None:
        payment = Payment.objects.get(reference=reference)
        for _ in range(tries):
            gateway.ask(reference)
            payment.refresh_from_db(fields=["status"])
            if payment.status != Payment.Status.PENDING:
                self.stdout.write(f"{reference} is {payment.status}")
                return
            time.sleep(pause)
        msg = f"{reference} is still pending after {tries} tries"
        raise CommandError(msg)
