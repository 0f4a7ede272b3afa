from django.contrib import admin

from customers.models import Address, Customer, LoyaltyAccount


class AddressInline(admin.TabularInline):
    model = Address
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "order_count", "newsletter"]
    search_fields = ["name", "email"]
    inlines = [AddressInline]

    @admin.display(description="orders")
    def order_count(self, customer: Customer) -> int:
        return customer.orders.count()


admin.site.register(LoyaltyAccount)
