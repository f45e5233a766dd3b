"""The jobs: each binds a name to a use case and opens its transaction."""

import threading
import uuid

import structlog

from vng_alv import db, live
from vng_alv.audit import service as audit
from vng_alv.jobs import Job
from vng_alv.notifications import service as notifications
from vng_alv.notifications.mail import smtp
from vng_alv.voting import queries as voting
from vng_alv.voting import service as rounds
from vng_alv.voting.notices import composer
from vng_alv.voting.tally import tally as count_round
from worker.celery import app, settings

log = structlog.get_logger()

#: One mailing at a time in a worker, so that a long one leaves its other threads to the counts.
_mailing = threading.Lock()


@app.task(name=Job.SWEEP.value)
def sweep() -> None:
    """Close what the clock closed, count what was not counted, send what is due, tell what changed."""
    live.sign_of_life()
    with db.transaction(write=False):
        now = db.now()
        overdue, uncounted, meetings = voting.overdue(now), voting.uncounted(), [m.id for m in voting.open_meetings()]
    for round_id in overdue:
        with db.transaction():
            rounds.close_by_clock(round_id)
    for round_id in overdue + uncounted:
        tally(str(round_id))
    for meeting_id in meetings:
        publish_standing(str(meeting_id))
    if not _mailing.locked():
        send_notices()


@app.task(name=Job.TALLY.value)
def tally(round_id: str) -> None:
    """Count a closed round."""
    with db.transaction():
        count_round(uuid.UUID(round_id))


@app.task(name=Job.SEND_NOTICES.value)
def send_notices() -> None:
    """Send what is due, a batch at a time."""
    if not settings.smtp_url or not _mailing.acquire(blocking=False):
        return
    try:
        with db.transaction(write=False):
            compose = composer(settings.base_url, settings.mail_from, settings.secret_key)
        while notifications.send_due(compose, smtp(settings.smtp_url)) == notifications.BATCH:
            pass
    finally:
        _mailing.release()


@app.task(name=Job.SEAL_AUDIT.value)
def seal_audit() -> None:
    """Chain the new entries of the log."""
    with db.transaction():
        audit.seal()


@app.task(name=Job.PUBLISH_STANDING.value)
def publish_standing(meeting_id: str) -> None:
    """Tell every screen that follows a meeting what it may know now."""
    with db.transaction(write=False):
        meeting = voting.find_meeting(uuid.UUID(meeting_id))
        standing = voting.standing(meeting) if meeting else None
    if meeting and standing:
        live.publish(meeting.code, standing)
