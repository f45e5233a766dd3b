"""Browsers in which people signed in before. Guesses made elsewhere never keep somebody out of these."""

import uuid

from sqlalchemy import delete

from vng_alv import db
from vng_alv.accounts.models import KnownDevice, Person
from vng_alv.accounts.queries import find_person_by_email, token_hash
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify


def use(person: Person, token: str, name: str, *, quiet: bool) -> None:
    """Keep that a person signed in with this browser, and tell them by mail when it is a new one (not if ``quiet``)."""
    now = db.now()
    known = db.session.get(KnownDevice, (token_hash(token), person.id))
    if known:
        known.last_used_at = now
    else:
        db.session.add(KnownDevice(token_hash=token_hash(token), person_id=person.id, created_at=now, last_used_at=now))
        if not quiet:
            notify(NoticeKind.NEW_DEVICE, [person.id], device=name, at=now.isoformat())
    db.session.flush()


def is_known(email: str, token: str) -> bool:
    """Whether the person with this address signed in with this browser before."""
    person = find_person_by_email(email) if token else None
    return person is not None and db.session.get(KnownDevice, (token_hash(token), person.id)) is not None


def forget_all(person_id: uuid.UUID) -> None:
    """Know none of a person's browsers any more."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.person_id == person_id))
