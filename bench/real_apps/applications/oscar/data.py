"""Rows for every table a page walks over: the same number of each, so that what grows does so in step."""

from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from oscar.apps.partner.strategy import Default
from oscar.core.loading import get_model
from oscar.test import factories


def fill(rows: int) -> None:
    """Make ``rows`` of everything."""
    owner = factories.UserFactory(email="owner@example.org", is_staff=True, is_superuser=True)
    categories = _categories(rows)
    products = [_product(number, categories) for number in range(rows)]
    _children(rows, categories)
    people = [factories.UserFactory(email=f"person{number}@example.org") for number in range(rows)]
    _orders(rows, owner, people, products)
    _reviews(products[0], people)
    _customer_pages(owner, products)
    _offers(rows, products)
    _dashboard(rows, people, products)


def _categories(rows: int) -> Any:
    category = get_model("catalogue", "Category")
    roots = [category.add_root(name=f"Root {number}") for number in range(rows)]
    return [root.add_child(name=f"Child of {root.name}") for root in roots]


def _product(number: int, categories: Any) -> Any:
    product = factories.create_product(
        title=f"Product {number}",
        upc=f"upc-{number}",
        product_class=f"Class {number}",
        partner_name=f"Partner {number}",
        partner_sku=f"sku-{number}",
        price=Decimal(10 + number),
        num_in_stock=500,
        attributes={"weight": str(number)},
    )
    product.categories.add(categories[number], categories[0])
    return product


def _children(rows: int, categories: Any) -> None:
    parent = factories.create_product(title="Parent", upc="parent", product_class="Parents", structure="parent")
    parent.categories.add(categories[0])
    for number in range(rows):
        factories.create_product(
            title=f"Variant {number}",
            upc=f"variant-{number}",
            product_class="Parents",
            parent=parent,
            partner_name=f"Partner {number}",
            partner_sku=f"variant-sku-{number}",
            price=Decimal(5),
            num_in_stock=500,
        )


def _basket(user: Any, products: Any) -> Any:
    basket = get_model("basket", "Basket").objects.create(owner=user)
    basket.strategy = Default()
    for product in products:
        basket.add_product(product)
    return basket


def _orders(rows: int, owner: Any, people: Any, products: Any) -> None:
    for number in range(rows):
        for person, prefix in ((owner, "own"), (people[number], "other")):
            address = factories.ShippingAddressFactory()
            factories.create_order(
                number=f"{prefix}-{number}",
                basket=_basket(person, products if number == 0 else products[:1]),
                user=person,
                shipping_address=address,
            )
    order = get_model("order", "Order").objects.get(number="own-0")
    for number in range(rows):
        factories.ShippingEventFactory(order=order, event_type__name=f"Event {number}")
        order.notes.create(user=people[number], message=f"note {number}", note_type="Info")
    order.status = "Pending"
    order.save()


def _reviews(product: Any, people: Any) -> None:
    for number, person in enumerate(people):
        review = factories.ProductReviewFactory(product=product, user=person, title=f"Review {number}", body="Fine")
        review.status = 1
        review.save()


def _customer_pages(owner: Any, products: Any) -> None:
    _basket(owner, products)
    lists = [factories.WishListFactory(owner=owner) for _ in products]
    for product, wish_list in zip(products, lists, strict=True):
        lists[0].add(product)
        wish_list.add(products[0])
        factories.UserAddressFactory(user=owner, line1=f"Street {product.pk}", title="Mr")
        factories.ProductAlertFactory(user=owner, product=product)
        factories.ProductAlertFactory(
            user=None, email=f"alert{product.pk}@example.org", product=product, key=str(product.pk)
        )
        get_model("communication", "Notification").objects.create(recipient=owner, subject="Hello", body="World")
        get_model("communication", "Email").objects.create(
            user=owner, subject="Hello", body_text="World", email=owner.email
        )


def _offers(rows: int, products: Any) -> None:
    for number in range(rows):
        chosen = factories.RangeFactory(name=f"Range {number}", slug=f"range-{number}", is_public=True)
        for product in products if number == 0 else products[:1]:
            chosen.add_product(product)
        offer = factories.create_offer(
            name=f"Offer {number}",
            product_range=chosen,
            condition=factories.ConditionFactory(range=chosen, type="Count", value=1),
            benefit=factories.BenefitFactory(range=chosen, type="Percentage", value=10),
            offer_type="Site",
        )
        voucher = factories.VoucherFactory(name=f"Voucher {number}", code=f"CODE{number}")
        voucher.offers.add(offer)


def _dashboard(rows: int, people: Any, products: Any) -> None:
    for number in range(rows):
        partner = get_model("partner", "Partner").objects.get(name=f"Partner {number}")
        partner.users.add(people[number])
        partner.addresses.create(line1="Road", country=factories.CountryFactory(iso_3166_1_a2="GB"))
        page = FlatPage.objects.create(url=f"/page-{number}/", title=f"Page {number}", content="Text")
        page.sites.add(Site.objects.get_current())
        group = factories.AttributeOptionGroupFactory(name=f"Group {number}")
        for option in range(rows):
            factories.AttributeOptionFactory(group=group, option=f"Option {option}")
        factories.OptionFactory(name=f"Option {number}", code=f"option-{number}")
        get_model("partner", "StockAlert").objects.create(
            stockrecord=products[number].stockrecords.first(), threshold=1000
        )
        weight_based = get_model("shipping", "WeightBased").objects.create(name=f"Method {number}", code=f"m{number}")
        weight_based.bands.create(upper_limit=1, charge=1)
    assert get_user_model().objects.count() > rows
