"""Duplicates: the very same question, with the same parameters, asked again and again."""

from sqlalchemy import func, select, text

from bench.detection.scenario import scenario

from .database import AsyncSessions, Session, connect
from .models import Account, AuditEntry, Message, Setting, Shipment
from .repositories import setting
from .scenarios_web import client
from .templating import render


@scenario("duplicate", "same-parameters", why="the currency is read anew for each shipment, and is the same each time")
def setting_read_for_each_row():
    with Session() as session:
        shipments = session.scalars(select(Shipment)).all()
        return [f"{shipment.weight} {setting(session, 'currency')}" for shipment in shipments]


@scenario("duplicate", "same-parameters", why="header, body and footer of a page count the same rows")
def one_count_from_three_lines():
    with Session() as session:
        late = select(func.count()).where(Shipment.status == "late")
        header = f"{session.scalar(late)} late"
        body = "all is well" if session.scalar(late) == 0 else "hurry"
        footer = f"({session.scalar(late)})"
        return header, body, footer


@scenario("duplicate", "same-parameters", why="the template calls a global function that queries at each call")
def template_global_queries_each_time():
    with Session() as session:
        shipment = session.get(Shipment, 1)
        return render("invoice.html", shipment=shipment, setting=lambda key: setting(session, key))


@scenario("duplicate", "same-parameters", why="the same text with the same literal for each product")
def same_literal_for_each_row():
    with connect() as connection:
        prices = []
        for row in connection.execute(text("SELECT id, price FROM product")).all():
            locale = connection.execute(text("SELECT value FROM setting WHERE key = 'locale'")).scalar()
            prices.append(f"{locale}:{row.price}")
        return prices


@scenario("duplicate", "same-parameters", why="one and the same account is refreshed for each row")
def one_object_refreshed_for_each_row():
    with Session() as session:
        account = session.scalars(select(Account).order_by(Account.id)).first()
        booked = 0
        for weight in session.scalars(select(Shipment.weight)).all():
            session.refresh(account)
            booked += weight if account.balance else 0
        return booked


@scenario("duplicate", "same-parameters", why="every coroutine of the loop asks for the same setting")
async def async_setting_for_each_row():
    async with AsyncSessions() as session:
        shipments = (await session.scalars(select(Shipment))).all()
        lines = []
        for shipment in shipments:
            currency = await session.scalar(select(Setting.value).where(Setting.key == "currency"))
            lines.append(f"{shipment.reference} {currency}")
        return lines


@scenario("duplicate", "same-parameters", why="three requests of one user each look the user up by the same address")
async def user_looked_up_by_each_request():
    async with client() as browser:
        paths = ("/me", "/tags", "/late")
        return [(await browser.get(path, headers={"x-user": "c1@example.org"})).json() for path in paths]


@scenario("duplicate", "same-parameters", why="each commit expires the one job, and its state is read again")
def progress_read_again_after_each_commit():
    with Session() as session:
        message = session.get(Message, 1)
        log = []
        for step in ("packed", "stamped", "weighed", "loaded"):
            log.append(f"{step} while {message.state}")
            session.add(AuditEntry(subject_kind="message", subject_id=0, action=step))
            session.commit()
        return log
