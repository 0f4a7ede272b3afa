from django.apps import AppConfig


class FreightConfig(AppConfig):
    name = "bench.detection.django_suite"
    label = "freight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from bench.detection.django_suite import receivers

        receivers.connect()
