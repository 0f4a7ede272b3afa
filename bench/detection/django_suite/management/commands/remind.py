"""`manage.py remind`: one line per unpaid invoice."""

from django.core.management.base import BaseCommand

from bench.detection.django_suite.models import Invoice


class Command(BaseCommand):
    help = "Print a reminder for every unpaid invoice"

    def handle(self, *args, **options):
        unpaid = Invoice.objects.filter(total__gt=0)  # place[management_command]: origin
        for invoice in unpaid:  # place[management_command]: loop origin
            phone = invoice.customer.profile.phone  # place[management_command]: access
            self.stdout.write(f"call {phone} about {invoice.total}")
