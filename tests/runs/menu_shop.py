"""A small Django project in a temporary folder whose pages all read a menu, and whose requests a script makes."""

from tests.runs.project import Project

FILES = {
    "settings.py": """
SECRET_KEY = "of a test"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "menu.sqlite3"}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "catalogue"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "catalogue.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
""",
    "catalogue/__init__.py": "",
    "catalogue/models.py": """
from django.db import models


class TaxRate(models.Model):
    name = models.CharField(max_length=20)
    percent = models.IntegerField()
    active = models.BooleanField(default=True)


class Product(models.Model):
    name = models.CharField(max_length=20)


class Basket(models.Model):
    user = models.ForeignKey("auth.User", models.CASCADE)
""",
    "catalogue/views.py": """
from django.http import JsonResponse

from catalogue.models import Basket, Product, TaxRate


def rates():
    return [rate.percent for rate in TaxRate.objects.filter(active=True).order_by("name")]


def product(request, number):
    found = Product.objects.get(pk=number)
    return JsonResponse({"name": found.name, "rates": rates()})


def baskets(request):
    return Basket.objects.filter(user=request.user).count() if request.user.is_authenticated else 0


def about(request):
    return JsonResponse({"baskets": baskets(request), "rates": rates()})


def basket(request):
    return JsonResponse({"baskets": baskets(request), "rates": rates()})


def raised(request):
    TaxRate.objects.filter(name="low").update(percent=9)
    return JsonResponse({"rates": rates()})


def saved(request):
    rate = TaxRate.objects.order_by("pk").first()
    rate.percent += 1
    rate.save()
    return JsonResponse({})
""",
    "catalogue/urls.py": """
from django.urls import path

from catalogue import views

urlpatterns = [
    path("product/<int:number>/", views.product),
    path("about/", views.about),
    path("basket/", views.basket),
    path("raised/", views.raised),
    path("saved/", views.saved),
]
""",
    "walk.py": """
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User
from django.test import Client

from catalogue.models import Product, TaxRate

Path("menu.sqlite3").unlink(missing_ok=True)
call_command("migrate", run_syncdb=True, verbosity=0)
TaxRate.objects.bulk_create([TaxRate(name="low", percent=7), TaxRate(name="high", percent=19)])
Product.objects.bulk_create([Product(name=f"p{number}") for number in range(5)])
User.objects.create_user("ann", password="x")
client = Client()
if "--login" in sys.argv:
    client.force_login(User.objects.get(username="ann"))
for page in sys.argv[1:]:
    if page != "--login":
        print(client.get(f"/{page}/").json())
""",
}


def write_shop(project: Project) -> None:
    for name, text in FILES.items():
        project.write(name, text)
