from collections.abc import Iterator

from django.core.mail import get_connection, send_mail
from django.core.management.base import BaseCommand

from customers.models import Customer

PAGE = 4


def subscribers() -> Iterator[list[Customer]]:
    """All who want the newsletter, page by page in the order of their keys."""
    last = 0
    while page := list(Customer.objects.filter(newsletter=True, pk__gt=last).order_by("pk")[:PAGE]):
        yield page
        last = page[-1].pk


class Command(BaseCommand):
    help = "Sends the newsletter to everybody who asked for it."

    def handle(self, **options: object) -> None:
        sent = 0
        for page in subscribers():
            with get_connection() as mail:
                for customer in page:
                    body = f"Dear {customer.name}, here is what came in this month."
                    send_mail("New in the shop", body, None, [customer.email], connection=mail)
                    sent += 1
        self.stdout.write(f"sent {sent} newsletters")
