"""What is put into the two envelopes of a secret ballot, and what of its sums may be told (docs/rules.md §11).

The text in an envelope is as long as in any other one, so that its size tells nothing. It names its round, so that what
was sealed for one round says nothing in another.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from vng_alv.domain.ballots import Paper, is_written, may_say

#: The name of what is sealed; another content gets another name.
FORMAT = "alv-ballot-1"
#: Bytes in the inner envelope, and in the outer one: room for any ballot, and for the inner envelope in base64.
INNER, OUTER = 512, 2_048
#: Fewer members than this on one side of a count, and its sums say what each of them chose.
FEW_VOTERS = 5
#: So many ways to come to the same sums are looked at before only exchanges are.
MOST_STATES = 60_000

#: A ballot with what it gave to each of the sums, as a tuple of whole numbers.
Given = tuple[int, ...]


def padded(text: str, size: int) -> bytes:
    """``text`` (ASCII) with spaces up to ``size`` bytes. Raises ``ValueError`` for one that is too long."""
    if len(text) > size:
        raise ValueError("too long for its envelope")
    return text.ljust(size).encode("ascii")


def inner_text(round_id: uuid.UUID, ballot: str) -> bytes:
    """What is in the inner envelope of a ballot."""
    return padded(f"{FORMAT} {round_id} {ballot}", INNER)


def read_inner(content: bytes, round_id: uuid.UUID, paper: Paper, weight: int) -> str | None:
    """The ballot in an inner envelope, or None for what no member of this weight can say in this round."""
    try:
        form, of, ballot = content.decode("ascii").rstrip(" ").split(" ")
    except ValueError:
        return None
    if len(content) != INNER or (form, of) != (FORMAT, str(round_id)) or not is_written(ballot):
        return None
    return None if may_say(ballot, paper, weight) else ballot


# --- What the sums would tell


def revealing(ballots: Sequence[tuple[str, int]], *, members: bool) -> bool:
    """Whether somebody who knows the sums and every member's weight knows for certain what one of them chose.

    ``ballots`` are (ballot, weight) of all members that took part, and what is known is taken to be the sums of whole
    ballots: of who names several options less than that is told. With ``members`` the sums tell how many members chose
    each, beside their votes. Exact as long as the number of ways is bounded; beyond that a member is only called safe
    if its ballot can be exchanged for that of others with the same sums. Fewer than ``FEW_VOTERS`` always are too few.
    Nobody is nothing to reveal.
    """
    if not ballots:
        return False
    if len(ballots) < FEW_VOTERS:
        return True
    certain = _certain(ballots, members=members)
    return _unexchanged(ballots, members=members) if certain is None else certain


def rare_weights(weights: Sequence[int]) -> list[int]:
    """The weights that fewer members than ``FEW_VOTERS`` have, the heaviest first."""
    found = Counter(weights)
    return sorted((weight for weight, number in found.items() if number < FEW_VOTERS), reverse=True)


def _certain(ballots: Sequence[tuple[str, int]], *, members: bool) -> bool | None:
    """Whether in all ways to come to these sums some member chose the same; None when there are too many to look at.

    A ballot is one of those that occur: what nobody chose has no votes, so everybody knows that nobody did.
    """
    kinds = sorted({ballot for ballot, _ in ballots})
    weights = sorted(weight for _, weight in ballots)

    def plus(state: Given, at: int, weight: int) -> Given:
        more = list(state)
        more[at] += weight
        if members:
            more[len(kinds) + at] += 1
        return tuple(more)

    goal: Given = (0,) * (len(kinds) * (2 if members else 1))
    for ballot, weight in ballots:
        goal = plus(goal, kinds.index(ballot), weight)
    # Forwards: which sums the members up to each one can have; then backwards: from which of them the goal is reached.
    ahead = [{(0,) * len(goal)}]
    for weight in weights:
        after = {plus(state, at, weight) for state in ahead[-1] for at in range(len(kinds))}
        ahead.append({state for state in after if all(a <= b for a, b in zip(state, goal, strict=True))})
        if sum(map(len, ahead)) > MOST_STATES:
            return None
    left = {goal}
    for weight, before in zip(reversed(weights), reversed(ahead[:-1]), strict=True):
        ways = [{state for state in before if plus(state, at, weight) in left} for at in range(len(kinds))]
        if sum(map(bool, ways)) == 1:
            return True
        left = set().union(*ways)
    return False


def _unexchanged(ballots: Sequence[tuple[str, int]], *, members: bool) -> bool:
    """Whether there is a member whose ballot cannot be exchanged, alone or in a pair, for others with the same sums."""
    by: dict[str, Counter[int]] = {}
    for ballot, weight in ballots:
        by.setdefault(ballot, Counter())[weight] += 1
    pairs = {ballot: _pairs(of) for ballot, of in by.items()}
    sums = {ballot: _subsets(of) for ballot, of in by.items()} if not members else {}
    for ballot, of in by.items():
        others = [one for one in by if one != ballot]
        for weight, number in of.items():
            beside = [one for one in of if one != weight or number > 1]
            if not any(
                weight in by[one]
                or (not members and sums[one] >> weight & 1)
                or not pairs[one].isdisjoint(weight + other for other in beside)
                for one in others
            ):
                return True
    return False


def _pairs(of: Mapping[int, int]) -> set[int]:
    """What two of these members weigh together."""
    return {one + other for one, number in of.items() for other in of if one < other or (one == other and number > 1)}


def _subsets(of: Mapping[int, int]) -> int:
    """What some of these members weigh together, as bits."""
    found = 1
    for weight, number in of.items():
        for _ in range(number):
            found |= found << weight
    return found
