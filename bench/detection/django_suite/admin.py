"""The admin: one changelist whose columns query, one that says what it needs."""

from django.contrib import admin

from bench.detection.django_suite.models import Customer, Invoice, Ship, Shipment


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):
    list_display = ["reference", "box_count"]

    @admin.display(description="boxes")
    def box_count(self, shipment):
        return shipment.containers.count()  # place[changelist_column_that_counts]: access


@admin.register(Ship)
class ShipAdmin(admin.ModelAdmin):
    list_display = ["name", "home"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("carrier")  # place[changelist_column_two_hops_away]: origin

    def home(self, ship):
        return ship.carrier.home_port.name  # place[changelist_column_two_hops_away]: access


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    list_display = ["pk", "customer", "shipment", "total"]
    list_select_related = ["customer", "shipment__customer"]


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    list_display = ["number", "name"]
