"""One model for each sort of relation."""
# ruff: noqa: DJ008 -- str() of these is shown to nobody

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40)
    biography = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.name} of {self.orders.count()}"


class Profile(models.Model):
    customer = models.OneToOneField(Customer, models.CASCADE)
    phone = models.CharField(max_length=20)


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    subject = GenericForeignKey("content_type", "object_id")
    text = models.CharField(max_length=40)


class Tag(models.Model):
    name = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return str(self.name)


class OpenOrders(models.Manager):  # type: ignore[type-arg,unused-ignore]
    """Orders as the shop sees them."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(cancelled=False)

    def large(self) -> Any:
        return self.filter(total__gte=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    payer = models.ForeignKey(Customer, models.CASCADE, related_name="paid_orders", null=True)
    tags = models.ManyToManyField(Tag, related_name="orders")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")
    number = models.CharField(max_length=20)
    remark = models.TextField(default="", blank=True)
    total = models.IntegerField(default=0)
    cancelled = models.BooleanField(default=False)
    notes = GenericRelation(Note)
    placed_on = models.DateField(auto_now_add=True)

    objects = models.Manager()
    open = OpenOrders()

    def get_absolute_url(self) -> str:
        return f"/orders/{self.customer.name}/"


class CarefulQuerySet(models.QuerySet):  # type: ignore[type-arg,unused-ignore]
    """Steps in wherever one row is asked for."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return super().get(*args, **kwargs)


class Warehouse(models.Model):
    """Steps into the loading of deferred columns, too."""

    name = models.CharField(max_length=20)
    address = models.TextField(default="")

    careful = CarefulQuerySet.as_manager()

    class Meta:
        base_manager_name = "careful"

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)


class Item(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, null=True)
    name = models.CharField(max_length=20)
    price = models.IntegerField(default=1)


class Premium(Customer):
    """Inherits a customer's relations."""

    level = models.IntegerField(default=1)
