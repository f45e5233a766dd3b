"""Members that have it noted that they are against what is adopted by acclamation: the table, and reading it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from vng_alv import db
from vng_alv.voting.models import RollEntry, Round


class NotedAgainst(db.Base):
    """That a member is against, or (taken back) that it is not. The last version counts. Append-only."""

    __tablename__ = "noted_against"
    __table_args__ = (
        ForeignKeyConstraint(["round_id", "member_id"], ["roll_entry.round_id", "roll_entry.member_id"]),
        CheckConstraint("version >= 1", name="version_from_one"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    against: Mapped[bool]
    #: Who wrote it down: somebody of the secretariat, or the member's delegate; nobody from the terminal.
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


@dataclass(frozen=True)
class Noted:
    """A member that had its vote against noted, as the roll calls it."""

    member_id: uuid.UUID
    code: str
    name: str


def noted_in(round_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[Noted]]:
    """The members that are against in rounds, by round, each by name; rounds without any are not in it."""
    later = aliased(NotedAgainst)
    replaced = select(later.version).where(
        later.round_id == NotedAgainst.round_id,
        later.member_id == NotedAgainst.member_id,
        later.version > NotedAgainst.version,
    )
    rows = db.session.execute(
        select(NotedAgainst.round_id, RollEntry.member_id, RollEntry.code, RollEntry.name)
        .join(
            RollEntry,
            (RollEntry.round_id == NotedAgainst.round_id) & (RollEntry.member_id == NotedAgainst.member_id),
        )
        .where(NotedAgainst.round_id.in_(round_ids), NotedAgainst.against, ~replaced.exists())
        .order_by(RollEntry.name, RollEntry.code)
    )
    found: dict[uuid.UUID, list[Noted]] = {}
    for round_id, member_id, code, name in rows:
        found.setdefault(round_id, []).append(Noted(member_id, code, name))
    return found


@dataclass(frozen=True)
class Put:
    """A question that is put to the hall now: who is noted to be against, and who else can be."""

    round: Round
    noted: list[Noted]
    others: list[Noted]


def put_to_hall(rounds: Collection[Round]) -> list[Put]:
    """Rounds that are decided by acclamation now, with the members on their rolls; advisory ones are not asked."""
    noted = noted_in([one.id for one in rounds])
    rows = db.session.execute(
        select(RollEntry.round_id, RollEntry.member_id, RollEntry.code, RollEntry.name)
        .where(RollEntry.round_id.in_([one.id for one in rounds]), ~RollEntry.advisory)
        .order_by(RollEntry.name, RollEntry.code)
    )
    rolls: dict[uuid.UUID, list[Noted]] = {}
    for round_id, member_id, code, name in rows:
        rolls.setdefault(round_id, []).append(Noted(member_id, code, name))
    return [
        Put(one, noted.get(one.id, []), [m for m in rolls.get(one.id, []) if m not in noted.get(one.id, [])])
        for one in rounds
    ]
