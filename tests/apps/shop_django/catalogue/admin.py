from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from catalogue.models import Category, Product, ProductImage, Review, Supplier, Tag


class ProductImageInline(admin.TabularInline):
    model = ProductImage
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "category", "price", "review_count", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["category"]
    search_fields = ["sku", "name"]
    inlines = [ProductImageInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).annotate(review_count=Count("reviews"))

    @admin.display(ordering="review_count")
    def review_count(self, product: Product) -> int:
        return product.review_count


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ["__str__", "created_at", "approved"]
    list_filter = ["approved", "rating"]
    actions = ["approve"]

    @admin.action(description="Approve the selected reviews")
    def approve(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            review.approved = True
            review.save(update_fields=["approved"])
        self.message_user(request, "The reviews are visible now.")


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "position"]
    list_select_related = ["parent"]


admin.site.register(Supplier)
admin.site.register(Tag)
