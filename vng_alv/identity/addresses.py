"""Another mail address: it counts when whoever reads the old one and whoever reads the new one both said yes."""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts import links, sessions
from vng_alv.accounts.models import MailLink, MailLinkKind, Person
from vng_alv.accounts.queries import find_person_by_email
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify

KINDS = (MailLinkKind.LEAVE_ADDRESS, MailLinkKind.TAKE_ADDRESS)
LASTS = timedelta(hours=24)


def ask(person: Person, email: str, actor: Actor, secret: str) -> None:
    """Send a link to both addresses; earlier ones stop working. Whether somebody else has the address is not told:

    whoever reads its mail learns that it has an account already, and gets no link.
    """
    email = email.strip().lower()
    taken = find_person_by_email(email) is not None
    links.void(person.id)
    leave, take = (links.make(kind, person.id, lasts=LASTS, secret=secret, email=email) for kind in KINDS)
    until = leave.expires_at.isoformat()
    notify(NoticeKind.LEAVE_ADDRESS, [person.id], link_id=str(leave.id), new=email, expires_at=until)
    notify(NoticeKind.TAKE_ADDRESS, [person.id], link_id="" if taken else str(take.id), to=email, expires_at=until)
    record("address.ask", actor, f"person:{person.id}")


def confirm(token: str, keep: uuid.UUID | None) -> bool:
    """Say yes for one of the two addresses; True when both did and the new one counts from now on.

    Then every session but ``keep`` ends, and so does every other link. Raises ``Refused(LINK_INVALID)``, and
    ``Conflict(EMAIL_TAKEN)`` when somebody else got the address meanwhile.
    """
    link, person = links.usable(token, *KINDS, lock=True)
    link.used_at = db.now()
    db.session.flush()
    other = db.session.scalars(
        select(MailLink).where(
            MailLink.person_id == person.id,
            MailLink.kind.in_(KINDS),
            MailLink.kind != link.kind,
            MailLink.email == link.email,
            MailLink.used_at.is_not(None),
            MailLink.expires_at > db.now(),
        )
    ).first()
    if other is None:
        return False
    _change(person, link.email, keep)
    return True


def _change(person: Person, email: str, keep: uuid.UUID | None) -> None:
    before = person.email
    try:
        with db.session.begin_nested():
            person.email = email
    except IntegrityError as error:
        if db.violated(error) != "uq_person_email":
            raise
        raise Conflict(Refusal.EMAIL_TAKEN, email=email) from None
    links.void(person.id)
    sessions.end_all(person.id, keep=keep)
    record("person.address", None, f"person:{person.id}")
    now = db.now().isoformat()
    for to in (before, email):
        notify(NoticeKind.SIGN_IN_CHANGED, [person.id], what="address", at=now, to=to)
