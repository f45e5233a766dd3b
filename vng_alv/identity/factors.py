"""Second steps: a code app, passkeys, and codes on paper. Every change is in the log and goes to the person by mail."""

import base64
import hmac
import os
import uuid

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, update

from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Passkey, Person
from vng_alv.accounts.queries import has_factor, passkeys_of
from vng_alv.audit.service import record
from vng_alv.domain.mandates import MANDATE_OFFICES
from vng_alv.domain.permissions import Actor, SignedIn
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.identity import passkeys, recovery_codes
from vng_alv.identity.passkeys import Party
from vng_alv.identity.recovery_codes import NewCodes
from vng_alv.members.queries import offices_of
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify

#: A code of the app lasts this long, in seconds; the one before and the one after are taken too.
STEP = 30


def needed(person: Person) -> bool:
    """Whether a person needs a second step: whoever has a role, or an office that may hold a mandate."""
    return bool(person.roles) or any(office.kind in MANDATE_OFFICES for office in offices_of(person.id))


def changed(person_id: uuid.UUID, act: str, what: str, actor: Actor | None, **data: str) -> None:
    """Keep in the log that a second step changed, and tell the person."""
    record(act, actor, f"person:{person_id}", member_id=None, what=what, **data)
    notify(NoticeKind.SIGN_IN_CHANGED, [person_id], what=what, at=db.now().isoformat())


def refused(person_id: uuid.UUID | None) -> None:
    """Keep in the log that somebody tried to show a second step; of whom, where that is known."""
    record("factor.refuse", None, f"person:{person_id or ''}")


def kinds(person: Person) -> dict[str, bool]:
    """What this person can show, for the page that asks for it."""
    return {"has_app": person.totp_secret is not None, "has_passkeys": bool(passkeys_of(person.id))}


def shown(person: Person, code: str, answer: str, party: Party, *, code_hash: str = "") -> bool:
    """Whether this person showed a second step: the answer of a passkey, or else a code of the app or of paper.

    A code on paper is known by its ``code_hash``, which ``recovery_codes.hash_typed`` makes beforehand.
    """
    if not answer:
        return _take_app_code(person, code, party.secret) or _take_recovery_code(person, code_hash)
    try:
        return passkeys.show(answer, party).id == person.id
    except Refused:
        return False


# --- The app


def _box(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"totp").derive(secret.encode()))


def _locked_up(person: Person, shared: str, secret: str) -> str:
    """The secret of a person's app as it is kept: readable with the secret key only, and for this person only."""
    nonce = os.urandom(12)
    return base64.urlsafe_b64encode(nonce + _box(secret).encrypt(nonce, shared.encode(), person.id.bytes)).decode()


def _unlocked(person: Person, secret: str) -> str | None:
    """The secret of a person's app; None without one, or when it was kept with another key or for somebody else."""
    data = base64.urlsafe_b64decode(person.totp_secret or "")
    try:
        return _box(secret).decrypt(data[:12], data[12:], person.id.bytes).decode() if data else None
    except InvalidTag:
        return None


def proposed_secret(person: Person, here: SignedIn, secret: str) -> str:
    """The secret of an app that this person may add in this session: the same at each look, another after each use."""
    what = f"totp:{person.id}:{here.session_id}:{person.totp_step}"
    return base64.b32encode(hmac.digest(secret.encode(), what.encode(), "sha256")[:20]).decode()


def _step_of(shared: str, typed: str) -> int | None:
    """The step of 30 seconds, around now, that this code belongs to."""
    digits = "".join(typed.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    current = int(db.now().timestamp()) // STEP
    app = pyotp.TOTP(shared)
    steps = (current - 1, current, current + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)), None)


def _take_app_code(person: Person, typed: str, secret: str) -> bool:
    shared = _unlocked(person, secret)
    step = _step_of(shared, typed) if shared else None
    if step is None:
        return False
    taken = update(Person).where(Person.id == person.id, Person.totp_step < step).values(totp_step=step)
    return bool(db.session.scalars(taken.returning(Person.id)).all())


def add_app(person_id: uuid.UUID, typed: str, here: SignedIn, secret: str, *, codes: NewCodes | None = None) -> None:
    """Add the app that shows this code; it takes the place of an earlier one. Raises ``Refused(CODE_REFUSED)``.

    With a first second step come recovery ``codes``; here and in :func:`add_passkey` they are made if not given.
    """
    person = _locked(person_id)
    shared = proposed_secret(person, here, secret)
    step = _step_of(shared, typed)
    if step is None or step <= (person.totp_step or 0):
        raise Refused(Refusal.CODE_REFUSED)
    first = not has_factor(person)
    person.totp_secret, person.totp_step = _locked_up(person, shared, secret), step
    changed(person.id, "factor.add", "totp_added", here.actor)
    if first:
        recovery_codes.keep(person.id, codes or recovery_codes.make(person.id, secret))
    sessions.show_factor(here)


def remove_app(person_id: uuid.UUID, here: SignedIn) -> None:
    """Take the app away. Raises ``Refused(LAST_FACTOR)``."""
    person = _locked(person_id)
    if person.totp_secret is None:
        raise Missing("app")
    person.totp_secret = None
    _removed(person, "totp_removed", here)


# --- Passkeys


def add_passkey(
    person_id: uuid.UUID, answer: str, name: str, actor: Actor | None, party: Party, *, codes: NewCodes | None = None
) -> Passkey:
    """Add a passkey. Raises ``Refused(PASSKEY_REFUSED)`` or ``Conflict(PASSKEY_TAKEN)``."""
    person = _locked(person_id)
    first = not has_factor(person)
    passkey = passkeys.make(person, answer, name, party)
    changed(person.id, "factor.add", "passkey_added", actor, passkey=str(passkey.id))
    if first:
        recovery_codes.keep(person.id, codes or recovery_codes.make(person.id, party.secret))
    return passkey


def remove_passkey(person_id: uuid.UUID, passkey_id: uuid.UUID, here: SignedIn) -> None:
    """Take a passkey away. Raises ``Refused(LAST_FACTOR)``, or ``Missing`` for what is not the person's."""
    person = _locked(person_id)
    passkey = db.session.get(Passkey, passkey_id)
    if passkey is None or passkey.person_id != person.id:
        raise Missing("passkey")
    db.session.delete(passkey)
    _removed(person, "passkey_removed", here, passkey=str(passkey.id))


# --- What holds for both


def _locked(person_id: uuid.UUID) -> Person:
    """The person, whose second steps nobody else changes meanwhile."""
    return db.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)


def _removed(person: Person, what: str, here: SignedIn, **data: str) -> None:
    db.session.flush()
    if not has_factor(person):
        if needed(person):
            raise Refused(Refusal.LAST_FACTOR)
        recovery_codes.forget(person.id)
    sessions.end_all(person.id, keep=here.session_id)
    changed(person.id, "factor.remove", what, here.actor, **data)


def remove_all(person: Person) -> None:
    """Take every second step and every session of a person away; the one who asks for it tells and keeps why."""
    db.session.execute(delete(Passkey).where(Passkey.person_id == person.id))
    recovery_codes.forget(person.id)
    person.totp_secret = None
    sessions.end_all(person.id)


# --- Codes on paper


def new_codes(person_id: uuid.UUID, codes: NewCodes, actor: Actor) -> None:
    """Ten new recovery codes; earlier ones stop working. Raises ``Refused(NO_FACTOR)``."""
    person = _locked(person_id)
    if not has_factor(person):
        raise Refused(Refusal.NO_FACTOR)
    recovery_codes.keep(person.id, codes)
    changed(person.id, "factor.codes", "recovery_codes_new", actor)


def _take_recovery_code(person: Person, typed_hash: str) -> bool:
    if not has_factor(person) or not recovery_codes.take(person.id, typed_hash):
        return False
    changed(person.id, "factor.use", "recovery_code_used", None)
    return True
