# mypy: ignore-errors
"""A sports league: clubs, players, matches, goals, officials, sponsors, regions."""

from sqlalchemy import Column, ForeignKey, Table, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    object_session,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


sponsoring = Table(
    "sponsoring",
    Base.metadata,
    Column("club_id", ForeignKey("club.id"), primary_key=True),
    Column("sponsor_id", ForeignKey("sponsor.id"), primary_key=True),
)


class Region(Base):
    __tablename__ = "region"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    children: Mapped[list["Region"]] = relationship(back_populates="parent", order_by="Region.id")
    parent: Mapped["Region | None"] = relationship(back_populates="children", remote_side=[id])


class Sponsor(Base):
    __tablename__ = "sponsor"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Club(Base):
    __tablename__ = "club"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    colour: Mapped[str]
    anthem: Mapped[str] = mapped_column(deferred=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region: Mapped[Region] = relationship()
    players: Mapped[list["Player"]] = relationship(back_populates="club", order_by="Player.id")
    sponsors: Mapped[list[Sponsor]] = relationship(secondary=sponsoring, order_by=Sponsor.id)
    stadium: Mapped["Stadium | None"] = relationship(back_populates="club", uselist=False)
    home_matches: DynamicMapped["Match"] = relationship(foreign_keys="Match.home_id", order_by="Match.id")
    away_matches: WriteOnlyMapped["Match"] = relationship(foreign_keys="Match.away_id", order_by="Match.id")
    sponsor_names: AssociationProxy[list[str]] = association_proxy("sponsors", "name")

    @property
    def goals_shot(self):
        session = object_session(self)
        shot = select(func.count(Goal.id)).join(Player).where(Player.club_id == self.id)
        return session.scalar(shot)  # place[property_with_object_session]: access

    def __repr__(self):
        return f"<{self.name} of {self.region.name}>"  # place[repr_loads_the_region]: access


class Stadium(Base):
    __tablename__ = "stadium"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), unique=True)
    club: Mapped[Club] = relationship(back_populates="stadium")


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}


class Referee(Person):
    __tablename__ = "referee"
    id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    licence: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "referee"}


class Player(Base):
    __tablename__ = "player"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[int]
    active: Mapped[bool]
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    club: Mapped[Club] = relationship(back_populates="players")
    goals: Mapped[list["Goal"]] = relationship(back_populates="player", order_by="Goal.id")


class Match(Base):
    __tablename__ = "match"
    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[int]
    state: Mapped[str]
    home_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    away_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    referee_id: Mapped[int] = mapped_column(ForeignKey("referee.id"))
    home: Mapped[Club] = relationship(foreign_keys=[home_id], overlaps="home_matches")
    away: Mapped[Club] = relationship(foreign_keys=[away_id], overlaps="away_matches")
    referee: Mapped[Referee] = relationship()
    goals: Mapped[list["Goal"]] = relationship(back_populates="match", order_by="Goal.id")


class Goal(Base):
    __tablename__ = "goal"
    id: Mapped[int] = mapped_column(primary_key=True)
    minute: Mapped[int]
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    match: Mapped[Match] = relationship(back_populates="goals")
    player: Mapped[Player] = relationship(back_populates="goals")


class Task(Base):
    __tablename__ = "task"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    done: Mapped[int]


class Setting(Base):
    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
