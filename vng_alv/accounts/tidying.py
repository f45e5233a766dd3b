"""Forgetting what is over: nothing of it works any more, and what is not needed is not kept."""

from datetime import timedelta

from sqlalchemy import delete

from vng_alv import db
from vng_alv.accounts.models import KnownDevice, LoginSession, MailLink, PasskeyChallenge, SignOnRequest

#: How long an expired link stays, so that whoever uses it hears that it expired.
LINKS = timedelta(days=30)
#: A browser that was not used for so long is a new one.
DEVICES = timedelta(days=365)


def forget() -> int:
    """Delete what has expired; returns how many rows."""
    now = db.now()
    over = (
        delete(LoginSession).where(LoginSession.expires_at <= now),
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now),
        delete(SignOnRequest).where(SignOnRequest.expires_at <= now),
        delete(MailLink).where(MailLink.expires_at <= now - LINKS),
        delete(KnownDevice).where(KnownDevice.last_used_at <= now - DEVICES),
    )
    return sum(db.session.execute(statement).rowcount for statement in over)  # type: ignore[attr-defined]
