"""Questions with options through the whole of it: asked, cast, counted (docs/rules.md §4, §5.11)."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import stored, together
from tests.database.options_desk import ABC, MOST_WINS, end, get, put, refuses, shown, vote
from tests.database.test_cases import Hall
from tests.domain.test_options import CASES
from vng_alv import db
from vng_alv.domain.options import Even, OptionFault, OptionRule, Winning
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.errors import Conflict, Refused
from vng_alv.exports.outcomes import as_json
from vng_alv.members.queries import get_association
from vng_alv.members.service import change_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import choosing, service
from vng_alv.voting.about import subject_of
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.summary import Summary
from vng_alv.voting.tally import lines, second_count, tally

# --- The worked cases


def test_the_whole_of_it_says_what_was_worked_out_by_hand(database: str) -> None:
    with db.transaction():
        hall = Hall()
        change_association(get_association(), None, divides_votes=True)
        proposal = factories.proposal(hall.meeting, "# Vraag\n\nTekst.\n", "V1", ProposalKind.PROPOSAL)
    for number, case in enumerate(CASES, 1):
        found = through(hall, proposal, case)
        told = (found.verdict and found.verdict.value, list(found.chosen))
        assert told == (case["verdict"], case["elected"]), f"{number}: {case['why']}"


def through(hall: Hall, proposal: Any, case: Mapping[str, Any]) -> Summary:
    """A worked case, with a member for each of its ballots."""
    with db.transaction():
        hall.members = [db.session.merge(one) for one in hall.members]
        weights = [*(weight for _, weight in case["ballots"]), *case["absent"]]
        members = [hall.member(n, weight) for n, weight in enumerate(weights)]
        for gone in hall.members[len(weights) :]:
            gone.valid_from, gone.valid_until = date(2000, 1, 1), date(2001, 1, 1)
        db.session.flush()
        rule, titles = OptionRule.from_data(case["rule"]), [f"Tekst {n}" for n in range(1, case["options"] + 1)]
        kind = RoundKind.TEXTS if rule.none else RoundKind.CANDIDATES
        made = choosing.ask(db.session.merge(proposal), kind, "Welke?", [Option(one) for one in titles], rule, None)
        service.open_rounds([made.id], None)
    for member, (ballot, _) in zip(members, case["ballots"], strict=False):
        with db.transaction(write=False):
            cast(hall.meeting.code, member.code, {made.id: ballot}, uuid.uuid4(), hall.voter)
    with db.transaction():
        service.close([made.id], None)
        tally(made.id)
        service.publish([made.id], None)
    return shown(made.id)


# --- Asking


def test_a_question_has_what_can_be_said_on_its_ballot(world: factories.World) -> None:
    key = put(world, OptionRule(Winning.MAJORITY, Even.AGAIN, 1, True), is_open=False)
    found = get(key)
    assert (found.choices, found.picks, found.divides) == ("1,2,3,none,abstain", 1, False)
    assert found.titles == {"1": "A", "2": "B", "3": "C"}
    assert found.paper.keys == ("1", "2", "3", "none", "abstain")


@pytest.mark.parametrize(
    ("options", "rule", "fault"),
    [
        (ABC[:1], MOST_WINS, OptionFault.TOO_FEW),
        ([Option("A"), Option("a ")], MOST_WINS, OptionFault.TWICE),
        (ABC, OptionRule(Winning.MOST, Even.LOTS, 3), OptionFault.SEATS),
    ],
)
def test_what_cannot_be_asked_is_refused(
    world: factories.World, options: list[Option], rule: OptionRule, fault: OptionFault
) -> None:
    with pytest.raises(Refused) as caught:
        put(world, rule, options)
    assert caught.value.refusal is Refusal.OPTIONS_IMPOSSIBLE
    assert caught.value.facts == {"faults": [fault]}


def test_an_option_has_a_title(world: factories.World) -> None:
    with pytest.raises(Refused) as caught:
        put(world, MOST_WINS, [Option("A"), Option("  ")])
    assert caught.value.refusal is Refusal.EMPTY_TEXT


def test_what_is_asked_stands_once_it_is_open(world: factories.World) -> None:
    key = put(world, MOST_WINS)
    for change in ({"options": []}, {"choices": "1,2,abstain"}, {"picks": 2}, {"divides": True}):
        with pytest.raises(DBAPIError, match="round_frozen"), db.transaction():
            db.session.execute(update(Round).where(Round.id == key).values(**change))


def test_a_new_version_of_the_text_leaves_the_question_as_it_was_asked(world: factories.World) -> None:
    with db.transaction():
        text_ = factories.proposal(db.session.merge(world.meeting), "# Vraag\n\nTekst.\n", "V7", ProposalKind.PROPOSAL)
        made = choosing.ask(text_, RoundKind.CANDIDATES, "Wie?", ABC, MOST_WINS, world.chair)
        factories.proposals.import_text(text_, factories.proposals.read_text(b"# Vraag\n\nAndere tekst.\n"), None)
        factories.proposals.publish(text_, None)
    assert get(made.id).title == "Wie?"
    assert get(made.id).options == get(made.id).options != []


# --- Casting


def test_a_ballot_that_its_round_does_not_have_is_refused(world: factories.World) -> None:
    key = put(world, OptionRule(Winning.MOST, Even.LOTS, 2))
    for ballot in ("for", "4", "none"):
        refuses(Refusal.UNKNOWN_CHOICE, world, key, ballot)
    refuses(Refusal.TOO_MANY_OPTIONS, world, key, "1+2+3")
    refuses(Refusal.ABSTAINS_AND_CHOOSES, world, key, "1+abstain")
    refuses(Refusal.UNKNOWN_CHOICE, world, key, "2+1")
    refuses(Refusal.UNKNOWN_CHOICE, world, key, "1:40+2:35")
    refuses(Refusal.UNKNOWN_CHOICE, world, world.ids[0], "1")
    refuses(Refusal.TOO_MANY_OPTIONS, world, world.ids[0], "for+against")
    assert not stored()
    vote(world, key, "1+3", "abstain", "2")
    assert {one.choice for one in stored()} == {"1+3", "abstain", "2"}


def test_the_database_takes_no_ballot_that_names_what_is_not_there(world: factories.World) -> None:
    """The service is bypassed; and a wildcard is no name."""
    key = put(world, MOST_WINS)
    for choice in ("for", "4", "%", "", "1,2", "1+2", "1:40+2:35"):
        with pytest.raises(DBAPIError, match=r"(?i)ballot_only_while_open"), db.transaction():
            db.session.add(
                Ballot(
                    round_id=key, member_id=world.members[0].id, version=1, choice=choice, weight=75, advisory=False,
                    person_id=world.delegates[0].id, cast_at=db.now(), receipt="AAAA-BBBB-CCCC-DDDD", key=uuid.uuid4(),
                )
            )  # fmt: skip
            db.session.flush()


def test_one_page_records_ballots_of_several_kinds_together(world: factories.World) -> None:
    key = put(world, OptionRule(Winning.MOST, Even.LOTS, 2))
    with db.transaction(write=False):
        done = cast("alv", "GM0001", {key: "1+3", world.ids[0]: "for"}, uuid.uuid4(), world.delegates[0])
    assert done.recorded == {key: "1+3", world.ids[0]: "for"}


def test_the_same_key_again_is_the_same_ballot(world: factories.World) -> None:
    key, form = put(world, OptionRule(Winning.MOST, Even.LOTS, 2)), uuid.uuid4()

    def send(ballot: str = "1+3") -> Cast:
        with db.transaction(write=False):
            return cast("alv", "GM0001", {key: ballot}, form, world.delegates[0])

    answers = together([send] * 20)
    assert len({answer.receipt for answer in answers if isinstance(answer, Cast)}) == 1
    assert len(stored()) == 1
    with pytest.raises(Conflict):
        send("2+3")


# --- Counting


def test_two_counts_that_differ_are_kept_by_nobody(world: factories.World, monkeypatch: pytest.MonkeyPatch) -> None:
    key = put(world, OptionRule(Winning.MOST, Even.LOTS, 2))
    vote(world, key, "1+3", "2")
    with db.transaction():
        service.close([key], world.chair)
    with db.transaction(write=False):
        assert second_count(get(key)) == {
            ("1", False): (75, 1, 1), ("2", False): (40, 1, 1), ("3", False): (75, 1, 1),
        }  # fmt: skip
        assert sorted(lines(key)) == [("1+3", 75, False, 1), ("2", 40, False, 1)]
    monkeypatch.setattr("vng_alv.voting.tally.second_count", lambda _found: {("1", False): (74, 1, 1)})
    with pytest.raises(RuntimeError, match="differ"), db.transaction():
        tally(key)
    assert get(key).state is RoundState.CLOSED


def test_advisory_members_are_counted_apart(database: str) -> None:
    with db.transaction():
        world = factories.world([250_000, 40_500, 12_000], advisory=1)
    key = put(world, MOST_WINS)
    vote(world, key, "1", "2", "2")
    found = end(world, key)
    assert [(o.key, o.weight) for o in found.options] == [("1", 75), ("2", 40), ("3", 0), ("abstain", 0)]
    assert [(o.key, o.weight) for o in found.advisory if o.weight] == [("2", 12)]


def test_the_outcome_as_data_says_who_was_chosen(world: factories.World) -> None:
    key = put(world, OptionRule(Winning.MOST, Even.LOTS, 1, True))
    vote(world, key, "2", "none", "abstain")
    found = end(world, key)
    with db.transaction(write=False):
        one = db.session.get_one(Round, key)
        data = as_json(found, subject_of(one), one.meeting, "/", example=False)
    assert data["chosen"] == ["2"]
    assert data["options"] == [{"key": "1", "title": "A"}, {"key": "2", "title": "B"}, {"key": "3", "title": "C"}]
    assert data["sums"]["2"] == {"votes": 75, "members": 1, "share-of-base": "65.22"}
    assert data["sums"]["abstain"]["share-of-base"] is None
    assert {v["code"]: v["vote"] for v in data["votes"]} == {
        "GM0001": "optie 2", "GM0002": "geen van alle", "GM0003": "onthouding",
    }  # fmt: skip
    assert found.sentence == (
        "Gekozen: B (65,22%: 75 van de 115 stemmen). "
        "Nodig: de meeste stemmen, en meer dan ‘geen van alle’; bij gelijke stemmen beslist het lot."
    )
