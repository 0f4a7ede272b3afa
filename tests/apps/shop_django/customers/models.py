from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models


class Customer(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="customer",
        null=True,
        blank=True,
    )
    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    newsletter = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    notes = GenericRelation("notes.StaffNote")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LoyaltyAccount(models.Model):
    class Tier(models.TextChoices):
        BRONZE = "bronze"
        SILVER = "silver"
        GOLD = "gold"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="loyalty")
    points = models.PositiveIntegerField(default=0)
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.BRONZE)

    def __str__(self) -> str:
        return f"{self.get_tier_display()}, {self.points} points"


class Address(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=40)
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=12)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"
