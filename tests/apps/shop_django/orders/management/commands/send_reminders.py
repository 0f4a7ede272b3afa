from django.core.management.base import BaseCommand

from orders.reminders import abandoned_carts, remind


class Command(BaseCommand):
    help = "Writes to customers who left something in their cart."

    def handle(self, **options: object) -> None:
        carts = abandoned_carts()
        for cart in carts:
            remind(cart)
        self.stdout.write(f"reminded {len(carts)} customers")
