"""A shop with a schema for each tenant, in a process of its own: django-tenants has settings that nobody else can have.

Usage: ``python -m tests.sources.tenants.program URL PATH...``. Prints for each path what one tenant's request was told
of, as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection

from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import UnitOfWork
from tests.sources.stories import findings_of, observed, story_of

TENANTS = ("north", "south", "east", "west")
BOOKS = 4


def set_up(url: str) -> None:
    """Configure Django, make the schemas and their tables."""
    parts = urlsplit(url)
    shared = ("django_tenants", "django.contrib.contenttypes", "tests.sources.tenants.customers")
    of_tenants = ("django.contrib.contenttypes", "tests.sources.tenants.library")
    settings.configure(
        SECRET_KEY="tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.sources.tenants.urls",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={
            "default": {
                "ENGINE": "django_tenants.postgresql_backend",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username,
                "PASSWORD": parts.password or "",
                "HOST": parts.hostname,
                "PORT": str(parts.port or ""),
            }
        },
        DATABASE_ROUTERS=["django_tenants.routers.TenantSyncRouter"],
        MIDDLEWARE=["django_tenants.middleware.main.TenantMainMiddleware"],
        SHARED_APPS=shared,
        TENANT_APPS=of_tenants,
        INSTALLED_APPS=list(dict.fromkeys((*shared, *of_tenants))),
        TENANT_MODEL="customers.Tenant",
        TENANT_DOMAIN_MODEL="customers.Domain",
    )
    django.setup()
    _fill()


def _fill() -> None:
    from django.core.management import call_command
    from django_tenants.utils import tenant_context

    from tests.sources.tenants.customers.models import Domain, Invoice, Payer, Tenant
    from tests.sources.tenants.library.models import Author, Book

    call_command("migrate_schemas", shared=True, run_syncdb=True, verbosity=0)
    for name in TENANTS:
        tenant = Tenant(schema_name=name, name=name)
        tenant.save(verbosity=0)
        Domain.objects.create(tenant=tenant, domain=f"{name}.example", is_primary=True)
        for number in range(BOOKS):
            payer = Payer.objects.create(tenant=tenant, name=str(number))
            Invoice.everybodys.create(tenant=tenant, payer=payer)
    call_command("migrate_schemas", tenant=True, run_syncdb=True, verbosity=0)
    for tenant in Tenant.objects.all():
        with tenant_context(tenant):
            for number in range(BOOKS):
                Book.objects.create(author=Author.objects.create(name=str(number)))


def told(unit: UnitOfWork) -> dict[str, Any]:
    """What a unit of work holds and is told of."""
    findings = findings_of(unit)
    return {
        "name": unit.name,
        "queries": [(query.connection, query.statement, query.transaction) for query in snapshot(unit).queries],
        "stories": [story_of(finding) for finding in findings],
        "connections": [finding.evidence["connection"] for finding in findings],
    }


def main(url: str, *paths: str) -> None:
    """Ask for each path, on the first tenant's host."""
    set_up(url)
    from django.test import Client

    with observed() as units:
        for path in paths:
            response = Client(HTTP_HOST=f"{TENANTS[0]}.example").get(path)
            assert response.status_code == 200, response.content
    connection.close()
    sys.stdout.write(json.dumps([told(unit) for unit in units]))


if __name__ == "__main__":
    main(*sys.argv[1:])
