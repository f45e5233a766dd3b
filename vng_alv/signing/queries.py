"""Reading the public keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from vng_alv import db
from vng_alv.signing.models import SigningKey


@dataclass(frozen=True)
class PublicKey:
    """A key with when it signed: ``until`` is when the next one came, None while it signs."""

    id: str
    public_key: str
    since: datetime
    until: datetime | None


def public_keys() -> list[PublicKey]:
    """All keys that ever signed, the first one first."""
    rows: Sequence[SigningKey] = db.session.scalars(select(SigningKey).order_by(SigningKey.number)).all()
    ends = {row.number - 1: row.since for row in rows}
    return [PublicKey(row.id, row.public_key, row.since, ends.get(row.number)) for row in rows]


def as_set() -> dict[str, Any]:
    """The same as a set of JSON Web Keys (RFC 7517, RFC 8037), with when each of them signed."""
    return {
        "keys": [
            {
                "kid": key.id,
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "x": key.public_key,
                "since": key.since.isoformat(),
                "until": key.until.isoformat() if key.until else None,
            }
            for key in public_keys()
        ]
    }


def find_current() -> SigningKey | None:
    """The key that signs now."""
    return db.session.scalars(select(SigningKey).order_by(SigningKey.number.desc()).limit(1)).first()
