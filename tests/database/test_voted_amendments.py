"""What votes make of amendments and of the text they are about (docs/rules.md §4.10)."""

import uuid

import pytest
from sqlalchemy import select

from tests.database.merging_desk import ONE, TAIL, TEXT, TWO, S, amendment, refused, state_of
from tests.database.test_guards import refused as refused_by_database
from tests.database.voting_desk import VotingDesk, keys
from vng_alv import db
from vng_alv.amendments import merging, service
from vng_alv.amendments.service import SectionChange
from vng_alv.domain import chain
from vng_alv.domain.amendments import Wording
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.errors import Conflict, Refused
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Version
from vng_alv.proposals.queries import sections_of
from vng_alv.proposals.service import section_text
from vng_alv.submissions import service as submissions
from vng_alv.voting import order
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

pytestmark = pytest.mark.usefixtures("database")

A, SECTION, WHOLE = RoundKind.AMENDMENT, RoundKind.SECTION, RoundKind.WHOLE


# --- What a vote makes of an amendment


@pytest.mark.parametrize(("choice", "state"), [("for", S.ADOPTED), ("against", S.REJECTED), ("abstain", S.SUBMITTED)])
def test_a_pronounced_vote_decides_and_an_annulled_one_does_not(desk: VotingDesk, choice: str, state: S) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    desk.vote([on], choice, publish=False)
    assert state_of(key) is S.SUBMITTED
    with db.transaction():
        rounds.publish([on], desk.chair)
    assert state_of(key) is state
    desk.annul(on)
    assert state_of(key) is S.SUBMITTED
    desk.prepare()
    desk.vote(desk.on(key), "against")
    assert state_of(key) is S.REJECTED


def test_what_was_merged_stays_in_the_text_when_its_vote_is_annulled(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    desk.vote([on])
    desk.merged(key)
    desk.annul(on)
    assert state_of(key) is S.MERGED


def test_an_open_vote_freezes_an_amendment(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    desk.opened(desk.on(key))
    clerk, staff = desk.desk.clerk, desk.desk.staff
    with db.transaction():
        one = amendment(key)
        wanted = [desk.desk.wonen(TWO)]
        for act in (
            lambda: service.change(one, "Anders", "", wanted, 1, clerk),
            lambda: merging.adapt(one, wanted, 1, clerk),
            lambda: submissions.withdraw(one.submission, "", clerk),
            lambda: submissions.decide(one.submission, S.LAPSED, "x", staff),
            lambda: order.let_lapse(one, "x", desk.chair),
        ):
            with pytest.raises(Refused) as told:
                act()
            assert told.value.refusal is Refusal.AMENDMENT_ASKED
    with pytest.raises(Refused) as told, db.transaction():
        desk.desk.import_text(TEXT.replace("droog", "nat"))
    assert told.value.refusal is Refusal.TEXT_ASKED
    for state in ("withdrawn", "taken_over", "held_over", "lapsed"):
        refused_by_database(f"UPDATE submission SET state = '{state}'", "submission_asked")
    other = uuid.uuid4()
    for change in (f"amendment_id = '{other.hex}'", "dropped = '[1]'", "amendment_id = NULL, kind = 'whole'"):
        refused_by_database(f"UPDATE round SET {change} WHERE kind = 'amendment'", "round_frozen")


def test_outside_a_vote_the_secretariat_still_decides(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    with db.transaction():
        submissions.decide(amendment(key).submission, S.TAKEN_OVER, "Doen we", desk.desk.staff)
    assert desk.rounds(A) == []
    with db.transaction():
        submissions.decide(amendment(key).submission, S.SUBMITTED, "Toch niet", desk.desk.staff)
    desk.prepare()
    assert len(desk.rounds(A)) == 1


def test_words_that_change_before_the_vote_are_what_is_voted_on(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    with db.transaction():
        service.change(amendment(key), "Nog anders", "", [desk.desk.wonen(TWO)], 1, desk.desk.clerk)
    desk.opened([on])
    found = desk.get(on)
    assert found.title == "Amendement AM1: Nog anders"
    with db.transaction(write=False):
        text = db.session.get_one(Version, found.version_id).text_hash
    part = {"number": "1", "heading": "Wonen", "body": TWO, "removed": False, "new": False}
    assert found.text_hash == chain.digest({"text": text, "title": "Nog anders", "sections": [part]})


def test_the_database_takes_one_valid_round_on_an_amendment(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    with db.transaction(write=False):
        one = db.session.scalars(select(Round).where(Round.kind == A)).one()
        values = {c.name: getattr(one, c.name) for c in Round.__table__.columns}
    refused_by_database(Round(**{**values, "id": uuid.uuid4(), "number": 99}), "unique")
    refused_by_database(Round(**{**values, "id": uuid.uuid4(), "number": 99, "kind": WHOLE}), "amendment_has_amendment")
    assert key


# --- The next version


NEW = SectionChange(None, Wording("Wind", "Wij bouwen molens."))


def test_after_merging_the_rounds_are_about_the_new_text(desk: VotingDesk) -> None:
    first, third = desk.desk.sections[0], desk.desk.sections[2]
    key = desk.desk.make(
        desk.desk.wonen(ONE, "Bouwen"),
        SectionChange(third, None),
        SectionChange(None, NEW.words, first),
        state=S.SUBMITTED,
    )
    waits = desk.desk.make(desk.desk.wonen(TAIL), state=S.SUBMITTED)
    desk.prepare()
    before = {one.section_id: one for one in desk.rounds(SECTION)}
    with db.transaction():
        rounds.change_rule(db.session.get_one(Round, before[first].id), "two_thirds", desk.chair)
    desk.vote(desk.on(key))
    desk.merged(key)
    found = desk.rounds()
    assert [one.title for one in found if one.state == "draft"] == [
        "Amendement AM2: Anders", "1. Bouwen", "1a. Wind", "2. Water", "Resolutie",
    ]  # fmt: skip
    assert len({one.version_id for one in found if one.state == "draft"}) == 1
    again = next(one for one in found if one.section_id == first)
    assert (again.id, again.rule["numerator"]) == (before[first].id, 2)
    desk.vote(desk.on(waits), "against")
    desk.vote(keys(desk.rounds(SECTION)))
    with db.transaction(write=False):
        opened = db.session.get_one(Round, again.id)
        words = next(s for s in sections_of(opened.version_id) if s.section_id == first)
        assert words.body == ONE
        assert opened.text_hash == chain.digest(vars(section_text(words)))


def test_what_was_scrapped_does_not_come_back_with_a_new_version(desk: VotingDesk) -> None:
    desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    desk.annul(desk.rounds(A)[0].id)
    desk.desk.import_text(TEXT.replace("droog", "nat"))
    assert [one.kind for one in desk.rounds()] == [SECTION, SECTION, SECTION, WHOLE]


# --- What no longer fits


def test_what_no_longer_fits_is_withdrawn_or_put_anyway(desk: VotingDesk) -> None:
    one, two, three = (
        desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO, TWO.replace("300", "400"))
    )
    desk.prepare()
    assert refused(lambda: order.let_lapse(amendment(two), "x", desk.chair)) is Refusal.AMENDMENT_FITS
    desk.vote(desk.on(one))
    with db.transaction(write=False):
        unfit = order.TextOrder(desk.desk.proposal).unfit(two)
        assert unfit is not None
        assert ([a.submission.label for a in unfit.by], unfit.numbers) == (["AM1"], ())
    desk.merged(one)
    with db.transaction(write=False):
        unfit = order.TextOrder(desk.desk.proposal).unfit(two)
        assert unfit is not None
        assert (unfit.by, unfit.numbers) == ((), ("1",))
    assert refused(rounds.open_rounds, desk.on(two), desk.chair) is Refusal.AMENDMENT_UNFIT
    assert refused(lambda: order.let_lapse(amendment(two), " ", desk.chair)) is Refusal.EMPTY_TEXT
    assert refused(lambda: order.let_lapse(amendment(two), "x", desk.desk.clerk)) is Refusal.NOT_ALLOWED
    with db.transaction():
        order.let_lapse(amendment(two), "Past niet meer", desk.chair)
    assert state_of(two) is S.LAPSED
    assert amendment_note(two) == "Past niet meer"
    desk.vote(desk.on(three), anyway=True)
    assert state_of(three) is S.ADOPTED
    assert desk.opened(keys(desk.rounds(SECTION))) == "opened"  # it does not fit, so there is nothing to wait for


def amendment_note(key: uuid.UUID) -> str:
    with db.transaction(write=False):
        return amendment(key).submission.closing_note


# --- The whole, without what was rejected


def test_a_rejected_section_drops_out_of_the_whole(desk: VotingDesk) -> None:
    desk.prepare()
    (whole,), sections = desk.rounds(WHOLE), keys(desk.rounds(SECTION))
    desk.vote([sections[0], sections[2]])
    desk.vote(sections[1:2], "against")
    desk.vote([whole.id])
    found = desk.get(whole.id)
    assert found.dropped == [str(desk.desk.sections[1])]
    with db.transaction(write=False):
        version = db.session.get_one(Version, found.version_id)
        left = [section_text(s) for s in sections_of(version.id) if s.section_id != desk.desk.sections[1]]
        assert found.text_hash == proposals.text_hash(version.title, version.preamble, left) != version.text_hash
    refused_by_database("UPDATE round SET dropped = '[]' WHERE kind = 'whole'", "round_frozen")
    desk.annul(sections[1])
    assert desk.get(whole.id).dropped == [str(desk.desk.sections[1])]  # as it was voted on


def test_a_whole_that_is_opened_with_its_sections_is_all_of_it(desk: VotingDesk) -> None:
    desk.prepare()
    desk.vote(keys(desk.rounds()), "against")
    (whole,) = desk.rounds(WHOLE)
    assert whole.dropped == []
    with db.transaction(write=False):
        assert whole.text_hash == db.session.get_one(Version, whole.version_id).text_hash


def test_a_section_that_was_adopted_after_all_is_in_the_whole(desk: VotingDesk) -> None:
    desk.prepare()
    (whole,), sections = desk.rounds(WHOLE), keys(desk.rounds(SECTION))
    desk.vote(sections, "against")
    desk.annul(sections[0])
    desk.prepare()
    desk.vote([one.id for one in desk.rounds(SECTION) if one.state is RoundState.DRAFT])
    desk.opened([whole.id])
    assert desk.get(whole.id).dropped == [str(key) for key in desk.desk.sections[1:]]


def test_opening_what_was_taken_away_meanwhile_is_a_conflict(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (on,) = desk.on(key)
    with db.transaction():
        submissions.withdraw(amendment(key).submission, "", desk.desk.clerk)
    with pytest.raises(Conflict):
        desk.opened([on])
