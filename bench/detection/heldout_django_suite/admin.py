# mypy: ignore-errors
from django.contrib import admin

from .models import Animal, Invoice, Visit


@admin.register(Visit)
class VisitAdmin(admin.ModelAdmin):
    list_display = ("day", "state", "patient")  # place[admin_change_list_column]: loop

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("day", "pk")  # place[admin_change_list_column]: origin

    def patient(self, obj):
        return obj.animal.name  # place[admin_change_list_column]: access


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    list_display = ("number", "payer", "total")
    list_select_related = ("owner",)

    def payer(self, obj):
        return obj.owner.name


@admin.register(Animal)
class AnimalAdmin(admin.ModelAdmin):
    list_display = ("name", "visit_count")  # place[admin_column_that_counts]: loop origin

    @admin.display(description="visits")
    def visit_count(self, animal):
        return animal.visit_set.count()  # place[admin_column_that_counts]: access
