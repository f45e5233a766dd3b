"""Reminding everybody who was invited and has no account yet."""

from datetime import datetime

from sqlalchemy import select

from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Invitation, Person
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.members.queries import get_association, lock_register
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.secretariat.queries import to_remind


def remind(secret: str, actor: Actor | None, since: datetime | None = None) -> int:
    """Mail everybody who waits their link, a new one where it expired; returns how many.

    Nobody twice in a day, or nobody who was told since another moment.
    """
    lock_register()  # of two who press at once, the second one finds the mails of the first
    now = db.now()
    ids = to_remind(now, since)
    usable = set(
        db.session.scalars(
            select(Invitation.person_id).where(
                Invitation.person_id.in_(ids), Invitation.accepted_at.is_(None), Invitation.expires_at > now
            )
        )
    )
    days = get_association().invitation_days
    for person in db.session.scalars(select(Person).where(Person.id.in_(set(ids) - usable))).all():
        accounts.invite(person, actor, days=days, secret=secret)
    if ids:
        notify(NoticeKind.INVITATION_REMINDER, ids)
        record("people.remind", actor, "people", number=len(ids))
    return len(ids)
