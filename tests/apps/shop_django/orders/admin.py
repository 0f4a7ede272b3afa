from django.contrib import admin

from orders.models import Cart, Coupon, Order, OrderLine, OutboxMessage, Payment, TaxRate


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    raw_id_fields = ["product"]
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "status", "placed_at", "total"]
    list_filter = ["status"]
    raw_id_fields = ["customer", "shipping_address"]
    inlines = [OrderLineInline]


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["reference", "status", "order_number"]
    list_filter = ["status"]
    list_select_related = ["order"]

    @admin.display(description="order")
    def order_number(self, payment: Payment) -> str:
        return payment.order.number


admin.site.register([Cart, Coupon, OutboxMessage, TaxRate])
