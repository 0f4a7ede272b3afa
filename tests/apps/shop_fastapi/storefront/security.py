"""Who is asking."""

import secrets
from typing import Annotated

from fastapi import Depends, Header, HTTPException, status
from sqlalchemy import select

from storefront import settings
from storefront.database import SessionDep
from storefront.models import Customer


def staff_only(x_staff_token: Annotated[str, Header()] = "") -> None:
    expected = settings.load().staff_token
    if not secrets.compare_digest(x_staff_token.encode(), expected.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "staff only")


async def current_customer(
    session: SessionDep, x_customer_token: Annotated[str, Header()] = ""
) -> Customer:
    customer = await session.scalar(select(Customer).where(Customer.token == x_customer_token))
    if customer is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "who are you?")
    return customer


CustomerDep = Annotated[Customer, Depends(current_customer)]
