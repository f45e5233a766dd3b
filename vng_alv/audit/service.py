"""Writing, sealing and verifying the log (docs/rules.md, audit log)."""

import uuid
from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text

from vng_alv import db
from vng_alv.audit.models import AuditEntry, AuditSeal
from vng_alv.domain import chain
from vng_alv.domain.permissions import Actor

#: The number of a lock that only sealing takes.
SEALING = 7_201_342


def record(act: str, actor: Actor | None, subject: str, *, member_id: uuid.UUID | None = None, **data: Any) -> None:
    """Write that ``actor`` did ``act`` to ``subject``; it stands if the transaction does."""
    db.session.execute(
        insert(AuditEntry).values(
            at=db.now(), act=act, actor_id=actor.id if actor else None, member_id=member_id, subject=subject, data=data
        )
    )


def as_data(
    at: datetime, act: str, actor_id: uuid.UUID | None, member_id: uuid.UUID | None, subject: str, data: dict[str, Any]
) -> dict[str, Any]:
    """An entry in the spelling that is hashed."""
    return {
        "at": at.isoformat(timespec="microseconds"),
        "act": act,
        "actor": str(actor_id) if actor_id else None,
        "member": str(member_id) if member_id else None,
        "subject": subject,
        "data": data,
    }


_COLUMNS = (
    AuditEntry.at,
    AuditEntry.act,
    AuditEntry.actor_id,
    AuditEntry.member_id,
    AuditEntry.subject,
    AuditEntry.data,
)


def seal(limit: int = 2_000) -> int:
    """Chain up to ``limit`` entries that are not sealed yet, oldest first; returns how many. One sealer at a time."""
    if not db.is_sqlite():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEALING})
    last = db.session.execute(
        select(AuditSeal.number, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1)
    ).first()
    number, previous = last or (0, chain.GENESIS)
    open_ = (
        select(AuditEntry.id, *_COLUMNS)
        .where(~select(AuditSeal.number).where(AuditSeal.entry_id == AuditEntry.id).exists())
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    seals = []
    for entry_id, *columns in db.session.execute(open_):
        number += 1
        own = chain.link(previous, number, as_data(*columns))
        seals.append({"number": number, "entry_id": entry_id, "previous": previous, "hash": own})
        previous = own
    if seals:
        db.session.execute(insert(AuditSeal), seals)
    return len(seals)


def seal_all() -> None:
    """Chain everything that was written and committed up to now."""
    while seal():
        pass


def _sealed() -> Generator[tuple[int, str, str, dict[str, Any]], None, None]:
    with db.session.execute(
        select(AuditSeal.number, AuditSeal.previous, AuditSeal.hash, *_COLUMNS)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.number)
        .execution_options(yield_per=1_000)
    ) as rows:
        for number, previous, own, *columns in rows:
            yield number, previous, own, as_data(*columns)


def verify() -> tuple[int | None, int, int]:
    """The number of the first broken seal or None, how many are sealed, and how many still wait for their seal."""
    sealed = db.session.execute(select(func.count()).select_from(AuditSeal)).scalar_one()
    written = db.session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
    with closing(_sealed()) as entries:
        return chain.first_broken(entries), sealed, written - sealed
