import pytest
from django.test import Client

from catalogue.models import Category, Product
from catalogue.tree import with_descendants


def test_path_names_all_ancestors(shop: Client) -> None:
    assert Category.objects.get(slug="corner-0").path == "Garden / Shelf 0 / Corner 0"
    assert Category.objects.get(slug="garden").path == "Garden"


def test_descendants_are_found_on_every_level(shop: Client) -> None:
    found = with_descendants(Category.objects.get(slug="house"))
    assert [category.slug for category in found] == ["house", "shelf-1", "corner-1"]


def test_main_image_is_the_first_one(shop: Client) -> None:
    product = Product.objects.earliest("pk")
    image = product.main_image
    assert image is not None
    assert image.position == 0
    product.images.all().delete()
    assert product.main_image is None


@pytest.mark.parametrize("path", ["/", "/products/", "/suppliers/", "/feeds/prices.csv"])
def test_public_pages_need_no_login(shop: Client, path: str) -> None:
    assert shop.get(path).status_code == 200
