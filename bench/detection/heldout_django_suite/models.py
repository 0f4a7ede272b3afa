# mypy: ignore-errors
"""An animal clinic: owners, animals, visits, treatments, wards, invoices."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Sum
from django.utils.functional import cached_property


class Species(models.Model):
    name = models.CharField(max_length=40, unique=True)


class Owner(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField()
    city = models.CharField(max_length=40)

    @property
    def open_balance(self):
        unpaid = self.invoices.filter(paid=False)
        return unpaid.aggregate(due=Sum("total"))["due"] or 0  # place[balances_by_property]: access


class Skill(models.Model):
    name = models.CharField(max_length=40)


class Vet(models.Model):
    name = models.CharField(max_length=80)
    boss = models.ForeignKey("self", models.SET_NULL, null=True, related_name="team")
    skills = models.ManyToManyField(Skill, related_name="vets")


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    text = models.TextField()


class AnimalQuerySet(models.QuerySet):
    def heavy(self):
        return self.filter(weight__gte=1)  # place[custom_query_set_then_vet]: origin


class Animal(models.Model):
    name = models.CharField(max_length=40)
    weight = models.IntegerField()
    history = models.TextField()
    species = models.ForeignKey(Species, models.CASCADE)
    owner = models.ForeignKey(Owner, models.CASCADE, related_name="animals")
    vet = models.ForeignKey(Vet, models.CASCADE, related_name="patients")
    mother = models.ForeignKey("self", models.SET_NULL, null=True, related_name="litter")
    notes = GenericRelation(Note)

    objects = AnimalQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} ({self.species.name})"  # place[labels_by_str, choices_of_a_form_field, drf_string_related]: access

    @cached_property
    def latest_visit(self):
        return self.visit_set.order_by("-day").first()  # place[cached_property_of_each_object]: access

    def is_due(self):
        return not self.visit_set.filter(day__gte="2026-06-01").exists()  # place[predicate_method_in_a_filter]: access


class Chip(models.Model):
    animal = models.OneToOneField(Animal, models.CASCADE, related_name="chip")
    code = models.CharField(max_length=20, unique=True)


class Visit(models.Model):
    animal = models.ForeignKey(Animal, models.CASCADE)
    vet = models.ForeignKey(Vet, models.CASCADE, related_name="visits")
    day = models.DateField()
    fee = models.IntegerField()
    state = models.CharField(max_length=10)


class Drug(models.Model):
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=40)
    price = models.IntegerField()


class Treatment(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="treatments")
    drug = models.ForeignKey(Drug, models.CASCADE, related_name="uses")
    dose = models.IntegerField()


class Invoice(models.Model):
    owner = models.ForeignKey(Owner, models.CASCADE, related_name="invoices")
    number = models.CharField(max_length=20, unique=True)
    total = models.IntegerField()
    paid = models.BooleanField()


class Ward(models.Model):
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")


class Job(models.Model):
    title = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default="waiting")
    done = models.IntegerField(default=0)


class Preference(models.Model):
    key = models.CharField(max_length=40, unique=True)
    value = models.CharField(max_length=80)
