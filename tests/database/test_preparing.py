"""Intended votes in the database: kept with the question, with their history, and nobody's words are lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import STEPS, bring, together, waiting
from tests.database.timing_desk import clock
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import Choice
from vng_alv.domain.motions import MotionText
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.preparing import MAX_REASON
from vng_alv.domain.rounds import RoundKind
from vng_alv.domain.sections import Recognition
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member, Office, OfficeKind
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, Version
from vng_alv.voting import preparing_queries as queries
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round
from vng_alv.voting.preparing import Collision, Preparer
from vng_alv.voting.preparing_models import IntendedVote, IntendedVoteRevision
from vng_alv.voting.service import close, prepare_again

pytestmark = pytest.mark.usefixtures("database")

FOR, AGAINST = Choice.FOR, Choice.AGAINST


@dataclass
class Lost(Exception):
    """What somebody who comes second is shown."""

    choice: Choice | None
    reason: str
    revision: int


@dataclass
class Desk:
    """Two people of one municipality, somebody of another one, and a resolution whose rounds are in draft."""

    meeting: Meeting
    member: Member
    clerk: Actor
    official: Actor
    other: Actor
    staff: Actor
    rounds: list[Round]

    @property
    def keys(self) -> list[uuid.UUID]:
        """The keys of the questions, the whole last."""
        return [one.section_id or one.proposal_id for one in self.rounds]

    def save(
        self, choice: Choice | None, reason: str = "", revision: int = 0, *, at: int = 0, by: Actor | None = None,
        seen: uuid.UUID | None = None,
    ) -> IntendedVote:  # fmt: skip
        """Save what the member intends to vote, in a transaction of its own."""
        with db.transaction():
            try:
                preparer = Preparer(self.meeting, self.member, by or self.clerk)
                return preparer.save(self.keys[at], choice, reason, revision, seen=seen)
            except Collision as collision:
                raise Lost(*collision.theirs.says, collision.theirs.revision) from None

    def read(self, reader: Actor | None = None) -> dict[uuid.UUID, tuple[Choice | None, str]]:
        """What was prepared, as somebody reads it."""
        with db.transaction(write=False):
            found = queries.intended_at(self.meeting.id, self.member.id, (reader or self.clerk).id)
            return {key: one.says for key, one in found.items()}

    def asked(self) -> dict[uuid.UUID, queries.Asked]:
        """The questions now."""
        with db.transaction(write=False):
            return queries.asked_at(self.meeting.id)

    def is_stale(self, at: int = 0) -> bool:
        """Whether the text changed since it was written."""
        with db.transaction(write=False):
            one = queries.intended_at(self.meeting.id, self.member.id, self.clerk.id)[self.keys[at]]
            return one.text_hash != queries.asked_at(self.meeting.id)[self.keys[at]].text


@pytest.fixture
def desk(database: str) -> Desk:
    with db.transaction():
        world = factories.world(is_open=False)
        official = factories.clerk(world.members[0], "ambtenaar", OfficeKind.OFFICIAL)
        return Desk(
            world.meeting, world.members[0], world.delegates[0], get_actor(official.id), world.delegates[1],
            factories.actor("secretariaat", Role.SECRETARIAT), world.rounds,
        )  # fmt: skip


def history(key: uuid.UUID) -> list[tuple[int, str, str]]:
    """(revision, choice or '', reason) of all that was kept of one."""
    with db.transaction(write=False):
        rows = db.session.scalars(
            select(IntendedVoteRevision)
            .where(IntendedVoteRevision.intended_vote_id == key)
            .order_by(IntendedVoteRevision.revision)
        )
        return [(one.revision, str(one.choice or ""), one.reason) for one in rows]


def test_colleagues_write_it_together_and_every_change_is_kept(desk: Desk) -> None:
    first = desk.save(FOR, "Goed voor wonen.", by=desk.official)
    desk.save(AGAINST, "Te duur.", 1)
    same = desk.save(AGAINST, "  Te duur.\r\n", 2)
    assert same.revision == 2, "nothing was changed"
    last = desk.save(None, "", 2)
    assert (last.id, last.revision, last.author_id) == (first.id, 3, desk.clerk.id)
    assert history(first.id) == [(1, "for", "Goed voor wonen."), (2, "against", "Te duur."), (3, "", "")]
    with db.transaction(write=False):
        people = db.session.scalars(select(IntendedVoteRevision.person_id).order_by(IntendedVoteRevision.revision))
        assert list(people) == [desk.official.id, desk.clerk.id, desk.clerk.id]


def test_whoever_comes_second_is_shown_the_other_and_saves_knowingly(desk: Desk) -> None:
    desk.save(FOR, "Ja.")
    desk.save(FOR, "Ja, mits.", 1, by=desk.official)
    with pytest.raises(Lost) as lost:
        desk.save(AGAINST, "Nee.", 1)
    assert vars(lost.value) == {"choice": FOR, "reason": "Ja, mits.", "revision": 2}
    assert desk.read()[desk.keys[0]] == (FOR, "Ja, mits.")
    desk.save(FOR, "Ja, mits.", 1)
    one = desk.save(AGAINST, "Nee.", lost.value.revision)
    assert [words for _, _, words in history(one.id)] == ["Ja.", "Ja, mits.", "Nee."]


def test_many_at_the_same_moment_lose_no_word(desk: Desk) -> None:
    """Also of the first row, which two begin together: one stands, the others are told."""
    found = together([lambda n=n: desk.save(FOR, f"Reden {n}") for n in range(6)])  # type: ignore[misc]
    stands = [one for one in found if isinstance(one, IntendedVote)]
    assert len(stands) == 1
    assert [type(one) for one in found if one is not stands[0]] == [Lost] * 5
    assert {one.reason for one in found if isinstance(one, Lost)} == {stands[0].reason}
    assert len(history(stands[0].id)) == 1


@pytest.mark.parametrize("state", STEPS)
def test_it_changes_until_the_round_closes_and_stays_readable(desk: Desk, state: str) -> None:
    desk.save(FOR, "Ja.")
    with db.transaction():
        bring(db.session.merge(desk.rounds[0]), state, desk.staff)
    if state in {"draft", "open"}:
        assert desk.save(AGAINST, "Nee.", 1).revision == 2
        return
    with pytest.raises(Refused, match="preparing_closed"):
        desk.save(AGAINST, "Nee.", 1)
    assert desk.read(desk.official)[desk.keys[0]] == (FOR, "Ja.")


def test_closing_waits_for_who_is_saving_and_later_saves_are_told(desk: Desk) -> None:
    with db.transaction():
        rounds.open_rounds([desk.rounds[0].id], None)

    def shut() -> None:
        with db.transaction():
            close([desk.rounds[0].id], None)

    with ThreadPoolExecutor(1) as pool:
        with db.transaction():
            Preparer(desk.meeting, desk.member, desk.clerk).save(desk.keys[0], FOR, "Net op tijd.", 0)
            closing = waiting(pool, shut)
        closing.result()
    assert desk.read()[desk.keys[0]] == (FOR, "Net op tijd.")
    with pytest.raises(Refused, match="preparing_closed"):
        desk.save(AGAINST, "", 1)


def test_after_the_announced_moment_nothing_is_saved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock(monkeypatch, datetime.now(UTC)) as set_clock:
        closes_at = db.now() + timedelta(hours=1)
        with db.transaction():
            rounds.open_rounds([desk.rounds[0].id], None, closes_at=closes_at)
        set_clock(closes_at)
        with pytest.raises(Refused, match="preparing_closed"):
            desk.save(FOR)


def test_only_people_of_the_member_write_and_read(desk: Desk) -> None:
    desk.save(FOR, "Geheim.")
    for who in (desk.other, desk.staff):
        assert desk.read(who) == {}
        with pytest.raises(Refused, match="not_allowed"):
            desk.save(AGAINST, "", 1, by=who)
        with db.transaction(write=False):
            one = db.session.scalars(select(IntendedVote)).one()
            assert not queries.revisions_of(one, who.id, first=0, number=9)
            ready = queries.progress([desk.meeting.id], desk.member.id, who.id)
            assert ready == {desk.meeting.id: queries.Progress(3, 0)}
    with db.transaction():
        office = select(Office).where(Office.person_id == desk.official.id)
        db.session.delete(db.session.scalars(office).one())
    assert desk.read(desk.official) == {}, "who left sees nothing any more"
    with db.transaction(write=False):
        assert queries.progress([desk.meeting.id], desk.member.id, desk.clerk.id)[desk.meeting.id].ready == 1


def test_the_log_tells_that_it_was_prepared_for_whom_and_where_and_nothing_else(desk: Desk) -> None:
    for turn, (choice, reason) in enumerate([(FOR, "Zwijgplicht"), (AGAINST, ""), (None, "")]):
        desk.save(choice, reason, turn)
    with db.transaction(write=False):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "intended_vote.prepare")).all()
        told = {(one.actor_id, one.member_id, one.subject, str(one.data)) for one in entries}
    assert len(entries) == 3
    assert told == {(desk.clerk.id, desk.member.id, f"round:{desk.rounds[0].id}", "{'number': 1}")}


def test_a_reason_has_an_end_and_a_question_has_to_be_there(desk: Desk) -> None:
    desk.save(None, "a" * MAX_REASON)
    with pytest.raises(Refused, match="reason_too_long"):
        desk.save(None, "a" * (MAX_REASON + 1), 1)
    with pytest.raises(Refused, match="question_gone"), db.transaction():
        Preparer(desk.meeting, desk.member, desk.clerk).save(uuid.uuid4(), FOR, "", 0)


# --- What it hangs on


def change_text(desk: Desk, words: str) -> None:
    """A next version, and rounds in preparation on it, in the place of those that were."""
    with db.transaction():
        proposal = db.session.get_one(Proposal, desk.rounds[0].proposal_id)
        document = proposals.read_text(factories.RESOLUTION.replace("Wij bouwen.", words).encode())
        for one in proposals.import_text(proposal, document, None).sections:
            one.recognition = Recognition.SAME
        proposals.publish(proposal, None)
        prepare_again(proposal)


def test_it_outlives_its_rounds_and_tells_that_the_text_changed(desk: Desk) -> None:
    for at in range(3):
        desk.save(FOR, f"Reden {at}", at=at)
    was = {one.id for one in desk.rounds}
    change_text(desk, "Wij bouwen veel.")
    asked = desk.asked()
    assert list(asked) == desk.keys
    assert not {one.round.id for one in asked.values()} & was, "they are other rounds"
    assert list(desk.read().values()) == [(FOR, f"Reden {at}") for at in range(3)]
    assert [desk.is_stale(at) for at in range(3)] == [True, False, True], "A2 says what it said"
    desk.save(FOR, "Reden 0", 1)
    assert not desk.is_stale(), "said again of the text as it is now"


def test_who_had_the_earlier_text_before_them_writes_on_that_one(desk: Desk) -> None:
    earlier = desk.rounds[0].version_id
    change_text(desk, "Wij bouwen veel.")
    one = desk.save(FOR, "Gelezen", seen=earlier)
    assert one.version_id == earlier
    assert desk.is_stale()
    desk.save(FOR, "Gelezen", 1, seen=next(iter(desk.asked().values())).round.version_id)
    assert not desk.is_stale()


@pytest.mark.parametrize("wrong", ["no version", "of another text", "not published"])
def test_a_version_that_could_not_be_read_is_not_taken_from_a_form(desk: Desk, wrong: str) -> None:
    with db.transaction():
        seen = uuid.uuid4()
        if wrong == "of another text":
            seen = factories.proposal(db.session.merge(desk.meeting), code="R9").versions[0].id
        elif wrong == "not published":
            proposal = db.session.get_one(Proposal, desk.rounds[0].proposal_id)
            document = proposals.read_text(factories.RESOLUTION.replace("bouwen", "slopen").encode())
            seen = proposals.import_text(proposal, document, None).id
    assert desk.save(FOR, seen=seen).version_id == desk.rounds[0].version_id


def test_a_question_that_is_put_again_has_what_was_prepared(desk: Desk) -> None:
    desk.save(FOR, "Ja.")
    with db.transaction():
        bring(db.session.merge(desk.rounds[0]), "published", desk.staff)
        rounds.annul(db.session.get_one(Round, desk.rounds[0].id), "fout", desk.staff)
    assert desk.asked()[desk.keys[0]].closed, "void, and not put again yet"
    with db.transaction():
        rounds.prepare(db.session.get_one(Proposal, desk.rounds[0].proposal_id), None)
    again = desk.asked()[desk.keys[0]]
    assert (again.round.number, again.closed) == (2, None)  # before what comes after it and is not opened yet
    assert desk.save(AGAINST, "Toch niet.", 1).revision == 2
    with db.transaction(write=False):
        assert queries.progress([desk.meeting.id], desk.member.id, desk.clerk.id) == {
            desk.meeting.id: queries.Progress(3, 1)
        }


def test_a_round_on_a_text_that_is_not_published_shows_nowhere(desk: Desk) -> None:
    """The product makes no such round; the pages do not rely on that."""
    with db.transaction():
        proposal = proposals.create(
            db.session.merge(desk.meeting), "V1", factories.ProposalKind.PROPOSAL, "Nog niet", None
        )
        version = proposals.import_text(proposal, proposals.read_text(b"# Nog niet\n\nStil."), None)
        hidden = Round(
            id=uuid.uuid4(), meeting_id=desk.meeting.id, number=99, kind=RoundKind.WHOLE, title="Nog niet",
            proposal_id=proposal.id, version_id=version.id, rule={},
        )  # fmt: skip
        db.session.add(hidden)
    assert list(desk.asked()) == desk.keys
    with db.transaction(write=False):
        assert queries.progress([desk.meeting.id], desk.member.id, desk.clerk.id)[desk.meeting.id].asked == 3
    with pytest.raises(Refused, match="question_gone"), db.transaction():
        Preparer(desk.meeting, desk.member, desk.clerk).save(hidden.proposal_id, FOR, "", 0)


def test_of_a_motion_that_is_split_nothing_is_lost(desk: Desk) -> None:
    with db.transaction():
        words = MotionText("Motie", requests=("dit te doen", "dat te melden"))
        motion = motions.begin(db.session.merge(desk.meeting), db.session.merge(desk.member), words, "", desk.clerk)
        motions.submit(motion, desk.clerk, late_reason="Actueel.")
        assert motion.proposal
        rounds.prepare(motion.proposal, None)
        key = motion.proposal.id
        Preparer(desk.meeting, desk.member, desk.clerk).save(key, FOR, "In één keer.", 0)
    with db.transaction():
        motion = db.session.get_one(Motion, motion.submission_id)
        motions.split(motion, ((0,), (1,)), motion.submission.revision, desk.clerk, asked_now=False)
        assert motion.proposal
        prepare_again(motion.proposal)
    assert key not in desk.asked()
    assert desk.read()[key] == (FOR, "In één keer.")
    with db.transaction(write=False):
        left = queries.intended_at(desk.meeting.id, desk.member.id, desk.clerk.id)
        assert queries.titles_of(left.values()) == {key: ("Motie", "")}


# --- What the database refuses


@pytest.mark.parametrize(
    "change", ["UPDATE intended_vote_revision SET reason = 'x'", "DELETE FROM intended_vote_revision"]
)
def test_the_history_is_only_added_to(desk: Desk, change: str) -> None:
    desk.save(FOR, "Ja.")
    with pytest.raises(DBAPIError, match=r"(?i)intended_vote_revision_append_only"), db.transaction():
        db.session.execute(text(change))


@pytest.mark.parametrize("at", [0, 2])
def test_there_is_one_for_each_question_and_member(desk: Desk, at: int) -> None:
    one = desk.save(FOR, at=at)
    with pytest.raises(DBAPIError, match=r"(?i)unique"), db.transaction():
        db.session.add(
            IntendedVote(
                meeting_id=one.meeting_id, member_id=one.member_id, proposal_id=one.proposal_id,
                section_id=one.section_id, choice=AGAINST, reason="", version_id=one.version_id,
                text_hash=one.text_hash, revision=1, author_id=one.author_id, saved_at=one.saved_at,
            )
        )  # fmt: skip
        db.session.flush()
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(IntendedVote)) == 1
        assert db.session.scalar(select(func.count()).select_from(Version)) == 1
