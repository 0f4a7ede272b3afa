"""The tables of a freight forwarder. Methods that query carry the marks of the scenarios that call them."""

from functools import cached_property

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse


class Country(models.Model):
    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=60)


class Port(models.Model):
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=60)
    country = models.ForeignKey(Country, models.CASCADE, related_name="ports")


class Carrier(models.Model):
    """A size of twelve has three of these."""

    name = models.CharField(max_length=60)
    home_port = models.ForeignKey(Port, models.CASCADE, related_name="carriers")


class Ship(models.Model):
    name = models.CharField(max_length=60)
    carrier = models.ForeignKey(Carrier, models.CASCADE, related_name="ships")
    draught = models.FloatField(default=9.5)
    remarks = GenericRelation("Remark")


class Master(models.Model):
    ship = models.OneToOneField(Ship, models.CASCADE, related_name="master")
    name = models.CharField(max_length=60)


class Sailor(models.Model):
    name = models.CharField(max_length=60)
    mentor = models.ForeignKey("self", models.SET_NULL, null=True, related_name="apprentices")
    ships = models.ManyToManyField(Ship, related_name="crew")


class Customer(models.Model):
    number = models.CharField(max_length=20, unique=True)
    slug = models.SlugField(unique=True)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=60)
    credit = models.IntegerField(default=0)

    def __str__(self):
        return self.name


class Profile(models.Model):
    customer = models.OneToOneField(Customer, models.CASCADE, related_name="profile")
    phone = models.CharField(max_length=30)
    language = models.CharField(max_length=5, default="en")


class Tag(models.Model):
    name = models.CharField(max_length=30, unique=True)


class Shipment(models.Model):
    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="shipments")
    ship = models.ForeignKey(Ship, models.CASCADE, related_name="shipments")
    origin = models.ForeignKey(Port, models.CASCADE, related_name="departures")
    hub = models.ForeignKey(Port, models.CASCADE, related_name="transits")
    status = models.CharField(max_length=20, default="booked")
    weight = models.IntegerField(default=0)
    notes = models.TextField(default="")
    tags = models.ManyToManyField(Tag, related_name="shipments")
    remarks = GenericRelation("Remark")

    def __str__(self):
        return f"{self.reference} for {self.customer.name}"  # place[labels_of_a_choice_list, shipments_in_a_log_line, changelist_column_that_counts]: access

    def get_absolute_url(self):
        return reverse("tracking", args=[self.customer.slug, self.reference])  # place[sitemap_of_shipments]: access

    @property
    def route(self):
        return f"{self.origin.name} via {self.hub_id}"  # place[property_behind_each_row]: access

    def latest_event(self):
        return self.events.order_by("-at").first()  # place[model_method_per_row]: access

    @cached_property
    def heaviest_container(self):
        return self.containers.order_by("-weight").first()  # place[cached_property_of_each_row]: access

    def container_count(self):
        prefetched = getattr(self, "_prefetched_objects_cache", {})
        return len(prefetched["containers"]) if "containers" in prefetched else self.containers.count()


class Container(models.Model):
    number = models.CharField(max_length=20)
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="containers")
    weight = models.IntegerField(default=0)
    sealed = models.BooleanField(default=False)


class Event(models.Model):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()


class Invoice(models.Model):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="invoices")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="invoices")
    total = models.IntegerField()
    paid = models.BooleanField(default=False)


class Depot(models.Model):
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")


class Remark(models.Model):
    text = models.CharField(max_length=200)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")


class Job(models.Model):
    payload = models.CharField(max_length=60)
    state = models.CharField(max_length=20, default="queued")


class Preference(models.Model):
    key = models.CharField(max_length=30, unique=True)
    value = models.CharField(max_length=60)


class AuditEntry(models.Model):
    text = models.CharField(max_length=200)


class Parcel(models.Model):
    """Lives on the shards."""

    barcode = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default="moving")
    customer_number = models.CharField(max_length=20)
