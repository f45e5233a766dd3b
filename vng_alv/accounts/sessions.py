"""Sessions: rows of our own, each of which can be ended, from wherever its person or the secretariat is."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from vng_alv import db, live
from vng_alv.accounts.models import Entry, LoginSession, Person
from vng_alv.accounts.queries import token_hash
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor, SignedIn

#: A session's last use is kept to within this.
USED_WITHIN = timedelta(minutes=5)


def start(person: Person, *, hours: int, device: str, entry: Entry, factor: bool, idle_hours: int = 0) -> str:
    """A new session, in which a second step was shown or not; returns the token that the browser keeps.

    It ends after ``hours``, or earlier when it is not used for ``idle_hours`` (0 for no such limit).
    """
    now = db.now()
    ends_at = now + timedelta(hours=hours)
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(
            token_hash=token_hash(token),
            id=uuid.uuid4(),
            person_id=person.id,
            created_at=now,
            expires_at=_expiry(now, ends_at, idle_hours),
            ends_at=ends_at,
            idle_hours=idle_hours,
            last_used_at=now,
            factor_at=now if factor else None,
            entry=entry,
            device="".join(c for c in device if c.isprintable())[:200],
        )
    )
    db.session.flush()
    record("session.start", None, f"person:{person.id}", entry=entry.value, factor=factor)
    return token


def _expiry(used_at: datetime, ends_at: datetime, idle_hours: int) -> datetime:
    return min(ends_at, used_at + timedelta(hours=idle_hours)) if idle_hours else ends_at


def of_person(person_id: uuid.UUID) -> Sequence[LoginSession]:
    """The sessions that a person has now, the last used first."""
    return db.session.scalars(
        select(LoginSession)
        .where(LoginSession.person_id == person_id, LoginSession.expires_at > db.now())
        .order_by(LoginSession.last_used_at.desc(), LoginSession.id)
    ).all()


def show_factor(here: SignedIn) -> None:
    """Keep that a second step was shown in this session, now."""
    db.session.execute(update(LoginSession).where(LoginSession.id == here.session_id).values(factor_at=db.now()))


def use(session_id: uuid.UUID) -> None:
    """Keep that a session was used, now, which moves its end on; one that ended meanwhile stays ended."""
    now = db.now()
    used = db.session.scalars(
        select(LoginSession).where(LoginSession.id == session_id, LoginSession.expires_at > now).with_for_update()
    ).one_or_none()
    if used:
        used.last_used_at, used.expires_at = now, _expiry(now, used.ends_at, used.idle_hours)
        db.session.flush()


def end(session_id: uuid.UUID, person_id: uuid.UUID, actor: Actor | None) -> bool:
    """End one session of a person, and the streams that it follows; False when there is no such session."""
    ended = _delete(LoginSession.id == session_id, LoginSession.person_id == person_id)
    if ended:
        record("session.end", actor, f"person:{person_id}")
    return bool(ended)


def end_others(actor: Actor, keep: uuid.UUID) -> None:
    """End every session of the person who acts but the one they act from."""
    record("session.end_others", actor, f"person:{actor.id}", ended=end_all(actor.id, keep=keep))


def end_all_of(person: Person, actor: Actor) -> None:
    """End every session of somebody else."""
    record("session.end_all", actor, f"person:{person.id}", ended=end_all(person.id))


def end_all(person_id: uuid.UUID, *, keep: uuid.UUID | None = None) -> int:
    """End all sessions of a person, but ``keep``, and the streams that they follow; returns how many.

    Asked for by whatever makes what they were started on no longer true; that act is in the log itself.
    """
    return len(_delete(LoginSession.person_id == person_id, LoginSession.id != keep if keep else True))


def _delete(*conditions: object) -> Sequence[uuid.UUID]:
    ended = db.session.scalars(delete(LoginSession).where(*conditions).returning(LoginSession.id)).all()  # type: ignore[arg-type]
    if ended:
        db.after_commit(lambda: live.revoke(ended), ("revoke", *ended))
    return ended
