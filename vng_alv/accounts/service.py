"""Inviting people, signing in and out. Passwords are hashed with argon2; links and sessions are kept as hashes."""

import hmac
import re
import secrets
import uuid
from collections.abc import Collection
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts import links, queries, sessions
from vng_alv.accounts.models import Invitation, Person, PersonRole
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor, Permission, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.roles import RoleChange, may_change_roles
from vng_alv.errors import Conflict, Missing, Refused

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MIN_PASSWORD = 12

hasher = PasswordHasher()
#: Compared with when nobody has the address, so that the time tells nothing.
_NOBODY = hasher.hash(secrets.token_hex())


def create_person(
    email: str, name: str, actor: Actor | None, *, roles: Collection[Role] = (), phone: str = "", locale: str = "nl"
) -> Person:
    """A person without a password. Raises ``Conflict(EMAIL_TAKEN)``, and for ``roles`` as :func:`change_roles` does."""
    email = email.strip().lower()
    if queries.find_person_by_email(email):
        raise Conflict(Refusal.EMAIL_TAKEN, email=email)
    person = Person(
        id=uuid.uuid4(), email=email, name=name.strip(), phone=phone, locale=locale, created_at=db.now(), roles=[]
    )
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError as error:
        if db.violated(error) != "uq_person_email":
            raise
        raise Conflict(Refusal.EMAIL_TAKEN, email=email) from None  # somebody made them at this same moment
    record("person.create", actor, f"person:{person.id}")
    if roles:
        change_roles(person, roles, (), actor)
    return person


def change_roles(person: Person, give: Collection[Role], take: Collection[Role], actor: Actor | None) -> bool:
    """Give and take roles in the association; returns whether anything changed, which ends the person's sessions.

    Raises ``Refused(NOT_ALLOWED, NOT_YOURSELF, AUDITOR_CHANGES_NOTHING or LAST_MANAGER)``, or ``Missing`` for somebody
    who was erased.
    """
    if actor and not actor.may(Permission.GRANT_ROLES):
        raise Refused(Refusal.NOT_ALLOWED)
    if person.erased_at is not None:
        raise Missing("person")
    before, others = _roles_for_change(person, actor)
    after = (before | set(give)) - set(take)
    own = actor is not None and actor.id == person.id
    _may_change(person, RoleChange(before, after, others, own=own, by_system=actor is None))
    for role in sorted(after - before):
        person.roles.append(PersonRole(role=role))
        record("role.grant", actor, f"person:{person.id}", role=role.value)
    for row in [row for row in person.roles if row.role not in after]:
        person.roles.remove(row)
        record("role.revoke", actor, f"person:{person.id}", role=row.role.value)
    db.session.flush()
    if before != after:
        sessions.end_all(person.id)
    return before != after


def keep_a_manager(person: Person, actor: Actor | None) -> None:
    """Before an account goes out of use. Raises ``Refused(LAST_MANAGER)`` when nobody else could manage people."""
    before, others = _roles_for_change(person, actor)
    _may_change(person, RoleChange(before, frozenset(), others, by_system=actor is None))


def _roles_for_change(person: Person, actor: Actor | None) -> tuple[frozenset[Role], int]:
    """Somebody's roles, and how many others may manage people, for this transaction alone."""
    others = queries.lock_managers(person.id, actor)
    db.session.refresh(person, ["roles"])
    return frozenset(row.role for row in person.roles), others


def _may_change(person: Person, change: RoleChange) -> None:
    if refusal := may_change_roles(change):
        raise Refused(refusal, name=person.name)


def invitation_token(invitation_id: uuid.UUID, secret: str) -> str:
    """The secret part of an invitation's link. It follows from the secret key, so no table holds it."""
    return hmac.digest(secret.encode(), b"invitation:" + invitation_id.bytes, "sha256").hex()


def invite(person: Person, actor: Actor | None, *, days: int, secret: str) -> Invitation:
    """A link to make an account with, valid for ``days``; earlier ones of this person stop working."""
    now = db.now()
    db.session.execute(delete(Invitation).where(Invitation.person_id == person.id, Invitation.accepted_at.is_(None)))
    new_id = uuid.uuid4()
    invitation = Invitation(
        id=new_id,
        person_id=person.id,
        token_hash=queries.token_hash(invitation_token(new_id, secret)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(invitation)
    db.session.flush()
    record("person.invite", actor, f"person:{person.id}")
    return invitation


def usable_invitation(token: str, *, lock: bool = False) -> Invitation:
    """The invitation behind a link, for one transaction alone with ``lock``.

    Raises ``Refused(INVITATION_INVALID)`` when it is unknown, used or expired, or its person's account is out of use.
    """
    found = queries.find_invitation(token, lock=lock)
    if found is None or found.accepted_at is not None or found.expires_at <= db.now() or not found.person.active:
        raise Refused(Refusal.INVITATION_INVALID)
    return found


def hash_password(password: str) -> str:
    """What is kept of a password. Slow on purpose, so make it before a transaction that writes."""
    return hasher.hash(password)


def begin_after_reading() -> None:
    """End the reading that came before slow work, and start the transaction that writes.

    For a view that is marked ``alv_reads_first``: hashing a password takes longer than a whole cast, and on the
    embedded database a transaction that writes keeps every other one waiting.
    """
    db.rollback()
    db.begin_writing()


def accept(token: str, password_hash: str | None) -> Person:
    """Set the password that the invited person chose, as :func:`hash_password` made it; the link works once.

    Without one (a passkey takes its place) an earlier password stays. Sessions that the person still had end.
    Raises ``Refused(INVITATION_INVALID)``.
    """
    invitation = usable_invitation(token, lock=True)
    invitation.accepted_at = db.now()
    person = invitation.person
    person.password_hash = password_hash or person.password_hash
    sessions.end_all(person.id)
    links.void(person.id)
    record("person.accept", None, f"person:{person.id}")
    return person


def keep_password(person: Person, password_hash: str, actor: Actor | None, *, keep: uuid.UUID | None = None) -> None:
    """Keep what :func:`hash_password` made: sessions of this person but ``keep`` end, links in mails stop working."""
    person.password_hash = password_hash
    sessions.end_all(person.id, keep=keep)
    links.void(person.id)
    record("person.password", actor, f"person:{person.id}")


def set_password(person: Person, password: str, actor: Actor | None) -> None:
    """A new password; every session of this person ends."""
    keep_password(person, hash_password(password), actor)


def set_active(person: Person, active: bool, actor: Actor | None) -> None:
    """Put an account out of use, which ends its sessions and links, or in use again; nobody does this to themselves.

    Mandates are for ``meetings.offices.put_out_of_use``. Raises ``Refused(NOT_YOURSELF or LAST_MANAGER)``.
    """
    if actor and actor.id == person.id:
        raise Refused(Refusal.NOT_YOURSELF)
    if person.erased_at is not None:
        raise Missing("person")
    if not active:
        keep_a_manager(person, actor)
    person.active = active
    db.session.flush()
    if not active:
        sessions.end_all(person.id)
        links.void(person.id)
    record("person.enable" if active else "person.disable", actor, f"person:{person.id}")


def check_password(email: str, password: str) -> Person | None:
    """The person with this address and password, or None; it takes as long whether or not there is such a person."""
    person = queries.find_person_by_email(email)
    known = person.password_hash if person and person.active else None
    try:
        hasher.verify(known or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return person if known else None


def failed_sign_in(email: str) -> None:
    """Keep that somebody tried; the log names a person only when there is one."""
    person = queries.find_person_by_email(email)
    record("session.refuse", None, f"person:{person.id}" if person else "person:")
