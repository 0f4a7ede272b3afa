"""Made-up rows for a shop of any size. The same size always gives the same rows."""

import random
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import (
    Address,
    Base,
    Cart,
    CartLine,
    Category,
    Coupon,
    Customer,
    LoyaltyAccount,
    Order,
    OrderLine,
    OrderStatus,
    OutboxMessage,
    Payment,
    PaymentStatus,
    Product,
    ProductImage,
    Region,
    Review,
    StaffNote,
    StockLevel,
    Supplier,
    Tag,
    TaxRate,
    Warehouse,
    product_suppliers,
    product_tags,
    utc_now,
)

FIRST_ORDER_NUMBER = 4
COUNTRIES = ["DE", "FR", "IT"]
CITIES = ["Bremen", "Lyon", "Turin", "Kiel", "Nantes"]
TAG_NAMES = ["blue", "gift", "handmade", "large", "new", "oak", "outdoor", "small"]


async def fill(session: AsyncSession, rows: int) -> None:
    """Fill an empty database: so many products, customers, orders; the rest in proportion."""
    chance = random.Random(rows)
    products = await _catalogue(session, rows, chance)
    customers = await _customers(session, rows)
    await _reviews(session, products, customers, chance)
    await _stock(session, products, chance)
    orders = await _orders(session, products, customers, chance)
    await _carts(session, products, customers)
    await _notes(session, customers, orders)
    messages = [
        OutboxMessage(topic="order-placed", payload={"order": order.number})
        for order in orders[: max(3, rows // 2)]
    ]
    await _save(session, messages)


async def is_empty(session: AsyncSession) -> bool:
    return await session.scalar(select(Product.id).limit(1)) is None


async def empty(session: AsyncSession) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        await session.execute(table.delete())


async def _save(session: AsyncSession, objects: Sequence[Base]) -> None:
    session.add_all(objects)
    await session.flush()


async def _categories(session: AsyncSession, rows: int) -> list[Category]:
    """Build three levels and return the lowest."""
    names = ["Garden", "House", "Office"]
    roots = [Category(name=each, slug=each.lower(), position=n) for n, each in enumerate(names)]
    width = max(3, rows // 2)
    shelves = [
        Category(name=f"Shelf {n}", slug=f"shelf-{n}", position=n, parent=roots[n % 3])
        for n in range(width)
    ]
    corners = [
        Category(name=f"Corner {n}", slug=f"corner-{n}", position=n, parent=shelves[n])
        for n in range(width)
    ]
    await _save(session, [*roots, *shelves, *corners])
    return corners


async def _catalogue(session: AsyncSession, rows: int, chance: random.Random) -> list[Product]:
    categories = await _categories(session, rows)
    suppliers = [
        Supplier(name=f"Supplier {n}", country=COUNTRIES[n % 3]) for n in range(max(3, rows // 4))
    ]
    tags = [Tag(name=name) for name in TAG_NAMES]
    products = [
        Product(
            sku=f"SKU-{n:05d}",
            name=f"Product {n:05d}",
            slug=f"product-{n}",
            description=f"Product {n} is solid. It lasts for years.",
            price_cents=chance.randrange(300, 9000),
            category_id=categories[n % len(categories)].id,
            is_active=n % 11 != 10,
        )
        for n in range(rows)
    ]
    await _save(session, [*suppliers, *tags, *products])
    images = [
        ProductImage(product_id=product.id, path=f"/media/{product.slug}-{n}.jpg", position=n)
        for product in products
        for n in range(2)
    ]
    await _save(session, images)
    tagged = [
        {"product_id": product.id, "tag_id": tag.id}
        for product in products
        for tag in chance.sample(tags, 2)
    ]
    supplied = [
        {"product_id": product.id, "supplier_id": suppliers[n % len(suppliers)].id}
        for n, product in enumerate(products)
    ]
    await session.execute(insert(product_tags), tagged)
    await session.execute(insert(product_suppliers), supplied)
    return products


async def _customers(session: AsyncSession, rows: int) -> list[Customer]:
    customers = [
        Customer(
            name=f"Customer {n:05d}",
            email=f"c{n}@example.com",
            token=f"customer-{n}",
            newsletter=n % 2 == 0,
            loyalty=LoyaltyAccount(points=n * 10),
            addresses=[
                Address(
                    street=f"High Street {n}",
                    city=CITIES[n % len(CITIES)],
                    country=COUNTRIES[n % len(COUNTRIES)],
                    is_default=is_default,
                )
                for is_default in (True, False)
            ],
        )
        for n in range(rows)
    ]
    await _save(session, customers)
    return customers


async def _reviews(
    session: AsyncSession,
    products: list[Product],
    customers: list[Customer],
    chance: random.Random,
) -> None:
    """Give the first product, the bestseller, a review by everybody, the others one or two."""
    pairs = [(products[0], customer) for customer in customers]
    for product in products[1:]:
        pairs += [(product, author) for author in chance.sample(customers, chance.choice([1, 2]))]
    reviews = [
        Review(
            product_id=product.id,
            customer_id=customer.id,
            rating=chance.randint(1, 5),
            body="As described.",
            approved=product is products[0] or n % 4 != 0,
        )
        for n, (product, customer) in enumerate(pairs)
    ]
    await _save(session, reviews)


async def _stock(session: AsyncSession, products: list[Product], chance: random.Random) -> None:
    warehouses = [
        Warehouse(code=f"{region.upper()}{n}", region=region) for region in Region for n in (1, 2)
    ]
    await _save(session, warehouses)
    levels = [
        StockLevel(warehouse_id=warehouse.id, product_id=product.id, quantity=chance.randint(0, 20))
        for n, product in enumerate(products)
        for warehouse in (warehouses[n % 6], warehouses[(n + 1) % 6])
    ]
    await _save(session, levels)


async def _orders(
    session: AsyncSession,
    products: list[Product],
    customers: list[Customer],
    chance: random.Random,
) -> list[Order]:
    now = utc_now()
    rates = [TaxRate(country=country, percent=19 + n) for n, country in enumerate(COUNTRIES)]
    coupons = [
        Coupon(code=f"MINUS{percent}", percent=percent, valid_until=now.date() + timedelta(days=90))
        for percent in (5, 10, 20)
    ]
    await _save(session, [*rates, *coupons])
    statuses = [OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.PENDING]
    orders = [
        Order(
            number=f"S-{n + FIRST_ORDER_NUMBER:05d}",
            customer_id=customer.id,
            shipping_address_id=customer.addresses[0].id,
            coupon_id=coupons[n % 3].id if n % 2 == 0 else None,
            status=statuses[n % 3],
            placed_at=now - timedelta(hours=n + 1),
            lines=_lines(products, n, chance),
        )
        for n, customer in enumerate(customers)
    ]
    await _save(session, orders)
    payments = [
        Payment(
            order_id=order.id,
            reference=f"pay-{order.number}",
            status=PaymentStatus.PENDING if n % 3 == 2 else PaymentStatus.SETTLED,
        )
        for n, order in enumerate(orders)
    ]
    await _save(session, payments)
    return orders


def _lines(products: list[Product], n: int, chance: random.Random) -> list[OrderLine]:
    """Let the first order hold half of the shop, the others two or three products."""
    half = products[: max(3, len(products) // 2)]
    bought = half if n == 0 else chance.sample(products, chance.choice([2, 3]))
    return [
        OrderLine(
            product_id=product.id,
            quantity=chance.randint(1, 3),
            unit_price_cents=product.price_cents,
        )
        for product in bought
    ]


async def _carts(session: AsyncSession, products: list[Product], customers: list[Customer]) -> None:
    """Fill a cart for every second customer, three days ago, and a fresh one for the first."""
    now = utc_now()
    carts = [
        Cart(
            customer_id=customer.id,
            updated_at=now if n == 0 else now - timedelta(days=3),
            lines=[CartLine(product_id=products[(n + k) % len(products)].id) for k in range(2)],
        )
        for n, customer in enumerate(customers[: max(4, len(customers) // 2)])
    ]
    await _save(session, carts)


async def _notes(session: AsyncSession, customers: list[Customer], orders: list[Order]) -> None:
    notes = [
        StaffNote(
            target_type="order" if n % 2 else "customer",
            target_id=orders[n].id if n % 2 else customer.id,
            author="day-shift" if n % 3 else "night-shift",
            body=f"Called back, case {n}.",
        )
        for n, customer in enumerate(customers)
    ]
    await _save(session, notes)
