from django.core.management.base import BaseCommand

from orders.outbox import deliver_next


class Command(BaseCommand):
    help = "Delivers the messages that wait in the outbox."

    def handle(self, **options: object) -> None:
        delivered = 0
        while deliver_next() is not None:
            delivered += 1
        self.stdout.write(f"delivered {delivered} messages")
