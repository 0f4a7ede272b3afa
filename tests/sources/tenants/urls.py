"""What each tenant's host answers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import JsonResponse
from django.urls import path
from django_tenants.utils import schema_context, tenant_context

from tests.sources.tenants.customers.models import Invoice, Tenant
from tests.sources.tenants.library.models import Author, Book


def books(_request: Any, kind: str) -> JsonResponse:
    found = Book.objects.order_by("pk")
    if kind == "eager":
        found = found.select_related("author")
    names: list[str] = []
    for book in found:
        names += [book.author.name]
    return JsonResponse(names, safe=False)


def authors(_request: Any) -> JsonResponse:
    return JsonResponse([len(author.books.all()) for author in Author.objects.order_by("pk")], safe=False)


def invoices(_request: Any, kind: str) -> JsonResponse:
    found = Invoice.objects.order_by("pk")
    if kind == "eager":
        found = found.select_related("payer")
    names: list[str] = []
    for invoice in found:
        names += [invoice.payer.name]
    return JsonResponse(names, safe=False)


def everywhere(_request: Any) -> JsonResponse:
    counts: list[int] = []
    for tenant in Tenant.objects.exclude(schema_name="public").order_by("pk"):
        with tenant_context(tenant):
            counts += [Book.objects.count()]
    return JsonResponse(counts, safe=False)


def everywhere_lazily(_request: Any) -> JsonResponse:
    names: list[str] = []
    for tenant in Tenant.objects.exclude(schema_name="public").order_by("pk"):
        with tenant_context(tenant):
            for book in Book.objects.order_by("pk"):
                names += [book.author.name]
    return JsonResponse(names, safe=False)


def moving(_request: Any) -> JsonResponse:
    for _ in range(2):
        with transaction.atomic():
            Author.objects.count()
            with schema_context("south"):
                Author.objects.exists()
            Author.objects.first()
    return JsonResponse([], safe=False)


urlpatterns = [
    path("moving/", moving),
    path("books/<slug:kind>/", books),
    path("authors/", authors),
    path("invoices/<slug:kind>/", invoices),
    path("everywhere/", everywhere),
    path("everywhere/lazily/", everywhere_lazily),
]
