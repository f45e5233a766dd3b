"""The clock and the order of the votes on a text, and what rounds of a written consultation need (docs/rules.md §4.4,
§4.14, §6.3)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.database.merging_desk import ONE, TAIL, TEXT, TWO, S, refused
from tests.database.timing_desk import DAY, HOUR, clock, consultation, sweep
from tests.database.voting_desk import VotingDesk
from vng_alv import db
from vng_alv.domain.majority import SIMPLE, TWO_THIRDS, Base, Comparison, Quorum, Rule, Taking, Threshold
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, RoundKind, RoundState
from vng_alv.domain.rulebook import HALF_TAKES_PART
from vng_alv.errors import Refused
from vng_alv.faults import RULE_FAULTS
from vng_alv.meetings.models import MeetingKind
from vng_alv.members.queries import get_association
from vng_alv.members.rules import make_rule
from vng_alv.proposals.models import ProposalKind
from vng_alv.secretariat.console import MISSED
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting import frozen, order, rules, service, timing
from vng_alv.voting.models import Round

pytestmark = pytest.mark.usefixtures("database")

A, SECTION, WHOLE = RoundKind.AMENDMENT, RoundKind.SECTION, RoundKind.WHOLE
PRESENT = Rule(Threshold(Comparison.MORE_THAN, 1, 2, Base.PRESENT))


def plan(
    desk: VotingDesk, ids: Sequence[uuid.UUID], opens_in: timedelta, closes_in: timedelta | None = None
) -> datetime:
    """Plan rounds; the moment at which they open."""
    with db.transaction():
        now = db.now()
        timing.schedule(ids, now + opens_in, now + closes_in if closes_in else None, desk.chair)
        return now + opens_in


def stand(desk: VotingDesk) -> list[tuple[RoundKind, str, str]]:
    """Each round by number: its kind, its state, and why the clock did not open it."""
    return [(one.kind, one.state.value, one.not_opened) for one in desk.rounds()]


# --- The order, by the clock


def test_the_clock_keeps_the_order_and_tells_why(desk: VotingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock(monkeypatch, datetime.now(UTC)) as set_clock:
        one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO))
        desk.prepare()
        opens_at = plan(desk, [found.id for found in desk.rounds()], HOUR)
        set_clock(opens_at)
        sweep()
        missed = [(kind, "draft", Refusal.AMENDMENTS_FIRST.value) for kind in (SECTION, SECTION, SECTION, WHOLE)]
        assert stand(desk) == [(A, "open", ""), (A, "draft", Refusal.AMENDMENTS_COLLIDE.value), *missed]
        assert desk.get(desk.on(one)[0]).opens_at == opens_at
        sweep()  # once: what was missed waits for a person
        assert [state for _, state, _ in stand(desk)] == ["open", *["draft"] * 5]
        with db.transaction():
            service.close(desk.on(one), desk.chair)
        assert refused(lambda: service.open_rounds(desk.on(two), desk.chair)) is Refusal.AMENDMENTS_COLLIDE


def test_what_was_adopted_comes_into_the_text_before_the_clock_opens_its_sections(
    desk: VotingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock(monkeypatch, datetime.now(UTC)) as set_clock:
        one = desk.desk.make(desk.desk.wonen(TAIL), state=S.SUBMITTED)
        desk.prepare()
        sections = [found.id for found in desk.rounds(SECTION)]
        opens_at = plan(desk, sections[:1], HOUR)
        later = plan(desk, [*sections[1:], *(found.id for found in desk.rounds(WHOLE))], 2 * HOUR, 3 * HOUR)
        desk.vote(desk.on(one))
        set_clock(opens_at)
        sweep()
        assert stand(desk)[1] == (SECTION, "draft", Refusal.MERGE_FIRST.value)
        desk.merged(one)
        set_clock(later)
        sweep()
        assert [(state, why) for _, state, why in stand(desk)[1:]] == [
            ("draft", Refusal.MERGE_FIRST.value), ("open", ""), ("open", ""), ("draft", Refusal.SECTIONS_FIRST.value),
        ]  # fmt: skip
        opened = desk.get(sections[1])
        assert (opened.version.number, opened.closes_at) == (2, later + HOUR)  # type: ignore[union-attr]


def test_an_amendment_that_no_longer_fits_is_not_opened_by_the_clock(
    desk: VotingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock(monkeypatch, datetime.now(UTC)) as set_clock:
        one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TWO))
        desk.prepare()
        opens_at = plan(desk, desk.on(two), HOUR)
        desk.vote(desk.on(one))
        with db.transaction(write=False):
            assert order.TextOrder(desk.desk.proposal).unfit_rounds()
        set_clock(opens_at)
        sweep()
        assert desk.get(desk.on(two)[0]).not_opened == Refusal.AMENDMENT_UNFIT
        assert desk.opened(desk.on(two), anyway=True) == "opened"
        assert desk.get(desk.on(two)[0]).not_opened == ""


def test_every_reason_of_the_order_has_words_on_the_console() -> None:
    order_says = {
        Refusal.AMENDMENTS_FIRST, Refusal.MERGE_FIRST, Refusal.SECTIONS_FIRST, Refusal.ORDER_OVER,
        Refusal.AMENDMENTS_COLLIDE, Refusal.AMENDMENT_UNFIT,
    }  # fmt: skip
    assert order_says <= set(MISSED)


# --- In preparation: drafts and what was planned


def test_a_new_version_keeps_the_plan_and_a_new_section_gets_it(desk: VotingDesk) -> None:
    one = desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    opens_at = plan(desk, [found.id for found in desk.rounds()], HOUR, 2 * HOUR)
    desk.desk.import_text(
        TEXT.replace("droog", "nat").replace(
            "## Wegen\n\nWij leggen wegen aan.\n", "## Parken\n\nWij leggen parken aan.\n"
        )
    )
    found = desk.rounds()
    assert [here.kind for here in found] == [A, SECTION, SECTION, SECTION, WHOLE]
    assert {(here.state, here.opens_at, here.closes_at) for here in found} == {
        (RoundState.SCHEDULED, opens_at, opens_at + HOUR)
    }
    assert {desk.get(here.id).version.number for here in found} == {2}  # type: ignore[union-attr]
    assert [here.title for here in found[1:4]] == ["1. Wonen", "2. Water", "3. Parken"]
    assert found[0].amendment_id == one


def test_a_planned_amendment_that_is_withdrawn_takes_its_round_along(desk: VotingDesk) -> None:
    one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TAIL))
    desk.prepare()
    plan(desk, desk.on(one, two), HOUR)
    with db.transaction():
        submissions.withdraw(db.session.get_one(Submission, one), "", desk.desk.clerk)
    assert [found.amendment_id for found in desk.rounds(A)] == [two]


def test_the_secretariat_moves_what_was_planned(desk: VotingDesk) -> None:
    one, two = (desk.desk.make(desk.desk.wonen(text), state=S.SUBMITTED) for text in (ONE, TAIL))
    desk.prepare()
    before = [found.amendment_id for found in desk.rounds(A)]
    plan(desk, desk.on(one, two), HOUR)
    with db.transaction():
        order.change_order(desk.desk.proposal, before[1], -1, desk.chair)
    found = desk.rounds(A)
    assert [here.amendment_id for here in found] == before[::-1]
    assert {here.state for here in found} == {RoundState.SCHEDULED}


# --- Written consultations


@pytest.fixture
def written(database: str) -> factories.World:
    with db.transaction():
        return consultation(12 * DAY)


def test_half_of_all_votes_takes_part_in_a_written_consultation(written: factories.World) -> None:
    with db.transaction(write=False):
        found = db.session.get_one(Round, written.ids[0])
        assert Rule.from_data(found.rule) == replace(SIMPLE, quorum=HALF_TAKES_PART)
    with db.transaction():
        found = db.session.get_one(Round, written.ids[0])
        service.change_rule(found, "two_thirds", written.chair)
        assert Rule.from_data(found.rule) == replace(TWO_THIRDS, quorum=HALF_TAKES_PART)
    with db.transaction(write=False):
        assert rules.in_meeting(MeetingKind.ALV, SIMPLE) == SIMPLE
        offered = rules.offered(MeetingKind.LEDENRAADPLEGING)
        assert all(rule.quorum for rule in offered.values())
        assert len(set(offered.values())) == len(offered)


def test_a_quorum_of_its_own_stays_and_one_of_those_present_is_refused(written: factories.World) -> None:
    own = replace(SIMPLE, quorum=Quorum(Comparison.AT_LEAST, 2, 3, Taking.VOTED, Base.ELECTORATE))
    with db.transaction():
        named, present = make_rule("Tweederde quorum", own, None).id.hex, make_rule("Aanwezigen", PRESENT, None).id.hex
    with db.transaction():
        found = db.session.get_one(Round, written.ids[0])
        service.change_rule(found, named, written.chair)
        assert Rule.from_data(found.rule) == own
        assert present not in rules.offered(MeetingKind.LEDENRAADPLEGING)
        assert present in rules.offered(MeetingKind.ALV)

    def choose() -> None:
        service.change_rule(db.session.get_one(Round, written.ids[0]), present, written.chair)

    with pytest.raises(Refused) as caught, db.transaction():
        choose()
    assert caught.value.refusal is Refusal.RULE_IMPOSSIBLE
    assert [str(fault) for fault in caught.value.facts["faults"]] == ["nobody_present"]  # type: ignore[attr-defined]
    assert set(caught.value.facts["faults"]) <= set(RULE_FAULTS)  # type: ignore[call-overload]


def test_a_change_of_statutes_has_the_rule_that_is_set_for_it(database: str) -> None:
    with db.transaction():
        factories.association()
        association = get_association()
        association.statute_rule = "three_quarters"
        assert rules.usual_rule(ProposalKind.STATUTES, association) == "three_quarters"
        assert rules.usual_rule(ProposalKind.RESOLUTION, association) == "simple"


# --- Rehearsals beside it


def test_a_rehearsal_is_in_the_order_of_no_text(desk: VotingDesk) -> None:
    desk.desk.make(desk.desk.wonen(ONE), state=S.SUBMITTED)
    desk.prepare()
    with db.transaction():
        made = timing.rehearse(desk.desk.proposal.meeting, desk.chair)
        assert made.text_hash == frozen.text_hash(made)
        assert frozen.why_not([made]) == {}
    with db.transaction(write=False):
        assert made.id not in {one.id for one in order.TextOrder(desk.desk.proposal).rounds}
        assert {one.state for one in desk.rounds()} <= IN_PREPARATION
