"""Codes to keep on paper, each of which takes the place of a second step once.

A code follows from the secret key, so no table holds it. What is kept is a slow hash (argon2) over a keyed one: who has
the database knows no code, and who has the key as well has to try them slowly. All codes of a set share one salt, so
that what somebody types is hashed once. Hashing is done before the transaction that writes.
"""

import base64
import hmac
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import argon2
from argon2.low_level import Type, hash_secret
from sqlalchemy import delete, func, select, update

from vng_alv import db
from vng_alv.accounts.models import RecoveryCode

#: How many, and three groups of four of 31 signs that are not mistaken for each other: 59 bits.
CODES, GROUPS = 10, 3
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
#: How long the page with new codes can be opened again.
SHOWN_FOR = timedelta(minutes=30)
#: What one hash costs: about a fiftieth of a second. Each hash names its own, so this may change.
cost = argon2.Parameters(
    Type.ID, argon2.low_level.ARGON2_VERSION, salt_len=16, hash_len=32, time_cost=2, memory_cost=19 * 1024,
    parallelism=1,
)  # fmt: skip


@dataclass(frozen=True)
class NewCodes:
    """A set that was hashed and is not kept yet."""

    made_at: datetime
    hashes: tuple[str, ...]


def make(person_id: uuid.UUID, secret: str) -> NewCodes:
    """Ten new codes for a person. Slow on purpose, so before a transaction that writes; :func:`keep` keeps them."""
    made_at, salt = db.now(), os.urandom(cost.salt_len)
    codes = (_code(person_id, made_at, number, secret) for number in range(CODES))
    return NewCodes(made_at, tuple(_slow(_keyed(person_id, code, secret), salt, cost) for code in codes))


def keep(person_id: uuid.UUID, codes: NewCodes) -> None:
    """Let these codes work, and no earlier ones."""
    forget(person_id)
    db.session.add_all(
        RecoveryCode(code_hash=code_hash, person_id=person_id, created_at=codes.made_at) for code_hash in codes.hashes
    )
    db.session.flush()


def forget(person_id: uuid.UUID) -> None:
    """Let no code of a person work any more."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def hash_typed(person_id: uuid.UUID, typed: str, secret: str) -> str:
    """What would be kept of a code of this person, if this is one: for :func:`take`; empty for what cannot be one.

    Slow on purpose, so before a transaction that writes.
    """
    plain = _plain(typed[:100])
    if len(plain) != 4 * GROUPS:
        return ""
    kept = db.session.scalar(select(RecoveryCode.code_hash).where(RecoveryCode.person_id == person_id).limit(1))
    if kept is None:
        return ""
    salt = kept.split("$")[4]
    return _slow(
        _keyed(person_id, plain, secret),
        base64.b64decode(salt + "=" * (-len(salt) % 4)),
        argon2.extract_parameters(kept),
    )


def take(person_id: uuid.UUID, typed_hash: str) -> bool:
    """Whether a person's code of this hash still worked; it no longer does."""
    taken = (
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id, RecoveryCode.code_hash == typed_hash, RecoveryCode.used_at.is_(None)
        )
        .values(used_at=db.now())
        .returning(RecoveryCode.code_hash)
    )
    return bool(typed_hash and db.session.scalars(taken).all())


def left(person_id: uuid.UUID) -> int:
    """How many codes still work."""
    query = select(func.count()).select_from(RecoveryCode)
    return db.session.scalar(query.where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))) or 0


def to_write_down(person_id: uuid.UUID, secret: str) -> list[str]:
    """The codes that were made just now; none half an hour later, or once one of them was used."""
    rows: Sequence[RecoveryCode] = db.session.scalars(
        select(RecoveryCode).where(RecoveryCode.person_id == person_id)
    ).all()
    if not rows or any(row.used_at for row in rows) or db.now() - rows[0].created_at > SHOWN_FOR:
        return []
    return [_code(person_id, rows[0].created_at, number, secret) for number in range(CODES)]


def _code(person_id: uuid.UUID, made_at: datetime, number: int, secret: str) -> str:
    """One code of a set."""
    what = f"recovery:{person_id}:{made_at.isoformat()}:{number}"
    rest = int.from_bytes(hmac.digest(secret.encode(), what.encode(), "sha256"))
    signs = []
    for _ in range(4 * GROUPS):
        rest, sign = divmod(rest, len(SIGNS))
        signs.append(SIGNS[sign])
    return "-".join("".join(signs[4 * group : 4 * group + 4]) for group in range(GROUPS))


def _plain(typed: str) -> str:
    return "".join(sign for sign in typed.lower() if sign in SIGNS)


def _keyed(person_id: uuid.UUID, code: str, secret: str) -> str:
    return hmac.digest(secret.encode(), f"recovery-code:{person_id}:{_plain(code)}".encode(), "sha256").hex()


def _slow(keyed: str, salt: bytes, how: argon2.Parameters) -> str:
    return hash_secret(
        keyed.encode(), salt, how.time_cost, how.memory_cost, how.parallelism, how.hash_len, how.type, how.version
    ).decode()
