from django.contrib.auth.models import User
from django.test import TestCase, override_settings

from customers.models import Customer
from shop.sample_data import fill

ROWS = 6
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@override_settings(PASSWORD_HASHERS=FAST_HASHERS)
class ShopTestCase(TestCase):
    """A small shop, a member of its staff and a customer."""

    @classmethod
    def setUpTestData(cls) -> None:
        fill(ROWS)
        cls.staff = User.objects.get(username="staff")
        cls.user = User.objects.get(username="customer")
        cls.customer = Customer.objects.get(user=cls.user)
