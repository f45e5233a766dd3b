"""The order of the votes on a text: amendments, sections, the whole (docs/rules.md §4.10)."""

import uuid

import pytest

from tests.database.acting import together
from tests.database.merging_desk import ONE, TAIL, TWO, S, acts, amendment, refused, state_of
from tests.database.voting_desk import VotingDesk, keys
from vng_alv import db
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.errors import Refused
from vng_alv.submissions import service as submissions
from vng_alv.voting import order
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

pytestmark = pytest.mark.usefixtures("database")

A, SECTION, WHOLE = RoundKind.AMENDMENT, RoundKind.SECTION, RoundKind.WHOLE


# --- Preparing, in order


def test_what_waits_is_put_first_and_the_furthest_reaching_before_the_others(desk: VotingDesk) -> None:
    short = desk.desk.make(desk.desk.wonen(TAIL), state=S.SUBMITTED)
    for state in (S.WITHDRAWN, S.TAKEN_OVER, S.DRAFT, S.LAPSED, S.REJECTED):
        desk.desk.make(desk.desk.wonen(ONE), state=state)
    far = desk.desk.make(
        SectionChange(desk.desk.sections[2], None),
        SectionChange(
            desk.desk.sections[1],
            Wording("Water", "Wij houden het droog, en ook schoon en gezond, voor iedereen, overal en altijd."),
        ),
        state=S.HELD_OVER,
    )
    desk.prepare()
    found = desk.rounds()
    assert [one.kind for one in found] == [A, A, SECTION, SECTION, SECTION, WHOLE]
    assert [one.amendment_id for one in found[:2]] == [far, short]
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6]
    assert found[0].title == "Amendement AM6: Anders"
    desk.prepare()
    assert keys(desk.rounds()) == keys(found)


def test_the_secretariat_moves_them_and_the_numbers_follow(desk: VotingDesk) -> None:
    one, two, three = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO, TAIL))
    desk.prepare()

    def move(key: uuid.UUID | None, by: int) -> list[uuid.UUID | None]:
        with db.transaction():
            order.change_order(desk.desk.proposal, key, by, desk.chair)
        found = desk.rounds()
        assert [r.number for r in found] == list(range(1, 8))
        return [r.amendment_id for r in found if r.kind is A]

    assert [r.amendment_id for r in desk.rounds(A)] == [three, one, two]  # four words, and then by number
    assert move(two, -1) == [three, two, one]
    assert move(three, 9) == [two, one, three]
    assert move(two, -5) == [two, one, three]
    assert move(None, 0) == [three, one, two]
    assert "amendment.order" in acts()
    desk.vote(desk.on(three))
    assert refused(lambda: order.change_order(desk.desk.proposal, three, 1, desk.chair)) is Refusal.SUBMISSION_STATE
    assert refused(lambda: order.change_order(desk.desk.proposal, two, 1, desk.desk.clerk)) is Refusal.NOT_ALLOWED


def test_rounds_that_were_there_already_come_after_what_was_taken_in_late(desk: VotingDesk) -> None:
    desk.prepare()
    before = desk.rounds()
    with db.transaction():
        rounds.change_rule(db.session.get_one(Round, before[0].id), "two_thirds", desk.chair)
    desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    after = desk.rounds()
    assert [one.kind for one in after] == [A, SECTION, SECTION, SECTION, WHOLE]
    assert keys(after[1:]) == keys(before)
    assert after[1].rule["numerator"] == 2


# --- What may be opened


def test_a_text_without_votes_on_amendments_is_opened_at_once(desk: VotingDesk) -> None:
    desk.desk.make(desk.desk.wonen(ONE), state=S.TAKEN_OVER)
    desk.prepare()
    assert desk.opened(keys(desk.rounds())) == "opened"


def test_amendments_then_sections_then_the_whole(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    (whole,), sections, (on,) = keys(desk.rounds(WHOLE)), keys(desk.rounds(SECTION)), desk.on(key)
    assert refused(rounds.open_rounds, sections[:1], desk.chair) is Refusal.AMENDMENTS_FIRST
    assert refused(rounds.open_rounds, [whole], desk.chair) is Refusal.AMENDMENTS_FIRST
    assert refused(rounds.open_rounds, [on, *sections], desk.chair) is Refusal.AMENDMENTS_FIRST
    desk.vote([on], "against", publish=False)
    assert refused(rounds.open_rounds, sections[:1], desk.chair) is Refusal.AMENDMENTS_FIRST
    with db.transaction():
        rounds.publish([on], desk.chair)
    assert refused(rounds.open_rounds, [*sections, whole], desk.chair) is Refusal.SECTIONS_FIRST
    desk.vote(sections[:2])
    assert refused(rounds.open_rounds, [whole], desk.chair) is Refusal.SECTIONS_FIRST
    desk.vote(sections[2:])
    desk.vote([whole])
    desk.annul(on)
    desk.prepare()
    assert desk.rounds(A) == []  # its time is over as long as the votes after it stand


def test_what_comes_after_it_keeps_an_amendment_shut(desk: VotingDesk) -> None:
    one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TAIL))
    desk.prepare()
    desk.vote(desk.on(one), "against")
    desk.annul(*desk.on(two))
    sections = keys(desk.rounds(SECTION))
    desk.vote(sections)
    desk.vote(keys(desk.rounds(WHOLE)))
    desk.annul(*desk.on(one))
    desk.prepare()
    assert desk.rounds(A) == []
    desk.annul(sections[0])
    desk.prepare()
    assert desk.opened([desk.rounds(SECTION)[-1].id]) == "opened"  # without votes on amendments there is no order
    desk.annul(desk.rounds(SECTION)[-1].id)
    desk.annul(desk.rounds(WHOLE)[0].id)
    for key in sections[1:]:
        desk.annul(key)
    desk.prepare()
    assert len(desk.rounds(A)) == 2


def test_a_section_is_not_put_again_while_the_whole_stands(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    desk.vote(desk.on(key), "against")
    sections = keys(desk.rounds(SECTION))
    desk.vote(sections)
    desk.vote(keys(desk.rounds(WHOLE)))
    desk.annul(sections[0])
    desk.prepare()
    (again,) = (one.id for one in desk.rounds(SECTION) if one.state is RoundState.DRAFT)
    assert refused(rounds.open_rounds, [again], desk.chair) is Refusal.ORDER_OVER
    desk.annul(desk.rounds(WHOLE)[0].id)
    assert desk.opened([again]) == "opened"


def test_what_is_taken_in_late_and_a_section_that_opens_do_not_pass_each_other(desk: VotingDesk) -> None:
    for _ in range(5):
        desk.prepare()
        (section, *_rest) = keys(desk.rounds(SECTION))
        key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
        answers = together([desk.prepare, lambda key=section: desk.opened([key])])  # type: ignore[misc]
        late, state = desk.rounds(A), desk.get(section).state
        assert (len(late), state) in {(0, RoundState.OPEN), (1, RoundState.DRAFT)}, answers
        for one in [*late, *desk.rounds(SECTION), *desk.rounds(WHOLE)]:
            desk.annul(one.id)
        with db.transaction():
            submissions.withdraw(amendment(key).submission, "", desk.desk.clerk)


def test_an_adopted_amendment_is_put_into_the_text_before_its_sections(desk: VotingDesk) -> None:
    key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    desk.vote(desk.on(key))
    assert state_of(key) is S.ADOPTED
    sections = keys(desk.rounds(SECTION))
    assert refused(rounds.open_rounds, sections, desk.chair) is Refusal.MERGE_FIRST
    desk.merged(key)
    assert desk.opened(keys(desk.rounds(SECTION))) == "opened"


def test_what_is_in_the_text_already_keeps_nobody_waiting(desk: VotingDesk) -> None:
    one, two = (desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED) for _ in range(2))
    desk.prepare()
    desk.vote(desk.on(one, two))
    desk.merged(one)
    assert state_of(two) is S.ADOPTED
    assert desk.opened(keys(desk.rounds(SECTION))) == "opened"


# --- Amendments that collide


def test_amendments_of_the_same_words_are_put_one_by_one_in_their_order(desk: VotingDesk) -> None:
    one, two, tail = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO, TAIL))
    desk.prepare()
    with pytest.raises(Refused) as told, db.transaction():
        rounds.open_rounds(desk.on(one, two, tail), desk.chair)
    assert told.value.refusal is Refusal.AMENDMENTS_COLLIDE
    assert told.value.facts == {"labels": "AM1, AM2", "first": "AM1"}
    assert refused(rounds.open_rounds, desk.on(two), desk.chair) is Refusal.AMENDMENTS_COLLIDE
    assert desk.opened(desk.on(one, tail)) == "opened"
    assert refused(rounds.open_rounds, desk.on(two), desk.chair) is Refusal.AMENDMENTS_COLLIDE


def test_one_that_was_scrapped_is_in_nobodys_way(desk: VotingDesk) -> None:
    one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO))
    desk.prepare()
    desk.annul(*desk.on(one))
    assert desk.opened(desk.on(two)) == "opened"


def test_two_that_collide_are_not_opened_at_once_by_two_people(desk: VotingDesk) -> None:
    for _ in range(4):
        found = [desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO)]
        desk.prepare()
        ids = desk.on(*found)
        answers = together([lambda key=key: desk.opened([key]) for key in ids])  # type: ignore[misc]
        assert answers[0] == "opened", answers
        assert isinstance(answers[1], Refused), answers
        assert answers[1].refusal is Refusal.AMENDMENTS_COLLIDE
        for key in ids:
            desk.annul(key)
        for one in found:
            with db.transaction():
                submissions.withdraw(amendment(one).submission, "", desk.desk.clerk)


def test_an_amendment_and_a_section_opened_at_once_keep_their_order(desk: VotingDesk) -> None:
    for _ in range(4):
        key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
        desk.prepare()
        (on,), section = desk.on(key), desk.rounds(SECTION)[0].id
        answers = together([lambda key=section: desk.opened([key]), lambda key=on: desk.opened([key])])  # type: ignore[misc]
        assert isinstance(answers[0], Refused), answers
        assert answers[1] == "opened", answers
        desk.annul(on)
        with db.transaction():
            submissions.withdraw(amendment(key).submission, "", desk.desk.clerk)


def test_withdrawing_and_opening_at_once_leaves_one_of_both(desk: VotingDesk) -> None:
    for _ in range(4):
        key = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
        desk.prepare()
        (on,) = desk.on(key)

        def withdraw(key: uuid.UUID = key) -> str:
            with db.transaction():
                submissions.withdraw(amendment(key).submission, "", desk.desk.clerk)
            return "withdrawn"

        answers = together([withdraw, lambda on=on: desk.opened([on])])  # type: ignore[misc]
        done = [one for one in answers if isinstance(one, str)]
        assert len(done) == 1, answers
        assert all(isinstance(one, (str, Refused)) for one in answers), answers
        assert state_of(key) is (S.WITHDRAWN if done == ["withdrawn"] else S.SUBMITTED)
        if done == ["opened"]:
            desk.annul(on)
            withdraw()
