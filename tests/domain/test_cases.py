"""The worked cases through the domain: the verdict, and the rule in words (docs/rules.md §5, §6)."""

import re

import pytest

from tests.domain.cases import FAMILIES, Case, cases
from vng_alv.domain.majority import Verdict, decide
from vng_alv.domain.rulebook import faults
from vng_alv.domain.sentences import arithmetic_lines, threshold, verdict_sentence, verdict_word
from vng_alv.domain.tally import Count

EVERY = [case for family in FAMILIES for case in cases(family)]


def test_there_are_many() -> None:
    assert len(EVERY) >= 200
    assert {case.verdict for case in EVERY} == set(Verdict) - {Verdict.CHOSEN, Verdict.RUN_OFF, Verdict.LOTS}


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_the_verdict_is_the_one_worked_out_by_hand(case: Case) -> None:
    found = decide(case.sums, case.hall, case.rule)
    assert found.verdict is case.verdict
    assert faults(case.rule) == []
    counted = Count(case.sums, case.sums, case.hall, found)
    for tongue in ("nl", "en"):
        assert threshold(case.rule, tongue) == case.words[tongue]
        sentence = verdict_sentence(counted, case.rule, tongue)
        assert sentence.startswith(verdict_word(case.verdict, tongue))
        assert arithmetic_lines(counted, case.rule, tongue)[-1] == verdict_word(case.verdict, tongue) + "."


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_every_line_of_arithmetic_can_be_redone(case: Case) -> None:
    """A reader who multiplies and compares what the lines say finds what they say."""
    counted = Count(case.sums, case.sums, case.hall, decide(case.sums, case.hall, case.rule))
    for line in arithmetic_lines(counted, case.rule, "en"):
        for left, right, product in re.findall(r"([\d,]+) × (\d+) = ([\d,]+)", line):
            assert int(left.replace(",", "")) * int(right) == int(product.replace(",", ""))
        for left, sign, right, says in re.findall(r"([\d,]+) ([>≥]) ([\d,]+) (holds|does not hold)", line):
            one, other = int(left.replace(",", "")), int(right.replace(",", ""))
            assert ((one > other) if sign == ">" else (one >= other)) == (says == "holds")
