"""Links in mails that show that somebody reads the mail of an address: for a new password, and for another address."""

import hmac
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from vng_alv import db
from vng_alv.accounts.models import MailLink, MailLinkKind, Person
from vng_alv.accounts.queries import token_hash
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused


def link_token(link_id: uuid.UUID, secret: str) -> str:
    """The secret part of a link. It follows from the secret key, so no table holds it."""
    return hmac.digest(secret.encode(), b"mail-link:" + link_id.bytes, "sha256").hex()


def make(kind: MailLinkKind, person_id: uuid.UUID, *, lasts: timedelta, secret: str, email: str = "") -> MailLink:
    """A link for one person, which works once and until ``lasts`` from now."""
    now = db.now()
    new_id = uuid.uuid4()
    link = MailLink(
        id=new_id,
        kind=kind,
        person_id=person_id,
        token_hash=token_hash(link_token(new_id, secret)),
        email=email,
        created_at=now,
        expires_at=now + lasts,
    )
    db.session.add(link)
    db.session.flush()
    return link


def usable(token: str, *kinds: MailLinkKind, lock: bool = False) -> tuple[MailLink, Person]:
    """The link with this secret part and its person; with ``lock`` for one transaction alone.

    Raises ``Refused(LINK_INVALID)`` when it is unknown, used or expired, or its person's account is out of use.
    """
    query = select(MailLink).where(MailLink.token_hash == token_hash(token), MailLink.kind.in_(kinds))
    link = db.session.scalars(query).one_or_none()
    if link and lock:  # the person first, as everything does that voids links
        db.session.execute(select(Person.id).where(Person.id == link.person_id).with_for_update(key_share=True))
        link = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= db.now():
        raise Refused(Refusal.LINK_INVALID)
    person = db.session.get_one(Person, link.person_id)
    if not person.active:
        raise Refused(Refusal.LINK_INVALID)
    return link, person


def made_since(kind: MailLinkKind, person_id: uuid.UUID, since: datetime) -> int:
    """How many links of a kind were made for a person since a moment."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(MailLink)
            .where(MailLink.kind == kind, MailLink.person_id == person_id, MailLink.created_at > since)
        )
        or 0
    )


def void(person_id: uuid.UUID) -> None:
    """Let no link of a person work any more, and what was confirmed by half not count."""
    db.session.execute(delete(MailLink).where(MailLink.person_id == person_id))
