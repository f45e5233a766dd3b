"""Deciding by acclamation: who is noted to be against, what follows, and what the database holds to (§4.12)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.acting import together
from tests.database.test_guards import refused
from tests.database.test_motions import S, again, new_hall
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.majority import Verdict
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, Way
from vng_alv.errors import Refused
from vng_alv.meetings.models import MeetingKind
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import acclamation, disputing, queries, service, timing
from vng_alv.voting.brought import rounds_about
from vng_alv.voting.models import Ballot, Result, Round
from vng_alv.voting.noted import NotedAgainst, noted_in
from vng_alv.voting.summary import summary, verdict_of
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


def new_world(*, advisory: int = 0, is_open: bool = True) -> factories.World:
    """A meeting of today, whose first question is put to the hall."""
    with db.transaction():
        made = factories.world(is_open=False, advisory=advisory)
        made.meeting.starts_at = db.now()
        acclamation.choose(made.rounds[0], Way.ACCLAMATION, made.chair)
        if is_open:
            service.open_rounds(made.ids[:1], made.chair)
    return made


@pytest.fixture
def world(database: str) -> factories.World:
    """The same."""
    return new_world()


def get(key: uuid.UUID) -> Round:
    """A round as it is in the database now."""
    return db.session.get_one(Round, key, populate_existing=True)


def note(world: factories.World, who: int, actor: Actor | None, *, against: bool = True) -> None:
    """Note a member in the first round."""
    with db.transaction():
        acclamation.note(get(world.ids[0]), world.members[who].id, actor, against=against)


def names(world: factories.World) -> list[str]:
    """Who is against."""
    with db.transaction(write=False):
        return [one.name for one in noted_in(world.ids).get(world.ids[0], [])]


def test_it_is_adopted_without_a_number_and_with_the_names_of_who_is_against(world: factories.World) -> None:
    note(world, 1, world.chair)
    note(world, 0, world.delegates[0])
    with db.transaction():
        acclamation.pronounce(world.ids[:1], world.chair)
    with db.transaction(write=False):
        found, result = get(world.ids[0]), db.session.get_one(Result, world.ids[0])
        assert (found.state, result.verdict, result.base) == (RoundState.PUBLISHED, Verdict.ADOPTED, 0)
        assert (result.electorate_members, result.electorate_weight) == (3, 116)
        shown = summary(found, "nl")
        said = "Aangenomen bij acclamatie, 2 leden lieten tegen aantekenen: Gemeente 1, Gemeente 2."
        assert shown.sentence == said == verdict_of(found, result, "nl")
        assert summary(found, "en").sentence == (
            "Adopted by acclamation, 2 members had a vote against noted: Gemeente 1, Gemeente 2."
        )
        assert shown.acclaimed
        counted = (shown.arithmetic, shown.calculation, shown.base, shown.bars, shown.options, shown.advisory)
        assert not any(counted)
        assert shown.not_cast is None
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "round.publish"))
        assert entry.data == {"way": "acclamation", "noted": ["GM0001", "GM0002"], "verdict": "adopted"}


def test_nobody_against_is_said_in_one_sentence(world: factories.World) -> None:
    with db.transaction():
        acclamation.pronounce(world.ids[:1], world.chair)
        assert summary(get(world.ids[0]), "nl").sentence == "Aangenomen bij acclamatie."


def test_a_note_is_taken_back_and_given_again_while_it_is_open(world: factories.World) -> None:
    for against in (True, True, False, True, False):
        note(world, 1, world.chair, against=against)
        assert names(world) == (["Gemeente 2"] if against else [])
    with db.transaction():
        # The same again is no new line.
        assert [n.against for n in db.session.scalars(select(NotedAgainst).order_by(NotedAgainst.version))] == [
            True, False, True, False,
        ]  # fmt: skip
        logged = select(AuditEntry).where(AuditEntry.subject == f"round:{world.ids[0]}").order_by(AuditEntry.id)
        acts = [(entry.act, entry.member_id) for entry in db.session.scalars(logged) if "note" in entry.act]
        assert acts == [(act, world.members[1].id) for act in ("round.note", "round.unnote") * 2]
        (way,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "round.way"))
        assert way.data == {"way": "acclamation"}
        acclamation.pronounce(world.ids[:1], world.chair)
    for against in (True, False):
        with pytest.raises(Refused) as found:
            note(world, 1, world.chair, against=against)
        assert found.value.refusal is Refusal.ROUND_STATE


def test_who_is_against_stands_in_no_summary_before_it_is_pronounced(world: factories.World) -> None:
    note(world, 1, world.chair)
    with db.transaction(write=False):
        shown = summary(get(world.ids[0]), "nl")
        assert (shown.noted, shown.sentence, shown.verdict) == ([], None, None)


def test_who_notes_for_whom() -> None:
    world = new_world(advisory=1)
    with db.transaction():
        late = factories.member(9)
        secretary = factories.actor("nog iemand")
    for who, actor, refusal in (
        (1, world.delegates[0], Refusal.NOT_HOLDER),
        (0, secretary, Refusal.NOT_HOLDER),
        (2, world.chair, Refusal.NOTE_ADVISORY),
        (2, world.delegates[2], Refusal.NOTE_ADVISORY),
    ):
        with pytest.raises(Refused) as found:
            note(world, who, actor)
        assert found.value.refusal is refusal
    with pytest.raises(Refused) as found, db.transaction():
        acclamation.note(get(world.ids[0]), late.id, world.chair)
    assert found.value.refusal is Refusal.NOT_ON_ROLL
    with pytest.raises(Refused), db.transaction():
        acclamation.note(get(world.ids[1]), world.members[0].id, world.chair)
    assert names(world) == []


def test_noting_at_once_leaves_one_note(world: factories.World) -> None:
    def noted(actor: Actor) -> str:
        note(world, 0, actor)
        return "noted"

    assert together([lambda: noted(world.chair), lambda: noted(world.delegates[0])]) == ["noted", "noted"]
    with db.transaction(write=False):
        assert len(db.session.scalars(select(NotedAgainst)).all()) == 1


def test_an_objection_makes_an_ordinary_vote_of_it(world: factories.World) -> None:
    note(world, 1, world.chair)
    with db.transaction():
        new = acclamation.object_to(get(world.ids[0]), world.chair)
        void = get(world.ids[0])
        assert (void.state, void.annulled_reason) == (RoundState.ANNULLED, acclamation.OBJECTION)
        assert (new.state, new.way, new.section_id, new.title) == (
            RoundState.DRAFT, Way.BALLOTS, void.section_id, void.title,
        )  # fmt: skip
        same = acclamation.COLUMNS - acclamation.OF_ONE_ROUND
        assert {name: getattr(new, name) for name in same} == {name: getattr(void, name) for name in same}
        # The numbers follow the order of voting: a section comes before the whole.
        assert [r.section_id is None for r in queries.rounds_of(world.meeting.id) if r.state == "draft"] == [
            False, False, True,
        ]  # fmt: skip
        service.open_rounds([new.id], world.chair)
        assert disputing.again(get(new.id)) == (void.number, None)
        assert disputing.again(get(void.id)) == (None, new.number)
        with pytest.raises(Refused):
            acclamation.object_to(get(world.ids[0]), world.chair)


def test_whoever_adds_a_column_to_rounds_says_whether_a_round_that_asks_again_has_it() -> None:
    asked = {
        "meeting_id", "kind", "title", "rehearsal", "proposal_id", "version_id", "section_id", "amendment_id",
        "advice_id", "options", "choices", "picks", "divides", "secret", "run_off_of", "rule",
    }  # fmt: skip
    assert asked == acclamation.COLUMNS - acclamation.OF_ONE_ROUND


def test_who_is_a_member_runs_nothing(world: factories.World) -> None:
    one = world.delegates[0]
    for act in (
        lambda: acclamation.pronounce(world.ids[:1], one),
        lambda: acclamation.object_to(get(world.ids[0]), one),
        lambda: acclamation.choose(get(world.ids[1]), Way.ACCLAMATION, one),
    ):
        with pytest.raises(Refused) as found, db.transaction():
            act()
        assert found.value.refusal is Refusal.NOT_ALLOWED


def test_it_takes_no_clock_no_closing_and_no_count(world: factories.World) -> None:
    later = timedelta(hours=1)
    with db.transaction():
        acclamation.choose(get(world.ids[1]), Way.ACCLAMATION, world.chair)
    for act, refusal in (
        (lambda: service.close(world.ids[:1], world.chair), Refusal.ACCLAMATION_PRONOUNCED),
        (lambda: timing.extend(world.ids[:1], db.now() + later, world.chair), Refusal.ACCLAMATION_CLOCK),
        (lambda: timing.schedule(world.ids[1:2], db.now() + later, None, world.chair), Refusal.ACCLAMATION_CLOCK),
        (lambda: acclamation.choose(get(world.ids[0]), Way.BALLOTS, world.chair), Refusal.ROUND_STATE),
        (lambda: acclamation.pronounce(world.ids[1:2], world.chair), Refusal.ROUND_STATE),
        (lambda: acclamation.pronounce(world.ids[2:], world.chair), Refusal.ROUND_STATE),
    ):
        with pytest.raises(Refused) as found, db.transaction():
            act()
        assert found.value.refusal is refusal
    with db.transaction():
        assert tally(world.ids[0]) is None
        # Opened with others that get an end, it has none.
        service.open_rounds(world.ids[1:], world.chair, closes_at=db.now() + later)
        assert [get(key).closes_at is None for key in world.ids] == [True, True, False]
        assert queries.acclaimed_now(world.meeting.id) == [get(key) for key in world.ids[:2]]
        assert [r.id for r in queries.open_rounds(world.meeting.id)] == world.ids[2:]
        told = queries.standing(world.meeting)["rounds"]
        assert told[0] == {"number": 1, "state": "open", "closes_at": None, "way": "acclamation"}
        # Only what is voted on is told by mail that one can vote.
        (mail, *_) = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.VOTE_OPENED))
        assert mail.context["questions"] == [get(world.ids[2]).title]


def test_what_asks_for_more_than_the_ordinary_rule_is_counted(database: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        chair, one = world.chair, world.rounds[0]
        world.meeting.starts_at = db.now()
        statutes = factories.proposal(world.meeting, "# Statuten\n\nAnders.\n", "S1", ProposalKind.STATUTES)
        get_association().statute_rule = get_association().rule  # even then
        (change,) = service.prepare(statutes, None)
        with pytest.raises(Refused) as found:
            acclamation.choose(change, Way.ACCLAMATION, chair)
        assert found.value.refusal is Refusal.ACCLAMATION_RULE
        service.change_rule(one, "two_thirds", chair)
        with pytest.raises(Refused) as found:
            acclamation.choose(one, Way.ACCLAMATION, chair)
        assert found.value.refusal is Refusal.ACCLAMATION_RULE
        service.change_rule(one, get_association().rule, chair)
        acclamation.choose(one, Way.ACCLAMATION, chair)
        with pytest.raises(Refused) as found:
            service.change_rule(one, "two_thirds", chair)
        assert found.value.refusal is Refusal.ACCLAMATION_RULE
        # What was ordinary then is not so any more.
        get_association().rule = "two_thirds"
        with pytest.raises(Refused) as found:
            service.open_rounds([one.id], chair)
        assert found.value.refusal is Refusal.ACCLAMATION_RULE


def test_where_nobody_gathers_there_is_no_acclamation(database: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        with pytest.raises(Refused) as found:  # nobody gathers on the days before a meeting either
            acclamation.choose(world.rounds[0], Way.ACCLAMATION, world.chair)
            service.open_rounds(world.ids[:1], world.chair)
        assert found.value.refusal is Refusal.TOO_EARLY
        now = db.now()
        written = factories.meetings.create(
            "schriftelijk", "Schriftelijk", MeetingKind.LEDENRAADPLEGING, now, "", None, ends_at=now + timedelta(days=9)
        )
        (one,) = service.prepare(
            factories.proposal(written, "# Een voorstel\n\nJa.\n", "V1", ProposalKind.PROPOSAL), None
        )
        with pytest.raises(Refused) as found:
            acclamation.choose(one, Way.ACCLAMATION, world.chair)
        assert found.value.refusal is Refusal.ACCLAMATION_WRITTEN
    refused(f"UPDATE round SET way = 'acclamation' WHERE title = '{one.title}'", "acclamation_gathers")


@pytest.mark.parametrize("annulled", [False, True])
def test_a_motion_is_adopted_with_it_and_waits_again_when_it_is_void(database: str, annulled: bool) -> None:
    hall = new_hall()
    with db.transaction():
        motion = hall.submitted()
        motion.submission.meeting.starts_at = db.now()
        (made,) = service.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]
        acclamation.choose(made, Way.ACCLAMATION, hall.chair)
        service.prepare_again(motion.proposal)  # type: ignore[arg-type]
        (made,) = rounds_about(motion.proposal_id)  # type: ignore[arg-type]
        assert made.way is Way.ACCLAMATION
        service.open_rounds([made.id], hall.chair)
        acclamation.pronounce([made.id], hall.chair)
        assert again(motion).submission.state is S.ADOPTED
        if annulled:
            service.annul(get(made.id), "Fout", hall.chair)
            assert again(motion).submission.state is S.SUBMITTED


# --- The database, with the service bypassed


def test_the_database_takes_no_ballot_and_keeps_what_was_noted(world: factories.World) -> None:
    note(world, 0, world.chair)
    key, member, now = world.ids[0], world.members[0].id, datetime.now(UTC)
    refused(
        Ballot(
            round_id=key, member_id=member, version=1, choice="for", weight=75, advisory=False,
            person_id=world.delegates[0].id, cast_at=now, receipt="2222-2222-2222-2222", key=uuid.uuid4(),
        ),
        "ballot_only_while_open",
    )  # fmt: skip
    refused("UPDATE round SET way = 'ballots' WHERE number = 1", "round_frozen")
    refused("UPDATE round SET closes_at = opened_at WHERE number = 1", "acclamation_has_no_clock|closes_later")
    refused("UPDATE noted_against SET against = NOT against", "noted_against_append_only")
    refused("DELETE FROM noted_against", "noted_against_append_only")
    again_ = NotedAgainst(round_id=key, member_id=member, version=1, against=True, person_id=None, at=now)
    refused(again_, "unique|noted_against_only")
    by_ballots = NotedAgainst(round_id=world.ids[1], member_id=member, version=1, against=True, person_id=None, at=now)
    refused(by_ballots, "noted_against_only_while_open|foreign")
    with db.transaction():
        acclamation.pronounce([key], world.chair)
    too_late = NotedAgainst(round_id=key, member_id=member, version=2, against=False, person_id=None, at=now)
    refused(too_late, "noted_against_only_while_open")


def test_the_database_notes_no_advisory_member() -> None:
    world = new_world(advisory=1)
    with db.transaction(write=False):
        member, now = db.session.scalars(select(Member.id).where(Member.advisory)).one(), db.now()
    refused(
        NotedAgainst(round_id=world.ids[0], member_id=member, version=1, against=True, person_id=None, at=now),
        "noted_against_only_while_open",
    )
