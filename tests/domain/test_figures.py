"""Figures over several meetings are exact (docs/rules.md §8.10)."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.answering import Size
from vng_alv.domain.ballots import Choice
from vng_alv.domain.figures import Figures, MemberVote, Part, Turnout, Vote, figures, majority_of
from vng_alv.domain.majority import Verdict

#: name: province, inhabitants, votes.
MEMBERS = {
    "A": ("Drenthe", 15_000, 15), "B": ("Drenthe", 60_000, 60), "C": ("Fryslân", 30_000, 30),
    "D": ("Utrecht", 120_000, 75), "E": ("Utrecht", 70_000, 70),
}  # fmt: skip


def vote(verdict: Verdict, *, meeting: str = "alv", plain: bool = True, **ballots: str | None) -> Vote:
    """A round in which these members were on the roll."""
    return Vote(meeting, verdict, plain, [MemberVote(k, k, *MEMBERS[k], ballot) for k, ballot in ballots.items()])


def example() -> Figures:
    """Worked out by hand below."""
    return figures([
        vote(Verdict.ADOPTED, A="for", B="against", C="for", D="for", E=None),
        vote(Verdict.REJECTED, A="against", B="against", C="for", D="for:5+against:70", E="abstain"),
        vote(Verdict.CHOSEN, meeting="later", plain=False, A="1", B="2", C=None, D=None, E=None),
        vote(Verdict.NO_QUORUM, meeting="later", A="for", B=None, C=None, D=None, E="for"),
    ])  # fmt: skip


def test_meetings_and_their_turnout() -> None:
    found = example().meetings
    first, later = found["alv"], found["later"]
    assert (first.rounds, first.adopted, first.rejected, first.other) == (2, 1, 1, 0)
    assert first.turnout == Turnout(Part(9, 10), Part(180 + 250, 500))
    assert (later.rounds, later.adopted, later.rejected, later.other) == (2, 0, 0, 2)
    assert later.turnout == Turnout(Part(4, 10), Part(75 + 85, 500))
    assert first.turnout.votes.share == "86.00"


def test_groups_and_their_turnout() -> None:
    found = example()
    assert found.provinces == {
        "Drenthe": Turnout(Part(7, 8), Part(75 + 75 + 75 + 15, 300)),
        "Fryslân": Turnout(Part(2, 4), Part(60, 120)),
        "Utrecht": Turnout(Part(4, 8), Part(75 + 145 + 70, 580)),
    }
    assert list(found.sizes) == [Size.SMALL, Size.MEDIUM, Size.LARGE, Size.CITY]
    assert found.sizes[Size.LARGE] == Turnout(Part(5, 8), Part(60 + 130 + 60 + 70, 520))


def test_who_votes_alike() -> None:
    found = example()
    # Drenthe: against, against, no choice of for and against, for. Fryslân: for, for, -, none. Utrecht: for, against,
    # -, for; in the second a member divided its votes and another abstained.
    assert found.alike_provinces == {
        ("Drenthe", "Fryslân"): Part(0, 2),
        ("Drenthe", "Utrecht"): Part(2, 3),
        ("Fryslân", "Utrecht"): Part(1, 2),
    }
    assert found.alike_sizes["small", "large"] == Part(2, 3)


def test_members_and_the_outcome() -> None:
    # What had no outcome of for or against, what was divided, and what was not cast tells nothing.
    found = {one.code: (one.with_outcome, one.voted) for one in example().members}
    assert found == {
        "A": (Part(2, 2), Part(4, 4)),
        "B": (Part(1, 2), Part(3, 4)),
        "C": (Part(1, 2), Part(2, 4)),
        "D": (Part(1, 1), Part(2, 4)),
        "E": (Part(0, 0), Part(2, 4)),
    }
    assert Part(0, 0).share is None


def test_of_nothing_there_is_nothing() -> None:
    assert figures([]) == Figures()
    assert majority_of([]) is None


ROLLS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from([None, "for", "against", "abstain"]) for name in MEMBERS}), max_size=6
)


@given(ROLLS, st.sampled_from([Verdict.ADOPTED, Verdict.REJECTED]))
def test_each_is_the_sum_of_its_parts(rounds: list[dict[str, str | None]], verdict: Verdict) -> None:
    found = figures([vote(verdict, **ballots) for ballots in rounds])
    whole = sum((one.turnout for one in found.meetings.values()), Turnout())
    for groups in (found.provinces, found.sizes):
        assert sum(groups.values(), Turnout()) == whole
    assert sum(one.voted.part for one in found.members) == whole.members.part
    right = {"for": verdict is Verdict.ADOPTED, "against": verdict is Verdict.REJECTED}
    assert sum(one.with_outcome.part for one in found.members) == sum(
        right.get(str(ballot), False) for ballots in rounds for ballot in ballots.values()
    )
    for pair in (*found.alike_provinces.values(), *found.alike_sizes.values()):
        assert 0 <= pair.part <= pair.whole <= len(rounds)
        if pair.whole:
            assert abs(Fraction(str(pair.share)) - Fraction(100 * pair.part, pair.whole)) <= Fraction(1, 200)


@given(st.permutations(sorted(MEMBERS)), st.sampled_from([Choice.FOR, Choice.AGAINST]))
def test_the_majority_is_of_votes_and_not_of_members(order: list[str], side: Choice) -> None:
    other = Choice.AGAINST if side is Choice.FOR else Choice.FOR
    roll = vote(Verdict.ADOPTED, **{k: side if k == "D" else other if k in "AC" else None for k in order}).roll
    assert majority_of(roll) is side  # 75 to 45
    assert majority_of([one for one in roll if one.code != "D"]) is other
