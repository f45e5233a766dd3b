"""Who somebody is here, who signed in at a service of their own organisation."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update

from config import Provider
from vng_alv import db
from vng_alv.accounts.models import Identity, Invitation, Person, SignOnRequest
from vng_alv.accounts.queries import find_person_by_email, token_hash
from vng_alv.accounts.service import EMAIL, create_person
from vng_alv.audit.service import record
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor
from vng_alv.errors import Missing
from vng_alv.identity.providers import Claims, new_verifier
from vng_alv.members.queries import get_member, offices_of
from vng_alv.members.service import give_office
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify

#: How long somebody may take at the service.
LASTS = timedelta(minutes=10)


class Why(StrEnum):
    """Why somebody does not come in with what a service says of them."""

    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    NO_MEMBER = "no_member"
    OTHER_MEMBER = "other_member"
    OTHER_PERSON = "other_person"
    #: What came back was used, expired, of another browser, or not proven.
    NOT_PROVEN = "not_proven"


class KeptOut(Exception):
    """Somebody does not come in."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Begun:
    """What goes to the service and to the browser when somebody begins."""

    state: str
    nonce: str
    verifier: str


def begin(provider: Provider, browser: str, *, next_path: str, invitation_hash: str) -> Begun:
    """Keep that the browser with this secret was sent to a service; what was not finished in time is forgotten."""
    now = db.now()
    db.session.execute(delete(SignOnRequest).where(SignOnRequest.expires_at <= now))
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), new_verifier())
    db.session.add(
        SignOnRequest(
            state_hash=_bound(begun.state, browser),
            provider=provider.name,
            nonce=begun.nonce,
            verifier=begun.verifier,
            next_path=next_path[:2000],
            invitation_hash=invitation_hash,
            expires_at=now + LASTS,
        )
    )
    db.session.flush()
    return begun


def _bound(state: str, browser: str) -> str:
    """A state is worth something only together with the browser that began with it."""
    return token_hash(f"{state}.{browser}")


def take(provider: Provider, state: str, browser: str) -> SignOnRequest:
    """What was begun with this state in this browser, once. Raises ``KeptOut``."""
    row = db.session.execute(
        delete(SignOnRequest)
        .where(
            SignOnRequest.state_hash == _bound(state, browser),
            SignOnRequest.provider == provider.name,
            SignOnRequest.expires_at > db.now(),
        )
        .returning(SignOnRequest)
    ).scalar_one_or_none()
    if row is None or not browser:
        raise KeptOut(Why.NOT_PROVEN)
    db.session.expunge(row)
    return row


def recognise(provider: Provider, claims: Claims, invitation_hash: str) -> Person:
    """The person that a service vouches for: linked before, or found by verified mail, or made where that is allowed.

    Raises ``KeptOut``; then nothing was made or linked.
    """
    if provider.member_claim and not claims.members:
        raise KeptOut(Why.NO_MEMBER)
    known = db.session.get(Identity, (provider.name, claims.subject))
    if known:
        person = db.session.get_one(Person, known.person_id)
        if invitation_hash and _invited(invitation_hash) != person.id:
            raise KeptOut(Why.OTHER_PERSON)
    else:
        person = _find(provider, claims, invitation_hash)
    if not person.active:
        raise KeptOut(Why.UNKNOWN)
    if provider.member_claim and not claims.members & {office.member.code for office in offices_of(person.id)}:
        raise KeptOut(Why.OTHER_MEMBER)
    now = db.now()
    if known:
        known.last_used_at = now
    else:
        db.session.add(
            Identity(
                provider=provider.name, subject=claims.subject, person_id=person.id, created_at=now, last_used_at=now
            )
        )
        db.session.flush()
        record("identity.link", None, f"person:{person.id}", provider=provider.name)
        notify(NoticeKind.SIGN_IN_CHANGED, [person.id], what="single_sign_on")
        _accept_invitations(person)
    return person


def _find(provider: Provider, claims: Claims, invitation_hash: str) -> Person:
    if not claims.email or not claims.email_verified:
        raise KeptOut(Why.UNVERIFIED)
    person = find_person_by_email(claims.email)
    if invitation_hash and (person is None or _invited(invitation_hash) != person.id):
        raise KeptOut(Why.OTHER_PERSON)
    if person is None:
        return _make(provider, claims)
    return person


def _make(provider: Provider, claims: Claims) -> Person:
    """An official of the one member that the service names."""
    if not provider.create or len(claims.members) != 1 or not EMAIL.fullmatch(claims.email):
        raise KeptOut(Why.UNKNOWN)
    try:
        member = get_member(next(iter(claims.members)))
    except Missing:
        raise KeptOut(Why.NO_MEMBER) from None
    person = create_person(claims.email, claims.name or claims.email, None)
    give_office(person, member, OfficeKind.OFFICIAL, None)
    return person


def unlink_all(person: Person, actor: Actor | None) -> None:
    """Know a person at no service any more; by a verified address they are found, and linked, again."""
    gone = delete(Identity).where(Identity.person_id == person.id).returning(Identity.provider)
    for provider in sorted(db.session.scalars(gone).all()):
        record("identity.unlink", actor, f"person:{person.id}", provider=provider)


def _invited(invitation_hash: str) -> object:
    """Whose invitation this is, if it can still be accepted."""
    return db.session.scalar(
        select(Invitation.person_id).where(
            Invitation.token_hash == invitation_hash,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > db.now(),
        )
    )


def _accept_invitations(person: Person) -> None:
    """Somebody who came in needs no link to make an account any more."""
    accepted = db.session.scalars(
        update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.accepted_at.is_(None))
        .values(accepted_at=db.now())
        .returning(Invitation.id)
    ).all()
    if accepted:
        record("person.accept", None, f"person:{person.id}")


def kept_out(provider: Provider, why: Why) -> None:
    """Keep that somebody did not come in."""
    record("session.refuse", None, "person:", provider=provider.name, why=why.value)
