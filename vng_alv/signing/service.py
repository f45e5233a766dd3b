"""Signing with the association's key, checking a signature, and another key (docs/rules.md §9, docs/operating.md).

Of a key the database holds the public half, append-only. The private half is the setting ``SIGNING_KEY``, or a file of
the data folder that only its owner reads. Without the private half of the newest key nothing is signed: a key that is
quietly made anew would be one that nobody outside knows.
"""

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import text

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused, Unavailable
from vng_alv.signing.models import SigningKey
from vng_alv.signing.queries import PublicKey, find_current, public_keys

log = structlog.get_logger()

#: The number of a lock that only making a key takes.
MAKING = 7_201_343


@dataclass(frozen=True)
class Place:
    """Where the private key is: the ``given`` setting, in base64url, or a file in a ``folder``."""

    given: str
    folder: Path

    def __repr__(self) -> str:
        return f"Place({self.folder})"

    def file(self, key_id: str) -> Path:
        """The file of a key."""
        return self.folder / f"{key_id}.key"


@dataclass(frozen=True)
class Signature:
    """A signature, in base64url without padding, and the key that it was made with."""

    key: str
    signature: str


def place(given: str, data: Path) -> Place:
    """Where the private key of a site with this data folder is."""
    return Place(given, data / "signing-keys")


def prepare(where: Place, actor: Actor | None) -> SigningKey:
    """The key that signs; made, if there never was one. Of those who come at once, one makes it."""
    _alone()
    return find_current() or _make(where, None, actor)


def rotate(where: Place, actor: Actor | None) -> SigningKey:
    """Let another key sign from now on; what the one before signed stays right. Raises ``Refused(SAME_SIGNING_KEY)``.

    Its file goes once this is committed. A key that is a setting is changed first, and made known here.
    """
    _alone()
    before = find_current()
    made = _make(where, before, actor)
    if before:
        db.after_commit(lambda: where.file(before.id).unlink(missing_ok=True), ("signing_key", before.id))
    return made


def sign(message: bytes, where: Place) -> Signature:
    """Sign with the newest key; the same message has the same signature. Raises ``Unavailable(NO_SIGNING_KEY)``."""
    current = find_current()
    private = _private(where, current) if current else None
    if current is None or private is None:
        log.error("signing_key_missing", key=current.id if current else None)
        raise Unavailable(Refusal.NO_SIGNING_KEY)
    return Signature(current.id, _written(private.sign(message)))


def find_key(key_id: str) -> PublicKey | None:
    """A key that signs or has signed."""
    return next((key for key in public_keys() if key.id == key_id), None)


def is_right(message: bytes, signature: str, key: PublicKey) -> bool:
    """Whether this key signed this message. There is one spelling of a signature; another one is wrong."""
    raw = _read(signature)
    if _written(raw) != signature:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(_read(key.public_key)).verify(raw, message)
    except InvalidSignature:
        return False
    return True


def _make(where: Place, before: SigningKey | None, actor: Actor | None) -> SigningKey:
    raw = _read(where.given) if where.given else secrets.token_bytes(32)
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    key_id = hashlib.sha256(public).hexdigest()[:16]
    if any(key.id == key_id for key in public_keys()):
        raise Refused(Refusal.SAME_SIGNING_KEY)
    if not where.given:
        _keep(where.file(key_id), raw)
    made = SigningKey(number=before.number + 1 if before else 1, id=key_id, public_key=_written(public), since=db.now())
    db.session.add(made)
    db.session.flush()
    record("signing_key.make", actor, f"signing_key:{key_id}", replaces=before.id if before else None)
    return made


def _keep(file: Path, raw: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(_written(raw))
        out.flush()
        os.fsync(out.fileno())


def _private(where: Place, current: SigningKey) -> Ed25519PrivateKey | None:
    """The private half of a key, if it is where it belongs."""
    try:
        raw = _read(where.given or where.file(current.id).read_text().strip())
        private = Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, ValueError):
        return None
    return private if _written(private.public_key().public_bytes_raw()) == current.public_key else None


def _alone() -> None:
    if not db.is_sqlite():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING})


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
