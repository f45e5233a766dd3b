"""The worked cases through the whole of it: a register, a round, ballots, attendance, the count and what is shown."""

import uuid
from datetime import date

import pytest

from tests import factories
from tests.domain.cases import FAMILIES, Case, cases
from vng_alv import db
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Totals
from vng_alv.domain.permissions import Actor
from vng_alv.exports.outcomes import as_json
from vng_alv.meetings.attendance import arrive, leave
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members.models import Member
from vng_alv.members.service import change_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting.about import subject_of
from vng_alv.voting.cast import cast, new_receipt
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.service import close, open_rounds, prepare, publish
from vng_alv.voting.summary import summary
from vng_alv.voting.tally import tally

#: A register counts inhabitants in 32 bits.
MOST = 2**31 - 1
#: So many members of a case cast their votes one by one.
FEW = 12


class Hall:
    """As many members as a case asks for, one of each weight, whose votes one person casts."""

    def __init__(self) -> None:
        association = factories.association()
        change_association(association, None, divisor=1, floor=0, cap=MOST)
        self.meeting: Meeting = factories.meeting()
        self.members: list[Member] = []
        person = factories.person("iedereen")
        self.voter: Actor = factories.get_actor(person.id)

    def member(self, number: int, weight: int) -> Member:
        """The member of a number, who weighs so much now."""
        while len(self.members) <= number:
            made = factories.member(len(self.members))
            db.session.add(
                Mandate(meeting_id=self.meeting.id, member_id=made.id, person_id=self.voter.id, since=db.now())
            )
            self.members.append(made)
        found = self.members[number]
        found.population, found.valid_until = weight, None
        return found

    def gather(self, case: Case) -> tuple[dict[str, Choice], list[uuid.UUID]]:
        """The register of a case; who chooses what, and who is present without voting."""
        groups: list[tuple[Choice | None, bool, Totals]] = [
            (choice, False, Totals(case.sums.weight[choice], case.sums.members[choice])) for choice in Choice
        ]
        cast_, there = case.sums.cast, case.hall.present if case.rule.needs_attendance else case.sums.cast
        groups.append((None, True, Totals(there.weight - cast_.weight, there.members - cast_.members)))
        everybody = case.hall.electorate
        groups.append((None, False, Totals(everybody.weight - there.weight, everybody.members - there.members)))
        choices, present, number = {}, [], 0
        for choice, here, size in groups:
            assert (size.members > 0) or size.weight == 0, "votes without members"
            for n in range(size.members):
                made = self.member(number, size.weight if n == 0 else 0)
                number += 1
                if choice:
                    choices[made.code] = choice
                elif here:
                    present.append(made.id)
        for gone in self.members[number:]:
            gone.valid_from, gone.valid_until = date(2000, 1, 1), date(2001, 1, 1)
        db.session.flush()
        return choices, present


def count(hall: Hall, case: Case, code: str) -> Round:
    """Put it to the vote."""
    with db.transaction():
        hall.members = [db.session.merge(one) for one in hall.members]
        choices, present = hall.gather(case)
        proposal = factories.proposal(db.session.merge(hall.meeting), "# Vraag\n\nTekst.\n", code, ProposalKind.MOTION)
        (made,) = prepare(proposal, None)
        made.rule = case.rule.to_data()
        open_rounds([made.id], None)
        arrive(hall.meeting, present, None)
    for member, choice in list(choices.items())[:FEW]:
        with db.transaction(write=False):
            cast(hall.meeting.code, member, {made.id: choice.value}, uuid.uuid4(), hall.voter)
    by_hand(hall, made.id, list(choices.items())[FEW:])
    with db.transaction():
        close([made.id], None)
        leave(hall.meeting, present, None)  # who leaves after closing was there
        tally(made.id)
        publish([made.id], None)
    return made


def by_hand(hall: Hall, round_id: uuid.UUID, choices: list[tuple[str, Choice]]) -> None:
    """The ballots of a crowd, all at once."""
    known = {member.code: member for member in hall.members}
    with db.transaction():
        for code, choice in choices:
            db.session.add(
                Ballot(
                    round_id=round_id,
                    member_id=known[code].id,
                    version=1,
                    choice=choice,
                    weight=known[code].population,
                    advisory=False,
                    person_id=hall.voter.id,
                    cast_at=db.now(),
                    receipt=new_receipt(),
                    key=uuid.uuid4(),
                )
            )


@pytest.mark.parametrize("family", FAMILIES)
def test_the_whole_of_it_says_what_was_worked_out_by_hand(database: str, family: str) -> None:
    with db.transaction():
        hall = Hall()
    done = 0
    for number, case in enumerate(cases(family)):
        if case.most > MOST or not case.hall.electorate.members:
            continue
        made = count(hall, case, f"V{number}")
        with db.transaction(write=False):
            found = db.session.get_one(Round, made.id)
            shown = summary(found, "nl", with_ballots=False)
            data = as_json(shown, subject_of(found), found.meeting, "/", example=False)
        assert (shown.verdict, shown.rule) == (case.verdict, case.rule), case.name
        assert {o.key: (o.weight, o.members) for o in shown.options} == {
            choice.value: (case.sums.weight[choice], case.sums.members[choice]) for choice in Choice
        }, case.name
        assert data["verdict"] == case.verdict.value
        assert data["round"]["rule"] == case.rule.to_data()
        assert (shown.sentence or "").startswith(shown.verdict_word or "?")
        done += 1
    assert done >= len(cases(family)) - 5
