"""The jobs: each binds a name to a use case and opens its transaction."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from vng_alv import db, live
from vng_alv.accounts import tidying
from vng_alv.audit import service as audit
from vng_alv.audit.queries import newest_entry
from vng_alv.convening import queries as papers
from vng_alv.convening import service as convening
from vng_alv.exports import meeting_archive
from vng_alv.identity import passwords
from vng_alv.jobs import Job
from vng_alv.meetings import archives
from vng_alv.meetings.announcements import announcing_meetings
from vng_alv.notifications import service as notifications
from vng_alv.notifications.mail import Post
from vng_alv.secretariat import people_import
from vng_alv.signing import service as signing
from vng_alv.voting import clock_queries as clock
from vng_alv.voting import queries as voting
from vng_alv.voting import service as rounds
from vng_alv.voting import timing
from vng_alv.voting.notices import composer
from vng_alv.voting.tally import tally as count_round
from worker.celery import app, settings

log = structlog.get_logger()

#: How long the sweep still tells what was pronounced, or said to all screens, in case that the job was lost.
TELL_FOR = timedelta(minutes=15)
#: One mailing and one archive at a time in a worker, so that long ones leave its other threads to the counts.
_mailing, _archiving = threading.Lock(), threading.Lock()


class Telling:
    """When screens are told how meetings stand: as the log has something new, and at times all the same, for what was
    committed after an entry with a higher number, and for a broker that forgot."""

    AGAIN = 3.0

    def __init__(self) -> None:
        self._newest, self._told = -1, 0.0

    def is_due(self, newest: int) -> bool:
        """Whether to tell now, of a log that ends with this entry."""
        due = newest != self._newest or time.monotonic() - self._told >= self.AGAIN
        if due:
            self._newest, self._told = newest, time.monotonic()
        return due


_telling = Telling()


@app.task(name=Job.SWEEP.value)
def sweep() -> None:
    """Open and close what the clock does, count what was not counted, send what is due, tell what changed."""
    live.sign_of_life()
    with db.transaction(write=False):
        now = db.now()
        to_open, to_remind = clock.meetings_to_open(now), {one.meeting_id for one in clock.to_remind(now)}
        overdue, uncounted = clock.overdue(now), clock.uncounted()
        meetings = {m.id for m in voting.moving_meetings(now - TELL_FOR)} | {*announcing_meetings(now - TELL_FOR)}
        imports, newest, waiting = people_import.unfinished(), newest_entry(), archives.waiting()
    _each(_open_by_clock, to_open)
    _each(_close_by_clock, overdue)
    _each(tally, overdue + uncounted)
    with db.transaction(write=False):  # also what was counted just now
        to_publish = clock.meetings_to_publish()
    _each(_publish_by_itself, to_publish)
    _each(_remind, to_remind)
    if _telling.is_due(newest):
        _each(publish_standing, meetings)
    if not _mailing.locked():
        send_notices()
    _each(invite_people, imports)
    _each(make_archive, waiting)


def _each(job: Callable[[str], None], keys: Iterable[uuid.UUID]) -> None:
    """Do a job for each of them; one that fails does not keep the others waiting."""
    for key in keys:
        try:
            job(str(key))
        except Exception as error:
            log.exception("sweep_failed", key=str(key), exc_info=error)


def _open_by_clock(meeting_id: str) -> None:
    with db.transaction():
        rounds.open_by_clock(uuid.UUID(meeting_id))


def _publish_by_itself(meeting_id: str) -> None:
    with db.transaction():
        timing.publish_by_itself(uuid.UUID(meeting_id))


def _remind(meeting_id: str) -> None:
    with db.transaction():
        timing.remind(uuid.UUID(meeting_id))


def _close_by_clock(round_id: str) -> None:
    with db.transaction():
        rounds.close_by_clock(uuid.UUID(round_id))


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
        _answer_password_requests()
        sent = notifications.BATCH
        while sent == notifications.BATCH:
            with Post(settings.smtp_url) as deliver:
                sent = notifications.send_due(compose, deliver)
    finally:
        _mailing.release()


def _answer_password_requests() -> None:
    with db.transaction(write=False):
        waiting = passwords.waiting()
    if waiting:
        with db.transaction():
            passwords.answer(settings.secret_key)


@app.task(name=Job.INVITE_PEOPLE.value)
def invite_people(import_id: str) -> None:
    """Invite the people of a file, a few in each transaction; another worker that is at it is left alone."""
    more = True
    while more:
        with db.transaction():
            more = people_import.invite_some(uuid.UUID(import_id), settings.secret_key)


@app.task(name=Job.MAKE_ARCHIVE.value)
def make_archive(meeting_id: str) -> None:
    """Make the archive of a meeting; another worker that is at it is left alone."""
    if _archiving.acquire(blocking=False):
        try:
            where = signing.place(settings.signing_key, settings.data)
            meeting_archive.make(settings.data, uuid.UUID(meeting_id), where)
        finally:
            _archiving.release()


@app.task(name=Job.SEAL_AUDIT.value)
def seal_audit() -> None:
    """Chain the new entries of the log."""
    with db.transaction():
        audit.seal()


@app.task(name=Job.ANNOUNCE.value)
def announce() -> None:
    """Tell members which papers came after the convocation."""
    with db.transaction(write=False):
        meetings = papers.meetings_to_announce(db.now())
    _each(_announce, meetings)


def _announce(meeting_id: str) -> None:
    with db.transaction():
        convening.announce(uuid.UUID(meeting_id))


@app.task(name=Job.TIDY.value)
def tidy() -> None:
    """Forget what is over."""
    with db.transaction():
        tidying.forget()


@app.task(name=Job.PUBLISH_STANDING.value)
def publish_standing(meeting_id: str) -> None:
    """Tell every screen that follows a meeting what it may know now."""
    with db.transaction(write=False):
        meeting = voting.find_meeting(uuid.UUID(meeting_id))
        standing = voting.standing(meeting) if meeting else None
    if meeting and standing:
        live.publish(meeting.code, standing)
