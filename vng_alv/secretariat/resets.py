"""A lost second step: one person of the secretariat asks, another one takes it away and a new link goes out."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts import links
from vng_alv.accounts.models import FactorReset, Person
from vng_alv.accounts.queries import get_person, has_factor
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.identity import devices, factors, linking
from vng_alv.meetings.offices import mail_link


def waiting() -> Sequence[FactorReset]:
    """What was asked for and waits for somebody else, the oldest first."""
    return db.session.scalars(
        select(FactorReset)
        .where(FactorReset.confirmed_at.is_(None), FactorReset.withdrawn_at.is_(None))
        .order_by(FactorReset.asked_at, FactorReset.id)
    ).all()


def ask(person: Person, reason: str, actor: Actor) -> FactorReset:
    """Ask to take the second steps of a person away.

    Raises ``Refused(NOT_YOURSELF)``, ``Refused(NO_FACTOR)``, or ``Conflict(RESET_ASKED)`` when it waits already.
    """
    if person.id == actor.id:
        raise Refused(Refusal.NOT_YOURSELF)
    if not has_factor(person):
        raise Refused(Refusal.NO_FACTOR)
    reset = FactorReset(id=uuid.uuid4(), person_id=person.id, asked_by=actor.id, asked_at=db.now(), reason=reason)
    try:
        with db.session.begin_nested():
            db.session.add(reset)
    except IntegrityError:  # the one that waits: `uq_factor_reset_waiting`, which SQLite does not name
        raise Conflict(Refusal.RESET_ASKED) from None
    record("factor.reset_ask", actor, f"person:{person.id}", reason=reason)
    return reset


def _open(reset_id: uuid.UUID) -> FactorReset:
    reset = db.session.get(FactorReset, reset_id, with_for_update=True, populate_existing=True)
    if reset is None:
        raise Missing("reset")
    if reset.confirmed_at or reset.withdrawn_at:
        raise Conflict(Refusal.RESET_OVER)
    return reset


def confirm(reset_id: uuid.UUID, actor: Actor, secret: str) -> Person:
    """Take the second steps, the password, links to sign-in services and all sessions away, and mail a new link.

    Raises ``Refused(TWO_PEOPLE)`` to the one who asked, ``Refused(NOT_YOURSELF)``, or ``Conflict(RESET_OVER)``.
    """
    reset = _open(reset_id)
    if actor.id == reset.asked_by:
        raise Refused(Refusal.TWO_PEOPLE)
    if actor.id == reset.person_id:
        raise Refused(Refusal.NOT_YOURSELF)
    reset.confirmed_by, reset.confirmed_at = actor.id, db.now()
    person = get_person(reset.person_id)
    factors.remove_all(person)
    person.password_hash = None  # whoever knows it is let in no further: only the new link leads on
    links.void(person.id)
    linking.unlink_all(person, actor)
    devices.forget_all(person.id)
    factors.changed(person.id, "factor.reset", "factors_reset", actor, asked_by=str(reset.asked_by))
    mail_link(person, secret, actor)
    return person


def withdraw(reset_id: uuid.UUID, actor: Actor) -> None:
    """Leave the second steps as they are. Raises ``Conflict(RESET_OVER)``."""
    reset = _open(reset_id)
    reset.withdrawn_at = db.now()
    record("factor.reset_withdraw", actor, f"person:{reset.person_id}")
    db.session.flush()
