from fastapi import APIRouter, Depends
from sqlalchemy import select

from storefront.database import SessionDep
from storefront.models import Customer
from storefront.schemas import CustomerOut, LoyaltyOut
from storefront.security import staff_only
from storefront.services.activity import last_order_at

router = APIRouter(tags=["desk"], dependencies=[Depends(staff_only)])


@router.get("/customers")
async def customer_list(session: SessionDep) -> list[CustomerOut]:
    customers = await session.scalars(select(Customer).order_by(Customer.name))
    rows = []
    for customer in customers.all():
        loyalty = await customer.awaitable_attrs.loyalty
        rows.append(
            CustomerOut(
                name=customer.name,
                email=customer.email,
                loyalty=LoyaltyOut.model_validate(loyalty) if loyalty else None,
                last_order_at=await last_order_at(session, customer),
            )
        )
    return rows
