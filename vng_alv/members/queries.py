"""Reading the association, its register and offices."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import has_account
from vng_alv.domain.mandates import MEMBER_SECRETARIES, Standing
from vng_alv.domain.permissions import Actor
from vng_alv.domain.weights import WeightRule
from vng_alv.errors import Missing
from vng_alv.members.models import Association, Member, MemberImport, Office, PeopleImport


def find_association() -> Association | None:
    """The association, or None before it was set up."""
    found = db.session.get(Association, 1)
    db.session.info["association"] = found  # or else the session forgets it as soon as nobody looks at it
    return found


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


def all_members(*, by_name: bool = False) -> Sequence[Member]:
    """Everything in the register, by code or by name."""
    order = (Member.name, Member.code) if by_name else (Member.code,)
    return db.session.scalars(select(Member).order_by(*order)).all()


def total_weight(members: Iterable[Member], rule: WeightRule) -> int:
    """The votes of all full members together."""
    return sum(m.votes(rule) for m in members if not m.advisory)


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


def find_office(
    person_id: uuid.UUID, member_id: uuid.UUID, *, keep: bool = False, change: bool = False
) -> Office | None:
    """A person's office at a member. With ``keep`` nobody changes it until this transaction ends, with ``change``
    nobody relies on it either."""
    query = select(Office).where(Office.person_id == person_id, Office.member_id == member_id)
    if keep or change:
        query = query.with_for_update(read=not change).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def standing_at(actor: Actor, member_id: uuid.UUID) -> Standing:
    """What somebody is to a member."""
    office = find_office(actor.id, member_id)
    return Standing(actor.roles, office.kind if office else None)


def lock_member(member_id: uuid.UUID) -> None:
    """Keep every other change of a member's offices waiting until this transaction ends."""
    db.session.execute(select(Member.id).where(Member.id == member_id).with_for_update(key_share=True))


def count_other_secretaries(person_id: uuid.UUID, member_id: uuid.UUID) -> int:
    """How many others who have an account can act for a member."""
    return db.session.execute(
        select(func.count())
        .select_from(Office)
        .join(Office.person)
        .where(
            Office.member_id == member_id,
            Office.kind.in_(MEMBER_SECRETARIES),
            Office.person_id != person_id,
            Person.active,
            has_account(),
        )
    ).scalar_one()


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


def secretaries_of(member_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Who acts for members: by member the people with such an office, who have an account in use."""
    rows = db.session.execute(
        select(Office.member_id, Office.person_id)
        .join(Office.person)
        .where(Office.kind.in_(MEMBER_SECRETARIES), Person.active, has_account(), Office.member_id.in_(member_ids))
        .order_by(Office.member_id, Office.person_id)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for member_id, person_id in rows:
        found.setdefault(member_id, []).append(person_id)
    return found


def get_people_import(import_id: uuid.UUID, *, lock: bool = False) -> PeopleImport:
    """One file of people; with ``lock``, for this transaction alone. Raises ``Missing``."""
    query = select(PeopleImport).where(PeopleImport.id == import_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise Missing("import")
    return found


def get_import(import_id: uuid.UUID) -> MemberImport:
    """One import. Raises ``Missing``."""
    found = db.session.get(MemberImport, import_id)
    if found is None:
        raise Missing("import")
    return found
