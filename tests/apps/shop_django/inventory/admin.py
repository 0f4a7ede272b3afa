from django.contrib import admin

from inventory.models import StockLevel, Warehouse


@admin.register(StockLevel)
class StockLevelAdmin(admin.ModelAdmin):
    list_display = ["product", "warehouse", "quantity", "reorder_point"]
    list_filter = ["warehouse"]


admin.site.register(Warehouse)
