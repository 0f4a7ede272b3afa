"""In the schema that all tenants share: the tenants, and rows that name theirs."""
# ruff: noqa: DJ008 -- str() of these is shown to nobody

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django_tenants.models import DomainMixin, TenantMixin


class Tenant(TenantMixin):
    name = models.CharField(max_length=40)


class Domain(DomainMixin):
    pass


class OfTheTenant(models.Manager):  # type: ignore[type-arg,unused-ignore]
    """The rows of the tenant that asks."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(tenant__schema_name=connection.schema_name)


class Payer(models.Model):
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    name = models.CharField(max_length=40)


class Invoice(models.Model):
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    payer = models.ForeignKey(Payer, models.CASCADE)

    everybodys = models.Manager()
    objects = OfTheTenant()
