from django.core.management.base import BaseCommand

from catalogue.jobs import refresh_ratings


class Command(BaseCommand):
    help = "Stores the average rating of every product."

    def handle(self, **options: object) -> None:
        count = refresh_ratings()
        self.stdout.write(f"rated {count} products")
