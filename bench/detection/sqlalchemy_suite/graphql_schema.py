"""The GraphQL schema: one resolver asks for itself, the other through a data loader."""

import strawberry
from sqlalchemy import select
from strawberry.dataloader import DataLoader

from .database import AsyncSessions
from .models import Account, Customer, Shipment


@strawberry.type
class AccountNode:
    balance: int


@strawberry.type
class CustomerNode:
    id: int
    name: str

    @strawberry.field
    def account(self, info: strawberry.Info) -> AccountNode:
        own = select(Account).where(Account.customer_id == self.id)
        account = info.context["session"].scalars(own).one()  # place[graphql_resolver_for_each_item]: access
        return AccountNode(balance=account.balance)

    @strawberry.field
    async def batched_account(self, info: strawberry.Info) -> AccountNode:
        return AccountNode(balance=await info.context["balances"].load(self.id))


@strawberry.type
class ShipmentNode:
    reference: str


@strawberry.type
class Query:
    @strawberry.field
    def customers(self, info: strawberry.Info) -> list[CustomerNode]:
        rows = info.context["session"].scalars(select(Customer)).all()  # place[graphql_resolver_for_each_item]: origin
        return [CustomerNode(id=row.id, name=row.name) for row in rows]

    @strawberry.field
    async def all_customers(self) -> list[CustomerNode]:
        async with AsyncSessions() as session:
            rows = (await session.scalars(select(Customer))).all()
        return [CustomerNode(id=row.id, name=row.name) for row in rows]

    @strawberry.field
    async def shipments(self) -> list[ShipmentNode]:
        async with AsyncSessions() as session:
            references = await session.scalars(select(Shipment.reference))
            return [ShipmentNode(reference=each) for each in references]


async def load_balances(customer_ids):
    async with AsyncSessions() as session:
        query = select(Account.customer_id, Account.balance).where(Account.customer_id.in_(customer_ids))
        balances = dict((await session.execute(query)).all())
    return [balances[each] for each in customer_ids]


def balance_loader():
    return DataLoader(load_fn=load_balances)


schema = strawberry.Schema(query=Query)
