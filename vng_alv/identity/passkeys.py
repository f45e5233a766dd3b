"""Passkeys (WebAuthn): made and shown on the address of this site only, always with the person's own unlocking.

A challenge carries its own proof and end, so that asking for one writes nothing; answering it does, once.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
import webauthn
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from vng_alv import db
from vng_alv.accounts.models import Passkey, PasskeyChallenge, Person
from vng_alv.accounts.queries import get_person, passkeys_of, token_hash
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused

log = structlog.get_logger()

#: How long a question to a passkey may wait for its answer.
ANSWER_WITHIN = timedelta(minutes=5)
#: Longer answers are no answers.
LONGEST = 20_000
#: What the standard allows for the name that a device gives to a passkey, in bytes.
LONGEST_ID = 1_023
_SIGN_IN = b"sign-in"


@dataclass(frozen=True)
class Party:
    """This site, as passkeys know it: ``base_url`` from the settings, never what a request says."""

    base_url: str
    secret: str

    @property
    def id(self) -> str:
        """The host that passkeys belong to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """The address at which they may be used."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


def _proof(body: bytes, purpose: bytes, party: Party) -> bytes:
    return hmac.digest(party.secret.encode(), b"passkey:" + purpose + b":" + body, "sha256")


def _challenge(purpose: bytes, party: Party) -> bytes:
    end = int((db.now() + ANSWER_WITHIN).timestamp())
    body = secrets.token_bytes(24) + end.to_bytes(8)
    return body + _proof(body, purpose, party)


def _take(credential: AuthenticationCredential | RegistrationCredential, purpose: bytes, party: Party) -> bytes:
    """The challenge that was answered, if it is ours, for this purpose, in time, and was never answered before."""
    challenge = parse_client_data_json(credential.response.client_data_json).challenge
    body, proof = challenge[:32], challenge[32:]
    end, now = int.from_bytes(body[24:]), db.now()
    if not hmac.compare_digest(proof, _proof(body, purpose, party)) or now.timestamp() >= end:
        raise Refused(Refusal.PASSKEY_REFUSED)
    insert = sqlite.insert if db.is_sqlite() else postgresql.insert
    new = db.session.scalars(
        insert(PasskeyChallenge)
        .values(challenge_hash=token_hash(challenge.hex()), expires_at=now + ANSWER_WITHIN)
        .on_conflict_do_nothing()
        .returning(PasskeyChallenge.challenge_hash)
    ).all()
    if not new:
        raise Refused(Refusal.PASSKEY_REFUSED)
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
    return challenge


def creation_options(person: Person, party: Party, site_name: str) -> str:
    """What a browser needs to make a passkey for this person, as JSON."""
    existing = [
        PublicKeyCredentialDescriptor(webauthn.base64url_to_bytes(p.credential_id)) for p in passkeys_of(person.id)
    ]
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=site_name,
            user_id=person.id.bytes,
            user_name=person.email,
            user_display_name=person.name,
            challenge=_challenge(person.id.bytes, party),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=existing,
        )
    )


def request_options(party: Party) -> str:
    """What a browser needs to ask for a passkey of this site, whoever it belongs to, as JSON."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=_challenge(_SIGN_IN, party),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def make(person: Person, answer: str, name: str, party: Party) -> Passkey:
    """Keep the passkey that a browser made. Raises ``Refused(PASSKEY_REFUSED)`` or ``Conflict(PASSKEY_TAKEN)``."""
    try:
        credential = parse_registration_credential_json(answer[:LONGEST])
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_take(credential, person.id.bytes, party),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Refused:
        raise
    except Exception as error:  # whatever a forged answer makes the library raise
        log.info("passkey_refused", error=repr(error)[:200])
        raise Refused(Refusal.PASSKEY_REFUSED) from None
    if len(verified.credential_id) > LONGEST_ID:
        raise Refused(Refusal.PASSKEY_REFUSED)
    passkey = Passkey(
        id=uuid.uuid4(),
        credential_id=bytes_to_base64url(verified.credential_id),
        person_id=person.id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name[:100],
        created_at=db.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(passkey)
    except IntegrityError as error:
        if db.violated(error) != "uq_passkey_credential_id":
            raise
        raise Conflict(Refusal.PASSKEY_TAKEN) from None
    return passkey


def owner(answer: str) -> uuid.UUID | None:
    """Whose passkey an answer says it comes from; nothing of it has been checked."""
    try:
        credential = parse_authentication_credential_json(answer[:LONGEST])
    except Exception:  # whatever a forged answer makes the library raise
        return None
    return db.session.scalar(
        select(Passkey.person_id).where(Passkey.credential_id == bytes_to_base64url(credential.raw_id))
    )


def show(answer: str, party: Party) -> Person:
    """The person who showed a passkey, now. Raises ``Refused(PASSKEY_REFUSED)``."""
    try:
        credential = parse_authentication_credential_json(answer[:LONGEST])
        challenge = _take(credential, _SIGN_IN, party)
        passkey = db.session.scalars(
            select(Passkey)
            .where(Passkey.credential_id == bytes_to_base64url(credential.raw_id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if credential.response.user_handle not in {None, b"", passkey.person_id.bytes}:
            raise Refused(Refusal.PASSKEY_REFUSED)
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Refused:
        raise
    except Exception as error:  # whatever a forged answer makes the library raise
        log.info("passkey_refused", error=repr(error)[:200])
        raise Refused(Refusal.PASSKEY_REFUSED) from None
    person = get_person(passkey.person_id)
    if not person.active:
        raise Refused(Refusal.PASSKEY_REFUSED)
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, db.now()
    db.session.flush()
    return person
