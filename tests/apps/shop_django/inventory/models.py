from django.db import models


class Region(models.TextChoices):
    """Where a warehouse stands: a fixed list, each with customs and carriers of its own."""

    EUROPE = "eu"
    AMERICAS = "am"
    ASIA_PACIFIC = "ap"


class Warehouse(models.Model):
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=80)
    region = models.CharField(max_length=2, choices=Region.choices)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class StockLevel(models.Model):
    warehouse = models.ForeignKey(Warehouse, on_delete=models.CASCADE, related_name="stock")
    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="stock")
    quantity = models.IntegerField(default=0)
    reorder_point = models.PositiveIntegerField(default=5)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["warehouse", "product"], name="one_level_per_product_and_warehouse"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product.name} ({self.quantity} left)"
