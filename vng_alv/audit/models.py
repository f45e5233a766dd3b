"""The log of every act of weight, and the chain that seals it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv.db import Base

#: SQLite counts by itself only in a column of its own integer type.
Counter = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One act, written in the transaction of the act itself. It names people by key. Append-only."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[uuid.UUID | None]
    member_id: Mapped[uuid.UUID | None]
    subject: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]


class AuditSeal(Base):
    """An entry's place in the chain. Append-only; numbered from 1 without gaps."""

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("number >= 1", name="number_from_one"),)

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
