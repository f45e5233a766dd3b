"""What a member prepares to vote on amendments: first, and about the words as they were read (docs/rules.md §2, §4)."""

import uuid

import pytest
from sqlalchemy.exc import DBAPIError

from tests.database.merging_desk import ONE, TAIL, TWO, S, amendment
from tests.database.voting_desk import VotingDesk
from vng_alv import db
from vng_alv.amendments import service
from vng_alv.domain.ballots import Choice
from vng_alv.domain.rounds import RoundKind
from vng_alv.errors import Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.submissions import service as submissions
from vng_alv.voting import preparing_queries as queries
from vng_alv.voting.preparing import Preparer
from vng_alv.voting.preparing_models import IntendedVote

pytestmark = pytest.mark.usefixtures("database")

FOR, AGAINST = Choice.FOR, Choice.AGAINST


def preparer(desk: VotingDesk) -> Preparer:
    return Preparer(get_meeting(desk.meeting), get_member(desk.member_code), desk.desk.clerk)


def save(desk: VotingDesk, key: uuid.UUID, choice: Choice, revision: int = 0, *, words: str = "") -> IntendedVote:
    with db.transaction():
        return preparer(desk).save(key, choice, "Daarom.", revision, words=words)


def asked(desk: VotingDesk) -> dict[uuid.UUID, queries.Asked]:
    with db.transaction(write=False):
        return queries.asked_at(get_meeting(desk.meeting).id)


def beside(desk: VotingDesk, round_id: uuid.UUID) -> tuple[str, bool]:
    """What stands beside the question of a round that was opened, and whether it is about other words."""
    one = desk.get(round_id)
    with db.transaction(write=False):
        member = get_member(desk.member_code)
        found = queries.beside(one, queries.intended_at(one.meeting_id, member.id, desk.desk.clerk.id))
        return str(found.said.choice if found.said else ""), found.outdated


def reword(desk: VotingDesk, key: uuid.UUID, body: str) -> None:
    """The member that submitted it changes its words before the vote."""
    with db.transaction():
        one = amendment(key)
        service.change(one, "Nog anders", "", [desk.desk.wonen(body)], one.submission.revision, desk.desk.clerk)


def test_amendments_come_before_the_sections_and_each_has_its_own(desk: VotingDesk) -> None:
    far, short = (desk.desk.make(desk.desk.wonen(body), state=S.SUBMITTED) for body in (TAIL, ONE))
    desk.prepare()
    found = asked(desk)
    assert list(found) == [*(one for one in found if one in {far, short}), *desk.desk.sections, desk.desk.proposal_id]
    for key, choice in ((far, FOR), (short, AGAINST), (desk.desk.proposal_id, FOR)):
        save(desk, key, choice)
    with db.transaction(write=False):
        here = get_meeting(desk.meeting).id, get_member(desk.member_code).id, desk.desk.clerk.id
        kept = queries.intended_at(*here)
        assert {key: one.choice for key, one in kept.items()} == {far: FOR, short: AGAINST, desk.desk.proposal_id: FOR}
        assert {key: one.amendment_id for key, one in kept.items()} == {
            far: far, short: short, desk.desk.proposal_id: None,
        }  # fmt: skip
        progress = queries.progress([here[0]], *here[1:])[here[0]]
    assert (progress.asked, progress.ready) == (6, 3)


def test_what_was_prepared_is_of_the_words_that_are_frozen_when_the_vote_opens(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    kept = save(desk, key, FOR)
    desk.opened([on])
    assert desk.get(on).text_hash == kept.text_hash
    assert beside(desk, on) == ("for", False)
    assert save(desk, key, AGAINST, 1).revision == 2, "until it closes"


def test_advice_on_other_words_of_an_amendment_is_told(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    first = asked(desk)[key]
    kept = save(desk, key, FOR)
    reword(desk, key, TWO)
    now = asked(desk)[key]
    assert (now.title, now.version.id) == ("Amendement AM1: Nog anders", first.version.id)
    assert now.text != kept.text_hash
    assert save(desk, key, AGAINST, 1, words=first.text).text_hash == first.text, "what they read, not what it is now"
    desk.opened([on])
    assert beside(desk, on) == ("against", True)
    assert save(desk, key, AGAINST, 2).text_hash == desk.get(on).text_hash
    assert beside(desk, on) == ("against", False)


def test_an_amendment_that_is_decided_on_closes_its_question(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    save(desk, key, FOR)
    desk.vote(desk.on(key))
    with pytest.raises(Refused, match="preparing_closed"):
        save(desk, key, AGAINST, 1)
    desk.merged(key)
    assert asked(desk)[key].round.kind is RoundKind.AMENDMENT


def test_what_was_prepared_on_an_amendment_that_is_withdrawn_is_kept_and_named(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    save(desk, key, FOR)
    with db.transaction():
        submissions.withdraw(amendment(key).submission, "", desk.desk.clerk)
    assert key not in asked(desk)
    with pytest.raises(Refused, match="question_gone"):
        save(desk, key, AGAINST, 1)
    with db.transaction(write=False):
        meeting, member = get_meeting(desk.meeting), get_member(desk.member_code)
        kept = queries.intended_at(meeting.id, member.id, desk.desk.clerk.id)
        assert queries.titles_of(kept.values()) == {key: ("Resolutie", "Amendement AM1: Anders")}


@pytest.mark.parametrize(("both", "why"), [(False, "unique"), (True, "section_or_amendment")])
def test_the_database_takes_one_on_an_amendment_and_none_on_a_section_with_it(
    desk: VotingDesk, both: bool, why: str
) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    one = save(desk, key, FOR)
    section = desk.desk.sections[0] if both else None
    with pytest.raises(DBAPIError, match=rf"(?i){why}"), db.transaction():
        db.session.add(
            IntendedVote(
                meeting_id=one.meeting_id, member_id=one.member_id, proposal_id=one.proposal_id, section_id=section,
                amendment_id=key, choice=AGAINST, reason="", version_id=one.version_id, text_hash=one.text_hash,
                revision=1, author_id=one.author_id, saved_at=one.saved_at,
            )
        )  # fmt: skip
        db.session.flush()
