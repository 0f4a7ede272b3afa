import csv

from httpx import AsyncClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Product, StockLevel

ROWS = 6


async def test_home_shows_products_with_category_and_tags(
    anybody: AsyncClient, session: AsyncSession
) -> None:
    product = (await session.scalars(select(Product).where(Product.slug == "product-0"))).one()
    tags = await product.awaitable_attrs.tags
    page = (await anybody.get("/")).text
    assert page.count("<article>") == ROWS
    assert all(f"<li>{tag.name}</li>" in page for tag in tags)


async def test_lists_leave_out_what_is_not_sold_any_more(
    anybody: AsyncClient, session: AsyncSession
) -> None:
    await session.execute(
        update(Product).where(Product.slug == "product-0").values(is_active=False)
    )
    await session.commit()
    for path in ("/", "/products", "/feeds/prices.csv"):
        assert "Product 00000" not in (await anybody.get(path)).text, path
    assert (await anybody.get("/products/product-0")).status_code == 404


async def test_product_list_shows_path_and_stock(
    anybody: AsyncClient, session: AsyncSession
) -> None:
    await session.execute(update(StockLevel).values(quantity=4))
    await session.commit()
    page = (await anybody.get("/products")).text
    assert "Garden / Shelf 0 / Corner 0" in page
    assert page.count("8 in stock") == ROWS


async def test_second_page_of_a_small_shop_is_empty(anybody: AsyncClient) -> None:
    assert "Nothing here yet." in (await anybody.get("/products", params={"page": 2})).text


async def test_product_page_names_the_reviewers(anybody: AsyncClient) -> None:
    page = (await anybody.get("/products/product-0")).text
    assert "Product 0 is solid." in page
    assert page.count("<blockquote>") == ROWS
    assert "Customer 00005" in page


async def test_category_tree_is_nested(anybody: AsyncClient) -> None:
    garden = (await anybody.get("/categories")).json()[0]
    assert garden["children"][0]["children"] == [
        {"name": "Corner 0", "slug": "corner-0", "children": []}
    ]


async def test_category_shows_the_products_below_it(anybody: AsyncClient) -> None:
    page = (await anybody.get("/categories/garden")).text
    assert "Product 00000" in page
    assert "Product 00001" not in page
    assert (await anybody.get("/categories/nothing")).status_code == 404


async def test_suppliers_come_with_their_products(anybody: AsyncClient) -> None:
    assert "Product 00000 in Corner 0" in (await anybody.get("/suppliers")).text


async def test_price_feed_has_one_line_a_product(anybody: AsyncClient) -> None:
    header, *rows = csv.reader((await anybody.get("/feeds/prices.csv")).text.splitlines())
    assert header == ["sku", "name", "price", "summary"]
    assert [row[3] for row in rows] == [f"Product {n} is solid" for n in range(ROWS)]


async def test_catalogue_feed_lists_the_tags(anybody: AsyncClient) -> None:
    items = (await anybody.get("/feeds/catalogue.json")).json()
    assert [len(item["tags"]) for item in items] == [2] * ROWS
