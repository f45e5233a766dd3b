"""A member's people: inviting them, their offices, and the mandates that end with an office."""

from dataclasses import dataclass
from enum import StrEnum

from vng_alv.accounts import queries as accounts_queries
from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Person
from vng_alv.domain.mandates import OfficeKind, may_hold, may_leave, may_manage_people
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.service import take_all_back
from vng_alv.members import service as members
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import (
    count_other_secretaries,
    find_office,
    get_association,
    lock_member,
    offices_of,
    standing_at,
)
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify


class Done(StrEnum):
    """What became of somebody who was asked in."""

    INVITED = "invited"
    OFFICE_GIVEN = "office_given"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Colleague:
    """Who is asked in, and as what."""

    name: str
    email: str
    office: OfficeKind
    phone: str = ""
    locale: str = "nl"


def ask_in(wanted: Colleague, member: Member, secret: str, actor: Actor | None) -> tuple[Person, Done]:
    """Give somebody an office at a member, and mail them: a link to make an account with, or that they have it.

    Whoever is known by this address keeps the name, phone and language that they have. Raises ``Refused``.
    """
    _may_manage(actor, member)
    lock_member(member.id)
    person = accounts_queries.find_person_by_email(wanted.email)
    if person is None:
        person = accounts.create_person(wanted.email, wanted.name, actor, phone=wanted.phone, locale=wanted.locale)
    before = find_office(person.id, member.id)
    kind = before.kind if before else None
    set_office(person, member, wanted.office, actor)
    if not person.active:
        return person, Done.NOTHING if kind is wanted.office else Done.OFFICE_GIVEN
    if not accounts_queries.is_accepted(person.id):
        mail_link(person, secret, actor)
        return person, Done.INVITED
    if kind is wanted.office:
        return person, Done.NOTHING
    notify(NoticeKind.OFFICE_GIVEN, [person.id], member=member.name, code=member.code)
    return person, Done.OFFICE_GIVEN


def set_office(person: Person, member: Member, kind: OfficeKind, actor: Actor | None) -> Office:
    """Give somebody an office at a member or change the one they have; a mandate that it does not allow ends.

    Raises ``Refused(NOT_ALLOWED or LAST_SECRETARY)``.
    """
    _may_manage(actor, member)
    lock_member(member.id)
    office = find_office(person.id, member.id, change=True)
    if office is not None:
        _may_leave(office, kind, member, actor)
    office = members.give_office(person, member, kind, actor)
    if may_hold(kind, active=True):
        take_all_back(person, member, actor)
    return office


def end_office(person: Person, member: Member, actor: Actor | None) -> None:
    """End somebody's office at a member, their mandates for it and their sessions.

    Raises ``Missing``, or ``Refused(NOT_ALLOWED or LAST_SECRETARY)``.
    """
    _may_manage(actor, member)
    lock_member(member.id)
    office = find_office(person.id, member.id, change=True)
    if office is None:
        raise Missing("office")
    _may_leave(office, None, member, actor)
    take_all_back(person, member, actor)
    members.end_office(office, actor)


def put_out_of_use(person: Person, actor: Actor | None) -> None:
    """Put somebody's account out of use: the mandates they hold end as they do with an office, and their sessions.

    Raises ``Refused(NOT_YOURSELF or LAST_MANAGER)``.
    """
    accounts.set_active(person, False, actor)
    for office in sorted(offices_of(person.id), key=lambda office: office.member_id):
        lock_member(office.member_id)
        if find_office(person.id, office.member_id, change=True):
            take_all_back(person, office.member, actor)


def mail_link(person: Person, secret: str, actor: Actor | None) -> None:
    """Mail somebody a link to choose a first or another password with; earlier links stop working."""
    names = ", ".join(office.member.name for office in offices_of(person.id))
    accounts.invite(person, actor, days=get_association().invitation_days, secret=secret)
    notify(NoticeKind.INVITATION, [person.id], member=names)


def _may_manage(actor: Actor | None, member: Member) -> None:
    if actor is not None and not may_manage_people(standing_at(actor, member.id)):
        raise Refused(Refusal.NOT_ALLOWED)


def _may_leave(office: Office, becomes: OfficeKind | None, member: Member, actor: Actor | None) -> None:
    if actor is None:
        return
    others = count_other_secretaries(office.person_id, member.id)
    if refusal := may_leave(standing_at(actor, member.id), office.kind, becomes, others):
        raise Refused(refusal, member=member.name)
