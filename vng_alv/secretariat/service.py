"""Inviting people: a person, what they may do, and the mail with their link, in one act; and changing their roles."""

from collections.abc import Collection
from dataclasses import dataclass

from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Person
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor, Role
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.offices import mail_link
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import Member
from vng_alv.members.service import give_office
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify


@dataclass(frozen=True)
class Invitee:
    """Who is invited, and as what. ``office`` is at ``member``; ``meeting`` asks for its mandate there."""

    name: str
    email: str
    phone: str
    locale: str
    roles: frozenset[Role]
    member: Member | None = None
    office: OfficeKind | None = None
    meeting: Meeting | None = None


def invite_person(wanted: Invitee, secret: str, actor: Actor | None) -> Person:
    """Make a person with office, roles and mandate, and mail them their link.

    Raises ``Conflict(EMAIL_TAKEN)``, ``Refused(NO_OFFICE)`` for a mandate without an office that may hold it, and for
    roles as ``accounts.service.change_roles`` does.
    """
    person = accounts.create_person(
        wanted.email, wanted.name, actor, roles=wanted.roles, phone=wanted.phone, locale=wanted.locale
    )
    if wanted.member and wanted.office:
        give_office(person, wanted.member, wanted.office, actor)
        if wanted.meeting:
            give_mandate(wanted.meeting, wanted.member, person, actor)
    mail_link(person, secret, actor)
    return person


def change_roles(person: Person, give: Collection[Role], take: Collection[Role], actor: Actor | None) -> bool:
    """Give and take roles, and tell the person; returns whether anything changed. Raises as in ``accounts.service``."""
    if not accounts.change_roles(person, give, take, actor):
        return False
    notify(NoticeKind.SIGN_IN_CHANGED, [person.id], what="roles")
    return True
