# mypy: ignore-errors
"""The league as a FastAPI application, a Flask application, a GraphQL schema, and Jinja templates."""

from pathlib import Path

import flask
import strawberry
from fastapi import Depends, FastAPI
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from .league import Session
from .models import Club, Match, Player

environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


class SponsorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class ClubOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    sponsors: list[SponsorOut]  # place[fastapi_response_model]: access


def get_session():
    with Session() as session:
        yield session


api = FastAPI()


@api.get("/clubs", response_model=list[ClubOut])
def list_clubs(session=Depends(get_session)):
    return session.scalars(select(Club)).all()  # place[fastapi_response_model]: loop origin


@api.get("/players")
def list_players(session=Depends(get_session)):
    players = session.scalars(select(Player)).all()  # place[fastapi_list_of_dictionaries]: origin
    return [{"name": p.name, "club": p.club.name} for p in players]  # place[fastapi_list_of_dictionaries]: loop access


@api.get("/players/{player_id}")
def show_player(player_id: int, session=Depends(get_session)):
    player = session.get(Player, player_id)
    return {"name": player.name, "club": player.club.name}


site = flask.Flask(__name__)


@site.get("/stadiums")
def stadiums():
    with Session() as session:
        clubs = session.scalars(select(Club).order_by(Club.name))  # place[flask_view_and_template]: origin
        return environment.get_template("stadiums.html").render(clubs=clubs)


@site.get("/matches")
def matches():
    with Session() as session:
        rows = session.scalars(select(Match).options(joinedload(Match.home), joinedload(Match.away)))
        return "<br>".join(f"{match.home.name} - {match.away.name}" for match in rows)


@strawberry.type
class ClubNode:
    row: strawberry.Private[Club]
    session: strawberry.Private[object]

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def player_count(self) -> int:
        wanted = select(func.count(Player.id)).where(Player.club_id == self.row.id)
        return self.session.scalar(wanted)  # place[graphql_resolver]: access


@strawberry.type
class Query:
    @strawberry.field
    def clubs(self, info: strawberry.Info) -> list[ClubNode]:
        session = info.context["session"]
        return [ClubNode(row=club, session=session) for club in session.scalars(select(Club))]  # place[graphql_resolver]: origin


schema = strawberry.Schema(Query)
