"""What is over is forgotten, and what still works is not."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from vng_alv import db
from vng_alv.accounts import tidying
from vng_alv.accounts.models import (
    Entry,
    KnownDevice,
    LoginSession,
    MailLink,
    MailLinkKind,
    PasskeyChallenge,
    Person,
    SignOnRequest,
)

pytestmark = pytest.mark.usefixtures("database")
KEPT = (LoginSession, PasskeyChallenge, SignOnRequest, MailLink, KnownDevice)


def rows(person: Person, mark: str, ago: timedelta) -> list[object]:
    """One row of each kind that was over (or, of a browser, used) so long ago."""
    over = db.now() - ago
    return [
        LoginSession(
            token_hash=mark, person_id=person.id, created_at=over, expires_at=over, ends_at=over,
            idle_hours=0, last_used_at=over, entry=Entry.PASSWORD,
        ),
        PasskeyChallenge(challenge_hash=mark, expires_at=over),
        SignOnRequest(state_hash=mark, provider="x", nonce="x", verifier="x", expires_at=over),
        MailLink(
            id=uuid.uuid4(), kind=MailLinkKind.RESET_PASSWORD, person_id=person.id, token_hash=mark, created_at=over,
            expires_at=over,
        ),
        KnownDevice(token_hash=mark, person_id=person.id, created_at=over, last_used_at=over),
    ]  # fmt: skip


def counts() -> list[int]:
    with db.transaction(write=False):
        return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in KEPT]


def test_what_is_over_is_forgotten_and_what_still_works_is_not() -> None:
    with db.transaction():
        person = factories.person("griffier")
        db.session.add_all(rows(person, "new", timedelta(hours=-1)))
        db.session.add_all(rows(person, "gone", timedelta(hours=1)))
        db.session.add_all(rows(person, "old", timedelta(days=400)))
    with db.transaction():
        assert tidying.forget() == 8  # an expired link still says so for a month, and a browser is known for a year
    assert counts() == [1, 1, 1, 2, 2]
    with db.transaction():
        assert tidying.forget() == 0
