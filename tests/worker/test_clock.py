"""The worker and the clock: what is planned opens once and in time, whatever dies (docs/rules.md §4.4)."""

import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from tests import factories
from tests.worker.conftest import states
from tests.worker.running import Mailserver, Site, until
from tests.worker.test_stream import Follower
from tests.worker.test_tally import assert_counted_once, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Mandate, Meeting, MeetingKind
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import Proposal
from vng_alv.voting import service as rounds
from vng_alv.voting import timing
from vng_alv.voting.models import Round


def planned(world: factories.World, opens_in: float, lasts: float | None = None) -> factories.World:
    """Other rounds of the same meeting, that the clock opens, and closes, after so many seconds."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, world.meeting.id)
        made = rounds.prepare(factories.proposal(meeting, code="R2"), None)
        opens_at = db.now() + timedelta(seconds=opens_in)
        closes_at = opens_at + timedelta(seconds=lasts) if lasts else None
        timing.schedule([r.id for r in made], opens_at, closes_at, world.chair)
    return factories.World(meeting, world.members, world.delegates, made, world.chair)


def acts(world: factories.World, act: str) -> int:
    """How often something is in the log of these rounds."""
    subjects = [f"round:{key}" for key in world.ids]
    with db.transaction(write=False):
        return (
            db.session.scalar(
                select(func.count())
                .select_from(AuditEntry)
                .where(AuditEntry.act == act, AuditEntry.subject.in_(subjects))
            )
            or 0
        )


def test_the_worker_opens_closes_and_counts_what_was_planned(site: Site, world: factories.World) -> None:
    """And every screen hears of it."""
    with db.transaction():
        rounds.close(world.ids, world.chair)
    later = planned(world, 2, 8)
    until(lambda: states(later) == {"open"}, "the rounds are open")
    vote(later, "for", "against")
    until(lambda: states(later) == {"counted"}, "the rounds are counted")
    assert_counted_once(later, 75, 40, 0)
    assert acts(later, "round.open") == 3


def test_a_worker_that_was_away_opens_late_and_once(site: Site, world: factories.World) -> None:
    site.worker.kill()
    later = planned(world, 0.2)
    time.sleep(0.4)
    assert states(later) == {"scheduled"}
    site.start()
    until(lambda: states(later) == {"open"}, "the rounds are open")
    time.sleep(2.5)
    assert acts(later, "round.open") == 3
    with db.transaction(write=False):
        one = db.session.get_one(Round, later.ids[0])
        assert one.opened_at
        assert one.opens_at
        assert one.opened_at > one.opens_at


def test_a_worker_that_is_killed_while_it_opens_leaves_all_or_nothing(site: Site, world: factories.World) -> None:
    """Killed again and again around the moment; in the end each round was opened once, and each holder mailed once."""
    later = planned(world, 0.5)
    for pause in (0.55, 0.7, 0.9):
        time.sleep(pause)
        site.worker.kill()
        assert len(states(later)) == 1  # all of them, or none
        site.worker.start()
    site.start()
    until(lambda: states(later) == {"open"}, "the rounds are open")
    assert acts(later, "round.open") == 3
    with db.transaction(write=False):
        titles = {one.title for one in db.session.scalars(select(Round).where(Round.id.in_(later.ids)))}
        mails = [
            notice
            for notice in db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.VOTE_OPENED))
            if notice.context["meeting"] == later.meeting.code and set(notice.context["questions"]) == titles
        ]
    assert len(mails) == 2 * 3  # those that the meeting began with, and these


def test_what_cannot_open_does_not_come_back_each_second(site: Site, world: factories.World) -> None:
    site.worker.kill()
    later = planned(world, 0.1, 0.2)
    time.sleep(0.5)
    site.start()
    until(lambda: states(later) == {"draft"}, "the rounds are drafts again")
    time.sleep(3)
    assert acts(later, "round.missed") == 3
    assert acts(later, "round.open") == 0


def test_an_extension_is_heard_on_every_screen(site: Site, world: factories.World) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    with closing(Follower(site, world.meeting.code)) as screen:
        screen.sees("open")
        with db.transaction():
            timing.extend(world.ids, later, world.chair)
        told = (json.loads(line[6:]) for line in screen.answer if line.startswith(b"data: "))
        assert any({one["closes_at"] for one in message["rounds"]} == {later.isoformat()} for message in told)


def test_a_written_consultation_reminds_and_pronounces_without_a_hand(
    site: Site, world: factories.World, mailserver: Mailserver
) -> None:
    before = len(mailserver.messages)
    with db.transaction():
        now = db.now()
        at = meetings.create(
            f"raad-{world.meeting.code[-6:]}", "Raadpleging", MeetingKind.LEDENRAADPLEGING, now, "", None,
            ends_at=now + timedelta(days=30), publishes_itself=True,
        )  # fmt: skip
        for mandate in db.session.scalars(select(Mandate).where(Mandate.meeting_id == world.meeting.id)).all():
            meetings.give_mandate(at, mandate.member, mandate.person, None)
        made = rounds.prepare(factories.proposal(at), None)
        rounds.open_rounds([r.id for r in made], None, closes_at=now + timedelta(seconds=12))
    mine = factories.World(at, world.members, world.delegates, made, world.chair)
    vote(mine, "for")
    with db.transaction():
        # As if it had been open for weeks: the guard of what stands once it is open is set aside for this.
        off, on = ("DROP TRIGGER round_frozen", "") if db.is_sqlite() else (
            "ALTER TABLE round DISABLE TRIGGER round_frozen", "ALTER TABLE round ENABLE TRIGGER round_frozen",
        )  # fmt: skip
        connection = db.session.connection()
        trigger = (
            connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'round_frozen'").scalar_one()
            if db.is_sqlite()
            else on
        )
        connection.exec_driver_sql(off)
        ids = [one.id for one in made]
        db.session.execute(update(Round).where(Round.id.in_(ids)).values(opened_at=now - timedelta(days=20)))
        connection.exec_driver_sql(trigger)

    def reminders() -> list[str]:
        return [m["To"] for m in mailserver.messages[before:] if "Nog te stemmen" in str(m["Subject"])]

    until(lambda: len(reminders()) >= 2, "who has not voted was reminded")
    until(lambda: states(mine) == {RoundState.PUBLISHED.value}, "the outcome is pronounced", within=40)
    assert len(reminders()) == 2
    assert not any("gm0001" in to for to in reminders())
    with db.transaction(write=False):
        assert db.session.get(Proposal, made[0].proposal_id)
    assert acts(mine, "round.publish") == 3
