import pytest
from httpx import AsyncClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.jobs.payments import StillPendingError, settle_payment
from storefront.models import (
    Address,
    CartLine,
    Customer,
    Order,
    OutboxMessage,
    Payment,
    StockLevel,
)
from storefront.services.checkout import unused_number


async def order_of(session: AsyncSession, name: str) -> Order:
    wanted = select(Order).join(Order.customer).where(Customer.name == name)
    return (await session.scalars(wanted.order_by(Order.id))).first()


async def test_a_cart_needs_a_customer(anybody: AsyncClient) -> None:
    assert (await anybody.get("/cart")).status_code == 401


async def test_prices_include_the_tax_of_the_customers_country(
    customer: AsyncClient, session: AsyncSession
) -> None:
    german = (await customer.get("/cart")).json()
    await session.execute(update(Address).values(country="IT"))
    await session.commit()
    italian = (await customer.get("/cart")).json()
    assert italian["total_cents"] == pytest.approx(german["total_cents"] / 1.19 * 1.21, abs=2)
    assert len(italian["lines"]) == 2


async def test_an_order_takes_over_the_cart(customer: AsyncClient, session: AsyncSession) -> None:
    names = [line["name"] for line in (await customer.get("/cart")).json()["lines"]]
    answer = await customer.post("/cart/checkout")
    assert answer.status_code == 201
    order = (
        await session.scalars(select(Order).where(Order.number == answer.json()["number"]))
    ).one()
    lines = await order.awaitable_attrs.lines
    assert [(await line.awaitable_attrs.product).name for line in lines] == names
    assert (await customer.get("/cart")).json()["lines"] == []
    newest = select(OutboxMessage).order_by(OutboxMessage.id.desc())
    assert (await session.scalars(newest.limit(1))).one().payload == {"order": order.number}


async def test_stock_is_taken_where_most_of_it_is(
    customer: AsyncClient, session: AsyncSession
) -> None:
    product_id = await session.scalar(select(CartLine.product_id).order_by(CartLine.id))
    levels = select(StockLevel).where(StockLevel.product_id == product_id)
    fuller, emptier = (await session.scalars(levels)).all()
    fuller.quantity, emptier.quantity = 9, 2
    await session.commit()
    await customer.post("/cart/checkout")
    await session.refresh(fuller)
    await session.refresh(emptier)
    assert (fuller.quantity, emptier.quantity) == (8, 2)


async def test_an_empty_cart_is_refused(customer: AsyncClient, session: AsyncSession) -> None:
    await session.execute(delete(CartLine))
    await session.commit()
    assert (await customer.post("/cart/checkout")).status_code == 409


async def test_numbers_skip_those_of_imported_orders(session: AsyncSession) -> None:
    assert await unused_number(session) == "S-00010"
    await session.execute(update(Order).where(Order.number == "S-00008").values(number="imported"))
    assert await unused_number(session) == "S-00008"


async def test_ordering_again_fills_the_cart_once(
    customer: AsyncClient, session: AsyncSession
) -> None:
    order = await order_of(session, "Customer 00000")
    assert (await customer.post(f"/cart/again/{order.id}")).json() == 1
    assert (await customer.post(f"/cart/again/{order.id}")).json() == 0
    assert len((await customer.get("/cart")).json()["lines"]) == 3


async def test_nobody_repeats_the_order_of_another(
    customer: AsyncClient, session: AsyncSession
) -> None:
    order = await order_of(session, "Customer 00001")
    assert (await customer.post(f"/cart/again/{order.id}")).status_code == 404


async def test_waits_until_the_provider_has_settled(session: AsyncSession) -> None:
    pending = select(Payment).where(Payment.status == "pending").order_by(Payment.id)
    payment = (await session.scalars(pending)).first()
    assert await settle_payment(payment.reference, pause=0) == f"{payment.reference} is settled"
    assert await session.scalar(select(func.max(Payment.attempts))) == 4


async def test_gives_up_after_so_many_tries(session: AsyncSession) -> None:
    reference = await session.scalar(select(Payment.reference).where(Payment.status == "pending"))
    with pytest.raises(StillPendingError, match="still pending after 2 tries"):
        await settle_payment(reference, tries=2, pause=0)
