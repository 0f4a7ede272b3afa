"""Made-up rows for a shop of any size. The same size always gives the same rows."""

import random
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.models import Category, Product, ProductImage, Review, Supplier, Tag
from customers.models import Address, Customer, LoyaltyAccount
from inventory.models import Region, StockLevel, Warehouse
from notes.models import StaffNote
from orders.models import (
    Cart,
    CartLine,
    Coupon,
    Order,
    OrderLine,
    OutboxMessage,
    Payment,
    TaxRate,
)

FIRST_ORDER_NUMBER = 4
COUNTRIES = ["DE", "FR", "IT"]
CITIES = ["Bremen", "Lyon", "Turin", "Kiel", "Nantes"]
TAG_NAMES = ["blue", "gift", "handmade", "large", "new", "oak", "outdoor", "small"]


@transaction.atomic
def fill(rows: int) -> None:
    """Fill an empty database: so many products, customers, orders; the rest in proportion."""
    chance = random.Random(rows)
    products = _catalogue(rows, chance)
    customers = _customers(rows)
    _reviews(products, customers, chance)
    _stock(products, chance)
    orders = _orders(rows, products, customers, chance)
    _carts(rows, products, customers)
    _notes(rows, customers, orders)
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="order-placed", payload={"order": order.number})
        for order in orders[: max(3, rows // 2)]
    )


def _categories(rows: int) -> list[Category]:
    """Build three levels and return the lowest."""
    roots = Category.objects.bulk_create(
        Category(name=name, slug=name.lower(), position=place)
        for place, name in enumerate(["Garden", "House", "Office"])
    )
    width = max(3, rows // 3)
    shelves = Category.objects.bulk_create(
        Category(name=f"Shelf {n}", slug=f"shelf-{n}", parent=roots[n % 3]) for n in range(width)
    )
    return Category.objects.bulk_create(
        Category(name=f"Corner {n}", slug=f"corner-{n}", parent=shelves[n]) for n in range(width)
    )


def _catalogue(rows: int, chance: random.Random) -> list[Product]:
    categories = _categories(rows)
    suppliers = Supplier.objects.bulk_create(
        Supplier(name=f"Supplier {n}", email=f"s{n}@example.com", country=COUNTRIES[n % 3])
        for n in range(max(3, rows // 4))
    )
    tags = Tag.objects.bulk_create(Tag(name=name) for name in TAG_NAMES)
    products = Product.objects.bulk_create(
        Product(
            sku=f"SKU-{n:05d}",
            name=f"Product {n:05d}",
            slug=f"product-{n}",
            description=f"Product {n} is solid. It lasts for years.",
            price=Decimal(chance.randrange(300, 9000)) / 100,
            category=categories[n % len(categories)],
            is_active=n % 11 != 10,
        )
        for n in range(rows)
    )
    ProductImage.objects.bulk_create(
        ProductImage(product=product, path=f"/media/{product.slug}-{n}.jpg", position=n)
        for product in products
        for n in range(2)
    )
    tag_links, supplier_links = Product.tags.through, Product.suppliers.through
    tag_links.objects.bulk_create(
        tag_links(product=product, tag=tag)
        for product in products
        for tag in chance.sample(tags, 2)
    )
    supplier_links.objects.bulk_create(
        supplier_links(product=product, supplier=suppliers[n % len(suppliers)])
        for n, product in enumerate(products)
    )
    return products


def _customers(rows: int) -> list[Customer]:
    user = User(username="customer", email="c0@example.com")
    user.set_password("customer")
    user.save()
    customers = Customer.objects.bulk_create(
        Customer(
            user=user if n == 0 else None,
            name=f"Customer {n:05d}",
            email=f"c{n}@example.com",
            newsletter=n % 2 == 0,
        )
        for n in range(rows)
    )
    LoyaltyAccount.objects.bulk_create(
        LoyaltyAccount(customer=customer, points=n * 10) for n, customer in enumerate(customers)
    )
    Address.objects.bulk_create(
        Address(
            customer=customer,
            label=label,
            street=f"High Street {n}",
            postcode=f"{28000 + n}",
            city=CITIES[n % len(CITIES)],
            country=COUNTRIES[n % len(COUNTRIES)],
            is_default=label == "home",
        )
        for n, customer in enumerate(customers)
        for label in ("home", "work")
    )
    return customers


def _reviews(products: list[Product], customers: list[Customer], chance: random.Random) -> None:
    """Give the first product, the bestseller, a review by everybody, the others one or two."""
    pairs = [(products[0], customer) for customer in customers]
    for product in products[1:]:
        pairs += [(product, author) for author in chance.sample(customers, chance.choice([1, 2]))]
    Review.objects.bulk_create(
        Review(
            product=product,
            customer=customer,
            rating=chance.randint(1, 5),
            body="As described.",
            approved=product is products[0] or n % 4 != 0,
        )
        for n, (product, customer) in enumerate(pairs)
    )


def _stock(products: list[Product], chance: random.Random) -> None:
    warehouses = Warehouse.objects.bulk_create(
        Warehouse(code=f"{region.value.upper()}{n}", name=f"{region.label} {n}", region=region)
        for region in Region
        for n in (1, 2)
    )
    StockLevel.objects.bulk_create(
        StockLevel(warehouse=warehouse, product=product, quantity=chance.randint(0, 20))
        for n, product in enumerate(products)
        for warehouse in (warehouses[n % 6], warehouses[(n + 1) % 6])
    )


def _orders(
    rows: int, products: list[Product], customers: list[Customer], chance: random.Random
) -> list[Order]:
    TaxRate.objects.bulk_create(
        TaxRate(country=country, percent=Decimal(percent))
        for country, percent in zip(COUNTRIES, [19, 20, 22], strict=True)
    )
    now = timezone.now()
    coupons = Coupon.objects.bulk_create(
        Coupon(code=f"MINUS{percent}", percent=percent, valid_until=now + timedelta(days=90))
        for percent in (5, 10, 20)
    )
    homes = {home.customer_id: home for home in Address.objects.filter(is_default=True)}
    statuses = [Order.Status.PAID, Order.Status.SHIPPED, Order.Status.PENDING]
    orders = Order.objects.bulk_create(
        Order(
            number=f"S-{n + FIRST_ORDER_NUMBER:05d}",
            customer=customers[n],
            shipping_address=homes[customers[n].pk],
            coupon=coupons[n % 3] if n % 2 == 0 else None,
            status=statuses[n % 3],
            placed_at=now - timedelta(hours=n + 1),
        )
        for n in range(rows)
    )
    _order_lines(orders, products, chance)
    Payment.objects.bulk_create(
        Payment(
            order=order,
            reference=f"pay-{order.number}",
            status=Payment.Status.PENDING if order.status == "pending" else "settled",
        )
        for order in orders
    )
    return orders


def _order_lines(orders: list[Order], products: list[Product], chance: random.Random) -> None:
    bought = [(orders[0], product) for product in products[: max(3, len(products) // 2)]]
    for order in orders[1:]:
        bought += [(order, product) for product in chance.sample(products, chance.choice([2, 3]))]
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order, product=product, quantity=chance.randint(1, 3), unit_price=product.price
        )
        for order, product in bought
    )


def _carts(rows: int, products: list[Product], customers: list[Customer]) -> None:
    """Fill a cart for every second customer, three days ago, and a fresh one for the first."""
    now = timezone.now()
    carts = Cart.objects.bulk_create(
        Cart(customer=customer, updated_at=now if n == 0 else now - timedelta(days=3))
        for n, customer in enumerate(customers[: max(4, rows // 2)])
    )
    CartLine.objects.bulk_create(
        CartLine(cart=cart, product=products[(n + k) % rows])
        for n, cart in enumerate(carts)
        for k in range(2)
    )


def _notes(rows: int, customers: list[Customer], orders: list[Order]) -> None:
    staff = User(username="staff", is_staff=True, is_superuser=True)
    staff.set_password("staff")
    staff.save()
    night = User.objects.create_user("night-shift", is_staff=True)
    StaffNote.objects.bulk_create(
        StaffNote(
            target=customers[n] if n % 2 == 0 else orders[n],
            author=staff if n % 3 else night,
            body=f"Called back, case {n}.",
        )
        for n in range(rows)
    )
