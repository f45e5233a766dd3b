"""A model beside the real thing: whatever people do in whatever order, the outcome is what a simple count would say.

The model knows members, who holds which mandate, and for each round its state, the roll at its opening and the last
choice of each member. It counts with fractions, in ten lines that share nothing with the product.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import factories
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.errors import Refused
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member, OfficeKind
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import service as rounds
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.summary import summary
from vng_alv.voting.tally import tally

#: Inhabitants of each member; the last one only advises.
REGISTER = (250_000, 40_500, 999, 70_000)
ADVISORY = 3
CHOICES = ("for", "against", "abstain")
NEXT: dict[str, set[str]] = {
    "draft": {"open", "annulled"}, "open": {"closed", "annulled"}, "closed": {"counted", "annulled"},
    "counted": {"published", "annulled"}, "published": {"annulled"}, "annulled": set(),
}  # fmt: skip
who = st.integers(0, len(REGISTER) - 1)


def weight(population: int) -> int:
    """The preset, said once more."""
    return max(1, min(75, population // 1000))


@dataclass
class Asked:
    """A round as the model knows it."""

    id: uuid.UUID
    state: str = "draft"
    roll: dict[int, int] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)

    def sums(self, *, advisory: bool = False) -> dict[str, int]:
        """Votes by choice."""
        found = dict.fromkeys(CHOICES, 0)
        for member, choice in self.last.items():
            if (member == ADVISORY) == advisory:
                found[choice] += self.roll[member]
        return found

    def verdict(self) -> str:
        """More than half of for and against."""
        votes = self.sums()
        base = votes["for"] + votes["against"]
        if not base:
            return "no_verdict"
        return "adopted" if Fraction(votes["for"], base) > Fraction(1, 2) else "rejected"


def done(act: Callable[[], object]) -> bool:
    """Whether it was not refused."""
    try:
        with db.transaction():
            act()
    except Refused:
        return False
    return True


class Assembly(RuleBasedStateMachine):
    """Everything that moves in a meeting."""

    town: "Town"

    @initialize()
    def begin(self) -> None:
        with db.transaction():
            self.meeting = factories.meeting(f"m{uuid.uuid4().hex[:8]}")
            for n, population in enumerate(REGISTER):
                db.session.get_one(Member, self.town.members[n]).population = population
        self.population = list(REGISTER)
        #: Which of the two people of a member holds its mandate.
        self.holder: dict[int, int] = {}
        self.asked: list[Asked] = []
        for member in range(len(REGISTER)):
            self.name(member, 0)
        self.prepare()
        self.go(self.asked[0], "open")

    # --- What people do

    @rule(member=who, person=st.integers(0, 1))
    def name(self, member: int, person: int) -> None:
        assert done(lambda: meetings.give_mandate(self.here(), self.member(member), self.person(member, person), None))
        self.holder[member] = person

    @rule(member=who)
    def take_back(self, member: int) -> None:
        assert done(lambda: meetings.take_back(self.here(), self.member(member), None)) == (member in self.holder)
        self.holder.pop(member, None)

    @rule(member=who, population=st.sampled_from([0, 999, 1000, 74_999, 75_000, 500_000]))
    def grow(self, member: int, population: int) -> None:
        """The register changes: it has effect on what opens later."""
        with db.transaction():
            self.member(member).population = population
        self.population[member] = population

    @precondition(lambda self: len(self.asked) < 4)
    @rule()
    def prepare(self) -> None:
        with db.transaction():
            code = f"V{len(self.asked)}"
            text = factories.proposal(self.here(), f"# {code}\n\nTekst.\n", code, ProposalKind.MOTION)
            (made,) = rounds.prepare(text, None)
        self.asked.append(Asked(made.id))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        """What usually comes next."""
        one = data.draw(st.sampled_from(self.asked))
        onward = NEXT[one.state] - {"annulled"}
        if onward:
            self.go(one, onward.copy().pop())

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), to=st.sampled_from(["open", "closed", "counted", "published", "annulled"]))
    def step(self, data: st.DataObject, to: str) -> None:
        """Whatever step, also one that cannot be taken now."""
        self.go(data.draw(st.sampled_from(self.asked)), to)

    def go(self, one: Asked, to: str) -> None:
        may = NEXT[one.state]
        acts: dict[str, Callable[[], Any]] = {
            "open": lambda: rounds.open_rounds([one.id], None),
            "closed": lambda: rounds.close([one.id], None),
            "counted": lambda: tally(one.id),
            "published": lambda: rounds.publish([one.id], None),
            "annulled": lambda: rounds.annul(db.session.get_one(Round, one.id), "fout", None),
        }
        assert done(acts[to]) == (to in may) or to == "counted"  # counting again does nothing
        if to not in may:
            return
        if to == "open":
            one.roll = {n: weight(population) for n, population in enumerate(self.population)}
        one.state = to

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), members=st.sets(who, min_size=1))
    def vote(self, data: st.DataObject, members: set[int]) -> None:
        """Some members cast, each in one or more rounds, by one of its two people: mostly the one who may."""
        for member in sorted(members):
            self.vote_of(data, member, data.draw(st.sampled_from([False, False, False, True])))

    def vote_of(self, data: st.DataObject, member: int, other: bool) -> None:
        choice = data.draw(st.sampled_from(CHOICES))
        person = (self.holder.get(member, 0) + other) % 2
        chosen = data.draw(st.lists(st.sampled_from(self.asked), min_size=1, unique_by=id))
        takes = [one for one in chosen if one.state == "open"] if self.holder.get(member) == person else []
        key = uuid.uuid4()
        for _ in range(data.draw(st.integers(1, 2))):  # the same form may come twice
            recorded = self.cast(member, person, {one.id: choice for one in chosen}, key)
            assert recorded == {one.id for one in takes}
        for one in takes:
            one.last[member] = choice

    def cast(self, member: int, person: int, choices: dict[uuid.UUID, str], key: uuid.UUID) -> set[uuid.UUID]:
        with db.transaction(write=False):
            code, actor = self.member(member).code, get_actor(self.town.people[member][person])
        try:
            with db.transaction(write=False):
                return set(cast(self.meeting.code, code, choices, key, actor).recorded)
        except Refused:
            return set()

    # --- What always holds

    @invariant()
    def outcomes_are_those_of_the_model(self) -> None:
        if not getattr(self, "asked", None):
            return
        with db.transaction(write=False):
            for one in self.asked:
                found = db.session.get_one(Round, one.id)
                shown = summary(found, "nl", with_ballots=False)
                assert shown.state == one.state
                if one.state != "published":
                    assert shown.verdict is None or one.state == "annulled"
                    continue
                assert {o.key: o.weight for o in shown.options} == one.sums()
                assert {o.key: o.weight for o in shown.advisory} in ({}, one.sums(advisory=True))
                assert shown.verdict == one.verdict()
                assert shown.turnout.weight == sum(one.sums().values())

    def teardown(self) -> None:
        """In the end all that was asked is pronounced, so that every example has outcomes."""
        for one in getattr(self, "asked", []):
            while onward := NEXT[one.state] - {"annulled"}:
                self.go(one, onward.copy().pop())
        self.outcomes_are_those_of_the_model()

    def here(self) -> Meeting:
        return db.session.merge(self.meeting)

    def member(self, number: int) -> Member:
        return db.session.get_one(Member, self.town.members[number])

    def person(self, member: int, number: int) -> Person:
        return db.session.get_one(Person, self.town.people[member][number])


@dataclass
class Town:
    """Members with two people each who may hold the mandate."""

    members: list[uuid.UUID]
    people: list[list[uuid.UUID]]


@pytest.fixture
def town(database: str) -> Town:
    with db.transaction():
        factories.association()
        members = [factories.member(n, p, advisory=n - 1 == ADVISORY) for n, p in enumerate(REGISTER, 1)]
        people = [
            [
                factories.clerk(m, f"p{m.code}-{k}".lower(), kind).id
                for k, kind in enumerate((OfficeKind.CLERK, OfficeKind.MAYOR))
            ]
            for m in members
        ]
        return Town([m.id for m in members], people)


def test_whatever_people_do_the_outcome_is_that_of_a_simple_count(town: Town) -> None:
    machine = type("Here", (Assembly,), {"town": town})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
