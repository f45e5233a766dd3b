"""What other rules would have made of the same votes (docs/rules.md §8.11)."""

import pytest

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import SIMPLE, TWO_THIRDS, Hall, Rule, Sums, Totals, Verdict, decide
from vng_alv.domain.what_if import BY_MEMBERS, OTHERS, what_if


def votes(weight: tuple[int, int, int], members: tuple[int, int, int], divided: int = 0) -> tuple[Sums, Hall]:
    """Sums of for, against and abstained, all of the electorate."""
    sums = Sums(dict(zip(Choice, weight, strict=True)), dict(zip(Choice, members, strict=True)), divided)
    return sums, Hall(sums.cast, Totals())


def verdicts(sums: Sums, hall: Hall, rule: Rule) -> dict[Rule, Verdict]:
    return {one.rule: one.verdict for one in what_if(sums, hall, rule)}


def test_a_large_member_against_many_small_ones() -> None:
    found = verdicts(*votes((75, 40, 0), (1, 4, 0)), SIMPLE)
    assert SIMPLE not in found  # that is the verdict itself
    assert found[BY_MEMBERS] is Verdict.REJECTED  # 1 of 5
    assert found[TWO_THIRDS] is Verdict.REJECTED  # 75 x 3 = 225 < 115 x 2 = 230
    assert list(found.values()).count(Verdict.ADOPTED) == 1  # 75 x 2 > 115: more than half of all votes


@pytest.mark.parametrize("rule", OTHERS)
def test_each_is_what_that_rule_says_itself(rule: Rule) -> None:
    sums, hall = votes((60, 30, 25), (3, 2, 1))
    assert verdicts(sums, hall, rule) == {one: decide(sums, hall, one).verdict for one in OTHERS if one != rule}


def test_nothing_is_said_by_members_where_one_divided_its_votes() -> None:
    sums, hall = votes((60, 30, 0), (1, 1, 0), divided=1)
    assert not any(one.counts_members for one in verdicts(sums, hall, TWO_THIRDS))
