"""Reading the log."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from vng_alv import db
from vng_alv.audit.models import AuditEntry, AuditSeal
from vng_alv.audit.service import as_data


def newest_entry() -> int:
    """The number of the newest entry, 0 in an empty log: where it stays the same nothing happened."""
    return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def entries(*, page: int, size: int) -> Sequence[tuple[AuditEntry, int | None, str | None]]:
    """Entries with the number and hash of their seal, newest first; ``page`` counts from 1. One more than ``size``."""
    return [(row[0], row[1], row[2]) for row in db.session.execute(_sealed().limit(size + 1).offset((page - 1) * size))]


def all_entries() -> Iterator[tuple[AuditEntry, int | None, str | None]]:
    """All of them, newest first, in one statement; a thousand at a time are in memory."""
    rows = db.session.execute(_sealed().execution_options(yield_per=1_000))
    return ((row[0], row[1], row[2]) for row in rows)


def entries_about(
    subjects: Collection[str], acts: Collection[str]
) -> Sequence[tuple[AuditEntry, int | None, str | None]]:
    """What was done to these things, of these acts, in the order in which it was done."""
    wanted = _sealed().where(AuditEntry.subject.in_(subjects), AuditEntry.act.in_(acts)).order_by(None)
    return [(row[0], row[1], row[2]) for row in db.session.execute(wanted.order_by(AuditEntry.id))]


def _sealed() -> Select[AuditEntry, int | None, str | None]:
    return (
        select(AuditEntry, AuditSeal.number, AuditSeal.hash)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id.desc())
    )


def sealed_of(subject: str, acts: Sequence[str]) -> list[dict[str, Any]] | None:
    """The seals over what was done to a subject, oldest first, each with what it was computed from: ``number``,
    ``previous``, ``hash`` and ``entry`` (docs/formats.md). None while one of those entries waits for its seal."""
    rows = db.session.execute(
        select(AuditEntry, AuditSeal)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditEntry.subject == subject, AuditEntry.act.in_(acts))
        .order_by(AuditEntry.id)
    ).all()
    if any(seal is None for _entry, seal in rows):
        return None
    return [
        {
            "number": seal.number,
            "previous": seal.previous,
            "hash": seal.hash,
            "entry": as_data(entry.at, entry.act, entry.actor_id, entry.member_id, entry.subject, entry.data),
        }
        for entry, seal in rows
    ]


def entries_of(person_id: uuid.UUID, *, page: int, size: int) -> Sequence[AuditEntry]:
    """What a person did and what was done to their account, newest first. One more than ``size``."""
    return db.session.scalars(_of(person_id).limit(size + 1).offset((page - 1) * size)).all()


def all_entries_of(person_id: uuid.UUID) -> Sequence[AuditEntry]:
    """Everything that a person did and that was done to their account, newest first."""
    return db.session.scalars(_of(person_id)).all()


def _of(person_id: uuid.UUID) -> Select[AuditEntry]:
    theirs = (AuditEntry.actor_id == person_id) | (AuditEntry.subject == f"person:{person_id}")
    return select(AuditEntry).where(theirs).order_by(AuditEntry.id.desc())
