"""Reading the association, its register and offices."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.domain.weights import WeightRule, weigh
from vng_alv.errors import Missing
from vng_alv.members.models import Association, Member, MemberImport, Office


def find_association() -> Association | None:
    """The association, or None before it was set up."""
    return db.session.get(Association, 1)


def get_association() -> Association:
    """The association. Raises ``Missing`` before it was set up."""
    association = find_association()
    if association is None:
        raise Missing("association")
    return association


def get_member(code: str) -> Member:
    """The member with this CBS code. Raises ``Missing``."""
    member = db.session.scalars(select(Member).where(Member.code == code)).one_or_none()
    if member is None:
        raise Missing("member")
    return member


def members_on(day: date) -> Sequence[Member]:
    """The members of the association on a day, by name."""
    return db.session.scalars(
        select(Member)
        .where(
            Member.valid_from.is_(None) | (Member.valid_from <= day),
            Member.valid_until.is_(None) | (Member.valid_until > day),
        )
        .order_by(Member.name, Member.code)
    ).all()


def all_members() -> Sequence[Member]:
    """Everything in the register, by code."""
    return db.session.scalars(select(Member).order_by(Member.code)).all()


def total_weight(members: Iterable[Member], rule: WeightRule) -> int:
    """The votes of all full members together."""
    return sum(weigh(m.population, rule) for m in members if not m.advisory)


def lock_register() -> None:
    """Keep every other change of the register waiting until this transaction ends."""
    db.session.execute(select(Association.id).with_for_update())


def offices_of(person_id: uuid.UUID) -> Sequence[Office]:
    """A person's offices with their members, by name of the member."""
    return db.session.scalars(
        select(Office)
        .join(Office.member)
        .options(joinedload(Office.member))
        .where(Office.person_id == person_id)
        .order_by(Member.name)
    ).all()


def offices_at(member_id: uuid.UUID) -> Sequence[Office]:
    """The offices at a member with their people."""
    return db.session.scalars(
        select(Office)
        .options(joinedload(Office.person))
        .where(Office.member_id == member_id)
        .order_by(Office.kind, Office.id)
    ).all()


def find_office(person_id: uuid.UUID, member_id: uuid.UUID) -> Office | None:
    """A person's office at a member."""
    return db.session.scalars(
        select(Office).where(Office.person_id == person_id, Office.member_id == member_id)
    ).one_or_none()


def offices_of_people(person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Office]]:
    """The offices of several people at once."""
    found: dict[uuid.UUID, list[Office]] = {}
    for office in db.session.scalars(
        select(Office).options(joinedload(Office.member)).where(Office.person_id.in_(person_ids)).order_by(Office.id)
    ):
        found.setdefault(office.person_id, []).append(office)
    return found


def people_of_members() -> list[uuid.UUID]:
    """Everybody with an office, who has an account in use."""
    return list(
        db.session.scalars(
            select(Office.person_id).distinct().join(Office.person).where(Office.person.has(active=True))
        )
    )


def get_import(import_id: uuid.UUID) -> MemberImport:
    """One import. Raises ``Missing``."""
    found = db.session.get(MemberImport, import_id)
    if found is None:
        raise Missing("import")
    return found
