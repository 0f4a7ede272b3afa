"""Signal handlers: they run once a save, wherever the save is."""

from django.db.models.signals import post_save

from bench.detection.django_suite.models import AuditEntry, Invoice, Job


def note_customer_of_invoice(sender, instance, **options):
    if getattr(instance, "announce", False):
        AuditEntry(text=f"billed {instance.customer.email}")  # place[signal_handler_that_loads]: access


def write_audit_entry(sender, instance, **options):
    if getattr(instance, "audited", False):
        AuditEntry.objects.create(text=f"job {instance.pk}")  # place[audit_entry_per_saved_job]: access


def connect():
    post_save.connect(note_customer_of_invoice, sender=Invoice)
    post_save.connect(write_audit_entry, sender=Job)
