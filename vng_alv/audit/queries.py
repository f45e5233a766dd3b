"""Reading the log."""

from collections.abc import Sequence

from sqlalchemy import select

from vng_alv import db
from vng_alv.audit.models import AuditEntry, AuditSeal


def entries(*, page: int, size: int) -> Sequence[tuple[AuditEntry, int | None, str | None]]:
    """Entries with the number and hash of their seal, newest first; ``page`` counts from 1. One more than ``size``."""
    return [
        (row[0], row[1], row[2])
        for row in db.session.execute(
            select(AuditEntry, AuditSeal.number, AuditSeal.hash)
            .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
            .order_by(AuditEntry.id.desc())
            .limit(size + 1)
            .offset((page - 1) * size)
        )
    ]
