"""Reading people and sessions."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from vng_alv import db, direct
from vng_alv.accounts.models import Invitation, Passkey, Person, PersonRole
from vng_alv.domain.permissions import Actor, Role, SignedIn
from vng_alv.domain.roles import MANAGERS
from vng_alv.errors import Missing
from vng_alv.group import Group


def token_hash(token: str) -> str:
    """What is kept of a secret link or session: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


_SIGNED_IN = """
SELECT s.token_hash, p.id, p.name, p.locale, r.role, s.id, s.factor_at, s.last_used_at,
       p.totp_secret IS NOT NULL OR EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = p.id)
FROM login_session s
JOIN person p ON p.id = s.person_id LEFT JOIN person_role r ON r.person_id = p.id
WHERE s.token_hash {among} AND s.expires_at > {now} AND p.active
"""
_SIGNED_IN_POSTGRESQL = _SIGNED_IN.format(among="= ANY(%(hashes)s)", now="%(now)s")
_SIGNED_IN_SQLITE = _SIGNED_IN.format(among="IN (SELECT value FROM json_each(:hashes))", now=":now")


def find_signed_in(token: str) -> SignedIn | None:
    """Whose browser holds this session token, if the session lasts and the account is in use."""
    return _recognising.submit(token_hash(token))


def _recognise(hashes: Sequence[str]) -> list[SignedIn | None]:
    """Who is signed in with each of these; requests of the same moment share one statement."""
    now = datetime.now(UTC)
    if db.is_sqlite():
        rows = _line.run(_SIGNED_IN_SQLITE, {"hashes": json.dumps(hashes), "now": db.sqlite_moment(now)})
    else:
        rows = _line.run(_SIGNED_IN_POSTGRESQL, {"hashes": list(hashes), "now": now})
    roles: dict[str, set[Role]] = {}
    for row in rows:
        roles.setdefault(row[0], set()).update([Role(row[4])] if row[4] else [])
    found = {
        key: SignedIn(
            Actor(db.as_uuid(person_id), name, locale, frozenset(roles[key])),
            db.as_uuid(session_id),
            factor_at and db.as_moment(factor_at),
            bool(has_factor),
            db.as_moment(used),
        )
        for key, person_id, name, locale, _role, session_id, factor_at, used, has_factor in rows
    }
    return [found.get(key) for key in hashes]


_line = direct.Line()
_recognising: Group[str, SignedIn | None] = Group(_recognise)


def find_person_by_email(email: str) -> Person | None:
    """The person with this address, in any case."""
    return db.session.scalars(select(Person).where(Person.email == email.strip().lower())).one_or_none()


def get_person_by_email(email: str) -> Person:
    """The person with this address, in any case. Raises ``Missing``."""
    person = find_person_by_email(email)
    if person is None:
        raise Missing("person")
    return person


def get_person(person_id: uuid.UUID) -> Person:
    """One person. Raises ``Missing``."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise Missing("person")
    return person


def get_actor(person_id: uuid.UUID) -> Actor:
    """One person as the one who acts. Raises ``Missing``."""
    person = get_person(person_id)
    return Actor(person.id, person.name, person.locale, frozenset(role.role for role in person.roles))


def people(*, page: int, size: int, search: str = "") -> Sequence[Person]:
    """People by name; ``page`` counts from 1. One more than ``size``, to know whether there is a next page."""
    query = select(Person).options(selectinload(Person.roles)).order_by(func.lower(Person.name), Person.id)
    if search:
        like = "%" + search.lower().replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(func.lower(Person.name).like(like, escape="\\") | Person.email.like(like, escape="\\"))
    return db.session.scalars(query.limit(size + 1).offset((page - 1) * size)).all()


def passkeys_of(person_id: uuid.UUID) -> Sequence[Passkey]:
    """A person's passkeys, the oldest first."""
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.created_at, Passkey.id)
    ).all()


def has_factor(person: Person) -> bool:
    """Whether a person has a second step: a code app or a passkey."""
    return person.totp_secret is not None or bool(passkeys_of(person.id))


def find_invitation(token: str, *, lock: bool = False) -> Invitation | None:
    """The invitation behind a link, used or expired or not; with ``lock``, for this transaction alone."""
    query = select(Invitation).options(joinedload(Invitation.person)).where(Invitation.token_hash == token_hash(token))
    if lock:
        query = query.with_for_update(of=Invitation).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def open_invitations(person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Invitation]:
    """The newest invitation of each person."""
    rows = db.session.scalars(
        select(Invitation).where(Invitation.person_id.in_(person_ids)).order_by(Invitation.created_at)
    )
    return {invitation.person_id: invitation for invitation in rows}


def has_account() -> ColumnElement[bool]:
    """Whether a person accepted an invitation, or chose a password in another way."""
    accepted = select(Invitation.id).where(Invitation.person_id == Person.id, Invitation.accepted_at.is_not(None))
    return Person.password_hash.is_not(None) | accepted.exists()


def is_accepted(person_id: uuid.UUID) -> bool:
    """Whether a person accepted an invitation, or chose a password in another way."""
    return db.session.scalar(select(Person.id).where(Person.id == person_id, has_account())) is not None


def lock_managers(person_id: uuid.UUID, actor: Actor | None) -> int:
    """How many others may manage people, with an account in use; until this transaction ends nobody else changes who.

    Whoever acts is signed in, so they have an account. The roles of ``person_id`` do not change meanwhile either.
    """
    manages = Person.roles.any(PersonRole.role.in_(MANAGERS))
    rows = select(Person.id).where(manages | (Person.id == person_id)).order_by(Person.id)
    db.session.execute(rows.with_for_update(key_share=True))
    usable = has_account() | (Person.id == actor.id) if actor else has_account()
    query = select(func.count()).select_from(Person).where(manages, Person.id != person_id, Person.active, usable)
    return db.session.scalar(query) or 0


def find_newest_invitation(person_id: uuid.UUID) -> Invitation | None:
    """The invitation of a person that is still to be accepted."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.person_id == person_id, Invitation.accepted_at.is_(None))
        .order_by(Invitation.created_at.desc())
        .limit(1)
    ).first()


def people_with(role: Role) -> Sequence[Person]:
    """Who has a role in the association and may sign in, by name."""
    return db.session.scalars(
        select(Person).where(Person.active, Person.roles.any(PersonRole.role == role)).order_by(Person.name, Person.id)
    ).all()
