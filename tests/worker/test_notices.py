"""Mail over real SMTP: once each, as text and HTML; what is refused is tried again, later and later."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select, update

from tests import factories
from tests.worker.running import Mailserver, Site, until
from vng_alv import db
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.notifications.service import LEASE, PAUSES, notify, resend
from vng_alv.voting.cast import cast


def notices(world: factories.World, kind: NoticeKind) -> Sequence[Notice]:
    """The notices of this meeting, of one kind."""
    with db.transaction(write=False):
        found = db.session.scalars(select(Notice).where(Notice.kind == kind)).all()
    return [n for n in found if n.context.get("meeting") == world.meeting.code]


def all_sent(world: factories.World, kind: NoticeKind) -> Sequence[Notice]:
    """Them, once the worker has sent them all."""

    def sent() -> Sequence[Notice]:
        found = notices(world, kind)
        return found if all(n.state is NoticeState.SENT for n in found) else []

    return until(sent, f"all notices of kind {kind} are sent")


def received(mailserver: Mailserver, notice: Notice) -> list[EmailMessage]:
    """Every message that arrived for this notice."""
    return [m for m in mailserver.messages if m["Message-ID"] == f"<{notice.id}@vereniging.example>"]


def test_each_holder_of_a_mandate_gets_one_mail_as_text_and_html(
    site: Site, mailserver: Mailserver, world: factories.World
) -> None:
    found = all_sent(world, NoticeKind.VOTE_OPENED)
    letters = [letter for notice in found for letter in received(mailserver, notice)]
    assert len(found) == len(letters) == 3
    assert {letter["To"].addresses[0].addr_spec for letter in letters} == {
        f"griffier-gm000{n}@test.example" for n in (1, 2, 3)
    }
    link = f"{site.base}/stemmen/{world.meeting.code}"
    for letter in letters:
        assert letter["From"].addresses[0].addr_spec == "alv@vereniging.example"
        for kind in ("plain", "html"):
            body = letter.get_body((kind,))
            assert body is not None
            assert link in body.get_content()
            assert "A1. Wonen" in body.get_content()


def test_the_mail_of_a_receipt_never_tells_the_choice(
    site: Site, mailserver: Mailserver, world: factories.World
) -> None:
    with db.transaction(write=False):
        choices = dict.fromkeys(world.ids, "abstain")
        done = cast(world.meeting.code, world.members[0].code, choices, uuid.uuid4(), world.delegates[0])
    (notice,) = all_sent(world, NoticeKind.RECEIPT)
    (letter,) = received(mailserver, notice)
    assert done.receipt in letter["Subject"]
    words = letter.as_string().lower()
    for choice in ("voor gestemd", "tegen", "onthouding", "abstain", "against"):
        assert choice not in words


def the_notice(notice_id: uuid.UUID) -> Notice:
    with db.transaction(write=False):
        return db.session.get_one(Notice, notice_id)


def refused(notice_id: uuid.UUID, attempts: int) -> Notice:
    """The notice once it was refused for the ``attempts``-th time."""

    def look() -> Notice | None:
        notice = the_notice(notice_id)
        told = notice.attempts == attempts and "451" in notice.last_error
        # Until the refusal is written down, the worker's lease stands there.
        return notice if told and notice.next_attempt_at - datetime.now(UTC) < timedelta(seconds=LEASE - 10) else None

    return until(look, f"the mail server refused for time {attempts}")


def test_a_refused_mail_waits_longer_each_time_and_is_sent_in_the_end(
    site: Site, mailserver: Mailserver, world: factories.World
) -> None:
    all_sent(world, NoticeKind.VOTE_OPENED)
    mailserver.refusal = "451 4.3.0 Not now"
    with db.transaction():
        notify(NoticeKind.VOTE_OPENED, [world.delegates[0].id], meeting=world.meeting.code, title="T", questions=["V"],
               closes_at=None)  # fmt: skip
    (notice,) = [n for n in notices(world, NoticeKind.VOTE_OPENED) if n.state is not NoticeState.SENT]
    waits = []
    for attempt in (1, 2):
        with db.transaction():  # the hour has come
            db.session.execute(update(Notice).where(Notice.id == notice.id).values(next_attempt_at=datetime.now(UTC)))
        notice = refused(notice.id, attempt)
        assert notice.state is NoticeState.QUEUED
        waits.append(notice.next_attempt_at - datetime.now(UTC))
    for wait, pause in zip(waits, PAUSES, strict=False):
        assert timedelta(seconds=pause - 5) < wait <= timedelta(seconds=pause)
    assert received(mailserver, notice) == []
    mailserver.refusal = ""
    with db.transaction():
        resend(db.session.get_one(Notice, notice.id))
    all_sent(world, NoticeKind.VOTE_OPENED)
    assert len(received(mailserver, notice)) == 1
    assert the_notice(notice.id).last_error == ""


def test_a_mail_server_that_is_away_costs_nothing(site: Site, mailserver: Mailserver, world: factories.World) -> None:
    all_sent(world, NoticeKind.VOTE_OPENED)
    mailserver.stop()
    with db.transaction(write=False):
        cast(world.meeting.code, world.members[1].code, {world.ids[0]: "for"}, uuid.uuid4(), world.delegates[1])
    (notice,) = notices(world, NoticeKind.RECEIPT)
    until(lambda: "refused" in the_notice(notice.id).last_error, "the mail could not be delivered")
    assert the_notice(notice.id).state is NoticeState.QUEUED
    mailserver.start()
    with db.transaction():
        db.session.execute(update(Notice).where(Notice.id == notice.id).values(next_attempt_at=datetime.now(UTC)))
    all_sent(world, NoticeKind.RECEIPT)
    assert len(received(mailserver, notice)) == 1
