import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from storefront.database import SessionDep, new_session
from storefront.models import Category, Product, Review, Supplier
from storefront.rendering import render
from storefront.schemas import CategoryNode
from storefront.services.availability import units_on_hand
from storefront.services.tree import ids_below, node_of

router = APIRouter(tags=["catalogue"])

PRODUCTS_PER_PAGE = 48
FEED_CHUNK = 8


@router.get("/")
async def home(request: Request, session: SessionDep) -> Response:
    newest = (
        select(Product)
        .where(Product.is_active)
        .options(joinedload(Product.category))
        .options(selectinload(Product.tags), selectinload(Product.images))
        .order_by(Product.created_at.desc(), Product.id.desc())
        .limit(PRODUCTS_PER_PAGE)
    )
    products = (await session.scalars(newest)).all()
    return await render(session, request, "home", products=products)


@router.get("/products")
async def product_list(request: Request, session: SessionDep, page: int = 1) -> Response:
    wanted = select(Product).where(Product.is_active).options(joinedload(Product.category))
    wanted = wanted.order_by(Product.name).limit(PRODUCTS_PER_PAGE)
    wanted = wanted.offset(max(page - 1, 0) * PRODUCTS_PER_PAGE)
    products = (await session.scalars(wanted)).all()
    stock = {product.id: await units_on_hand(session, product.id) for product in products}
    return await render(session, request, "product_list", products=products, stock=stock)


@router.get("/products/{slug}")
async def product_detail(request: Request, session: SessionDep, slug: str) -> Response:
    product = await session.scalar(select(Product).where(Product.slug == slug, Product.is_active))
    if product is None:
        raise HTTPException(404)
    await session.refresh(product, ["description", "category"])
    newest_first = product.reviews.select().where(Review.approved).order_by(Review.id.desc())
    reviews = []
    for review in (await session.scalars(newest_first)).all():
        author = await review.awaitable_attrs.customer
        reviews.append({"author": author.name, "rating": review.rating, "body": review.body})
    return await render(session, request, "product_detail", product=product, reviews=reviews)


@router.get("/categories")
async def category_tree(session: SessionDep) -> list[CategoryNode]:
    roots = await session.scalars(select(Category).where(Category.parent_id.is_(None)))
    return [await node_of(root) for root in roots.all()]


@router.get("/categories/{slug}")
async def category_detail(request: Request, session: SessionDep, slug: str) -> Response:
    category = await session.scalar(select(Category).where(Category.slug == slug))
    if category is None:
        raise HTTPException(404)
    below = await ids_below(session, category)
    wanted = select(Product).where(Product.category_id.in_(below), Product.is_active)
    products = (await session.scalars(wanted.order_by(Product.name))).all()
    return await render(session, request, "category", category=category, products=products)


@router.get("/suppliers")
async def supplier_list(request: Request, session: SessionDep) -> Response:
    products = selectinload(Supplier.products).selectinload(Product.category)
    suppliers = (
        await session.scalars(select(Supplier).options(products).order_by(Supplier.name))
    ).all()
    return await render(session, request, "suppliers", suppliers=suppliers)


@router.get("/feeds/prices.csv")
async def price_feed() -> StreamingResponse:
    """The file that price-comparison sites fetch every night."""
    return StreamingResponse(_price_lines(), media_type="text/csv")


async def _price_lines() -> AsyncIterator[str]:
    yield "sku,name,price,summary\n"
    active = select(Product).where(Product.is_active).order_by(Product.name)
    async with new_session() as session:
        products = await session.scalars(active)
        for product in products.all():
            description = await product.awaitable_attrs.description
            summary = description.split(".")[0]
            yield _csv_line(product.sku, product.name, product.price_cents / 100, summary)


def _csv_line(*cells: object) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


@router.get("/feeds/catalogue.json")
async def catalogue_feed(session: SessionDep) -> list[dict[str, Any]]:
    wanted = select(Product).where(Product.is_active).options(selectinload(Product.tags))
    wanted = wanted.order_by(Product.id).execution_options(yield_per=FEED_CHUNK)
    items = []
    async for product in await session.stream_scalars(wanted):
        tags = [tag.name for tag in product.tags]
        items.append({"sku": product.sku, "price_cents": product.price_cents, "tags": tags})
    return items
