"""Figures over several meetings: turnout, and who votes alike. In whole numbers (docs/rules.md §8.10).

What counts is given: final outcomes of votes that were counted, and neither secret ones nor rehearsals. Advisory
members decide nothing and are not in it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from vng_alv.domain.answering import Size, size_of
from vng_alv.domain.ballots import Choice, is_plain, votes_of
from vng_alv.domain.majority import Verdict, share

#: The side on which an outcome is.
_SIDES = {Verdict.ADOPTED: Choice.FOR, Verdict.REJECTED: Choice.AGAINST}
_OPPOSED = (Choice.FOR, Choice.AGAINST)


@dataclass(frozen=True)
class MemberVote:
    """A member on the roll of a round, as it was then, with its ballot (``domain.ballots``) or None."""

    code: str
    name: str
    province: str
    population: int
    weight: int
    ballot: str | None


@dataclass(frozen=True)
class Vote:
    """A round that counts: of which meeting, what came out, whether it is a choice of for and against, and its roll."""

    meeting: str
    verdict: Verdict
    plain: bool
    roll: Sequence[MemberVote]


@dataclass(frozen=True)
class Part:
    """So much of so much. ``share`` is that in percent with two decimals ('54.70'), None of nothing."""

    part: int = 0
    whole: int = 0

    @property
    def share(self) -> str | None:
        """The same as text."""
        return share(self.part, self.whole)

    def __add__(self, other: "Part") -> "Part":
        return Part(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True)
class Turnout:
    """Who voted, of all who could: over several rounds, each member in each round once."""

    members: Part = Part()
    votes: Part = Part()

    def __add__(self, other: "Turnout") -> "Turnout":
        return Turnout(self.members + other.members, self.votes + other.votes)


@dataclass(frozen=True)
class MeetingFigures:
    """The rounds of a meeting: how many, of which adopted and rejected; the others had another outcome."""

    rounds: int = 0
    adopted: int = 0
    rejected: int = 0
    turnout: Turnout = Turnout()

    @property
    def other(self) -> int:
        """Those that chose among options, or came to no decision."""
        return self.rounds - self.adopted - self.rejected


@dataclass(frozen=True)
class MemberFigures:
    """A member by its newest name and province: in how many rounds it voted for or against and was with the outcome,
    and in how many it voted at all."""

    code: str
    name: str
    province: str
    with_outcome: Part
    voted: Part


#: Of two groups, in how many rounds their majorities agreed, of those in which both had one.
Pairs = Mapping[tuple[str, str], Part]


@dataclass(frozen=True)
class Figures:
    """All of it. Meetings by code; provinces by name; sizes as ``answering.Size``; members by name."""

    meetings: Mapping[str, MeetingFigures] = field(default_factory=dict)
    provinces: Mapping[str, Turnout] = field(default_factory=dict)
    sizes: Mapping[str, Turnout] = field(default_factory=dict)
    alike_provinces: Pairs = field(default_factory=dict)
    alike_sizes: Pairs = field(default_factory=dict)
    members: Sequence[MemberFigures] = ()


def figures(votes: Sequence[Vote]) -> Figures:
    """The figures over these rounds, oldest first."""
    by_size = _turnouts(votes, _size)
    provinces = dict(sorted(_turnouts(votes, _province).items()))
    sizes: dict[str, Turnout] = {size: by_size[size] for size in Size if size in by_size}
    return Figures(
        _meetings(votes),
        provinces,
        sizes,
        _alike(votes, _province, list(provinces)),
        _alike(votes, _size, list(sizes)),
        _members(votes),
    )


def majority_of(roll: Iterable[MemberVote]) -> Choice | None:
    """The side that most votes of these members are on, of for and against; None where as many are on both."""
    sums: Counter[str] = Counter()
    for one in roll:
        if one.ballot and is_plain(one.ballot):
            sums[one.ballot] += one.weight
        elif one.ballot:
            sums.update(dict(votes_of(one.ballot, one.weight)))
    for_, against = (sums[side.value] for side in _OPPOSED)
    return None if for_ == against else Choice.FOR if for_ > against else Choice.AGAINST


def _province(one: MemberVote) -> str:
    return one.province


def _size(one: MemberVote) -> str:
    return size_of(one.population)


def _turnout(roll: Iterable[MemberVote]) -> Turnout:
    members = voted = votes = weight = 0
    for one in roll:
        members, votes = members + 1, votes + one.weight
        if one.ballot:
            voted, weight = voted + 1, weight + one.weight
    return Turnout(Part(voted, members), Part(weight, votes))


def _meetings(votes: Iterable[Vote]) -> dict[str, MeetingFigures]:
    found: dict[str, MeetingFigures] = {}
    for vote in votes:
        before = found.get(vote.meeting, MeetingFigures())
        found[vote.meeting] = MeetingFigures(
            before.rounds + 1,
            before.adopted + (vote.verdict is Verdict.ADOPTED),
            before.rejected + (vote.verdict is Verdict.REJECTED),
            before.turnout + _turnout(vote.roll),
        )
    return found


def _groups(roll: Iterable[MemberVote], group: Callable[[MemberVote], str]) -> dict[str, list[MemberVote]]:
    found: dict[str, list[MemberVote]] = defaultdict(list)
    for one in roll:
        found[group(one)].append(one)
    return found


def _turnouts(votes: Iterable[Vote], group: Callable[[MemberVote], str]) -> dict[str, Turnout]:
    found: dict[str, Turnout] = {}
    for vote in votes:
        for key, roll in _groups(vote.roll, group).items():
            found[key] = found.get(key, Turnout()) + _turnout(roll)
    return found


def _alike(votes: Iterable[Vote], group: Callable[[MemberVote], str], order: Sequence[str]) -> Pairs:
    found = dict.fromkeys(combinations(order, 2), Part())
    for vote in votes:
        if vote.plain:
            sides = {key: majority_of(roll) for key, roll in _groups(vote.roll, group).items()}
            for one, other in found:
                first, second = sides.get(one), sides.get(other)
                if first and second:
                    found[one, other] += Part(first is second, 1)
    return found


def _members(votes: Iterable[Vote]) -> tuple[MemberFigures, ...]:
    newest: dict[str, MemberVote] = {}
    #: By code: with the outcome, for or against where there was one, voted, on the roll.
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for vote in votes:
        side = _SIDES.get(vote.verdict) if vote.plain else None
        for one in vote.roll:
            newest[one.code], mine = one, sums[one.code]
            mine[2] += one.ballot is not None
            mine[3] += 1
            if side and one.ballot in _OPPOSED:
                mine[0] += one.ballot == side
                mine[1] += 1
    found = [
        MemberFigures(code, one.name, one.province, Part(*sums[code][:2]), Part(*sums[code][2:]))
        for code, one in newest.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.code)))
