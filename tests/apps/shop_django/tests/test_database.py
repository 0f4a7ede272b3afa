from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from shop.database import database_from_url


class DatabaseUrlTest(SimpleTestCase):
    def test_sqlite_knows_absolute_and_relative_files(self):
        self.assertEqual(database_from_url("sqlite:////var/shop.db")["NAME"], Path("/var/shop.db"))
        self.assertEqual(database_from_url("sqlite:///shop.db")["NAME"], Path("shop.db"))

    def test_postgresql(self):
        settings = database_from_url("postgresql://mary:p%40ss@db.example:5433/shop")
        self.assertEqual(
            settings,
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "shop",
                "HOST": "db.example",
                "PORT": "5433",
                "USER": "mary",
                "PASSWORD": "p@ss",
            },
        )

    def test_anything_else_is_refused_by_name(self):
        for url in ("oracle://host/shop", "sqlite://", "shop.sqlite3"):
            with self.assertRaisesMessage(ImproperlyConfigured, repr(url)):
                database_from_url(url)
