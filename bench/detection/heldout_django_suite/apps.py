# mypy: ignore-errors
from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "bench.detection.heldout_django_suite"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"
