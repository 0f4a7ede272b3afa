# mypy: ignore-errors
from django.core.management.base import BaseCommand

from bench.detection.heldout_django_suite.models import Animal


class Command(BaseCommand):
    help = "Print a reminder for every animal."

    def handle(self, *args, **options):
        for animal in self.patients():  # place[management_command]: loop
            self.remind(animal)

    def patients(self):
        return Animal.objects.filter(weight__gt=0).order_by("pk")  # place[management_command]: origin

    def remind(self, animal):
        self.stdout.write(f"Dear {animal.owner.name}")  # place[management_command]: access
