"""A forgotten password. Whoever asks learns nothing: the request is a row, and the worker finds out whose it is."""

from datetime import timedelta

from sqlalchemy import delete, select

from vng_alv import db
from vng_alv.accounts import links, service
from vng_alv.accounts.models import MailLinkKind, PasswordRequest, Person
from vng_alv.accounts.queries import find_person_by_email, is_accepted
from vng_alv.audit.service import record
from vng_alv.jobs import Job, defer
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify

#: How long a link to a new password works.
LASTS = timedelta(hours=1)
#: So many links go to one person in that time, however often they are asked for.
AT_ONCE = 3
BATCH = 200


def ask(email: str) -> None:
    """Ask for a new password for an address: the same work whoever has it, if anybody."""
    db.session.add(PasswordRequest(email=email.strip().lower(), asked_at=db.now()))
    db.session.flush()
    defer(Job.SEND_NOTICES)


def waiting() -> bool:
    """Whether somebody asked for a new password and was not answered yet."""
    return db.session.scalar(select(PasswordRequest.id).limit(1)) is not None


def answer(secret: str) -> None:
    """Make a link, and the notice that carries it, for each request whose address is of an account."""
    batch = select(PasswordRequest.id).order_by(PasswordRequest.asked_at).limit(BATCH).with_for_update(skip_locked=True)
    ids = list(db.session.scalars(batch))
    gone = delete(PasswordRequest).where(PasswordRequest.id.in_(ids)).returning(PasswordRequest.email)
    for email in db.session.scalars(gone).all():
        person = find_person_by_email(email)
        record("password.ask", None, f"person:{person.id}" if person else "person:")
        if person and person.active and is_accepted(person.id):
            _send_link(person, secret)


def _send_link(person: Person, secret: str) -> None:
    if links.made_since(MailLinkKind.RESET_PASSWORD, person.id, db.now() - LASTS) < AT_ONCE:
        link = links.make(MailLinkKind.RESET_PASSWORD, person.id, lasts=LASTS, secret=secret)
        notify(NoticeKind.RESET_PASSWORD, [person.id], link_id=str(link.id), expires_at=link.expires_at.isoformat())


def choose(token: str, password_hash: str) -> Person:
    """Keep the password that was chosen with a link; every session ends and second steps stay as they are.

    Raises ``Refused(LINK_INVALID)``.
    """
    link, person = links.usable(token, MailLinkKind.RESET_PASSWORD, lock=True)
    link.used_at = db.now()
    service.keep_password(person, password_hash, None)
    notify(NoticeKind.SIGN_IN_CHANGED, [person.id], what="password", at=db.now().isoformat())
    return person
