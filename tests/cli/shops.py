"""Two small shops with an N+1 each, and git: what ``ennead fix`` works on."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.runs.project import Project

SQLALCHEMY_SHOP = '''\
"""A report about orders."""

import sys

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()


def report(session):
    lines = []
    for order in session.scalars(select(Order).order_by(Order.id)):  # all of them
        lines.append(f"{order.id}: {order.customer.name}")
    return lines


def fill(engine, count):
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Order(customer=Customer(name=f"c{number}")) for number in range(count))
        session.commit()


if __name__ == "__main__":
    engine = create_engine("sqlite:///made.sqlite3")
    fill(engine, int(sys.argv[1]))
    with Session(engine) as session:
        print("\\n".join(report(session)))
'''
"""``python report.py 4`` makes a database of four orders and reads it."""

SETTINGS = """\
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "x"
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
MANAGE = """\
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
MODELS = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
"""
VIEWS = """\
from django.http import JsonResponse

from shop.models import Order


def orders(request):
    rows = []
    for order in Order.objects.order_by("id"):
        rows.append({"id": order.id, "customer": order.customer.name})
    return JsonResponse({"orders": rows})
"""
URLS = """\
from django.urls import path

from shop.views import orders

urlpatterns = [path("orders/", orders)]
"""
SCHEMA = """
CREATE TABLE shop_customer (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(40) NOT NULL);
CREATE TABLE shop_order (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    customer_id BIGINT NOT NULL REFERENCES shop_customer (id) DEFERRABLE INITIALLY DEFERRED);
"""


class Shop(Project):
    """A project in a git repository."""

    def commit(self) -> None:
        for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
            self.git(*arguments)

    def git(self, *arguments: str, text: str | None = None) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    def digests(self) -> dict[str, str]:
        """Of every file but what Ennead and git keep."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not {".ennead", ".git"}.intersection(path.relative_to(self.folder).parts)
        }


def sqlalchemy_shop(folder: Path) -> Shop:
    shop = Shop(folder)
    shop.write("report.py", SQLALCHEMY_SHOP)
    shop.write(".gitignore", ".ennead/\n")
    shop.commit()
    return shop


def django_shop(folder: Path, orders: int = 6) -> Shop:
    shop = Shop(folder)
    for name, text in {"settings.py": SETTINGS, "manage.py": MANAGE, "urls.py": URLS}.items():
        shop.write(name, text)
    for name, text in {"__init__.py": "", "models.py": MODELS, "views.py": VIEWS}.items():
        shop.write(f"shop/{name}", text)
    shop.write(".gitignore", ".ennead/\ndb.sqlite3\n")
    with closing(sqlite3.connect(folder / "db.sqlite3")) as connection, connection:
        connection.executescript(SCHEMA)
        for number in range(1, orders + 1):
            connection.execute("INSERT INTO shop_customer VALUES (?, ?)", (number, f"c{number}"))
            connection.execute("INSERT INTO shop_order VALUES (?, ?)", (number, number))
    shop.commit()
    return shop
