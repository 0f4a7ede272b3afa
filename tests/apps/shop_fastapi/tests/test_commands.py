import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.commands import CommandError, exercise, parser, seed
from storefront.database import new_session
from storefront.models import Customer, Product


async def test_exercise_fills_an_empty_shop_and_does_every_step_once(
    tables: None, capsys: pytest.CaptureFixture[str]
) -> None:
    await exercise()
    first, *steps, last = capsys.readouterr().out.splitlines()
    assert first == "filled the shop with 24 products, customers and orders"
    assert last.startswith(f"{len(steps)} steps in")
    assert len({line.split(" ms ")[0].rsplit(maxsplit=1)[0] for line in steps}) == len(steps) > 30


async def test_seed_makes_as_many_rows_as_it_is_told(tables: None) -> None:
    await seed(9)
    async with new_session() as session:
        for model in (Product, Customer):
            assert await session.scalar(select(func.count()).select_from(model)) == 9


async def test_seed_refuses_a_database_that_is_in_use(session: AsyncSession) -> None:
    with pytest.raises(CommandError, match="--flush empties it"):
        await seed()


async def test_seed_can_start_anew(session: AsyncSession) -> None:
    await seed(4, flush=True)
    assert await session.scalar(select(func.count()).select_from(Product)) == 4


async def test_seed_refuses_a_shop_that_is_too_small() -> None:
    with pytest.raises(CommandError, match="at least 3, got 2"):
        await seed(2)


def test_every_job_is_a_command() -> None:
    assert parser().parse_args(["seed", "--rows", "7"]).rows == 7
    for name in ("send-reminders", "sync-crm", "export-products", "create-tables", "exercise"):
        assert parser().parse_args([name]).command == name
    with pytest.raises(SystemExit):
        parser().parse_args(["nonsense"])
