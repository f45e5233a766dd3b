"""Verdicts worked out by hand, one file for each family of rules: the rule in words, the sums, the verdict."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Hall, Rule, Sums, Totals, Verdict

FOLDER = Path(__file__).parent / "cases"
FAMILIES = ("simple", "two_thirds", "fractions", "bases", "members", "double", "ties", "quorum")


@dataclass(frozen=True)
class Case:
    """One count: who chose what, of which electorate, and what has to come out."""

    name: str
    rule: Rule
    words: dict[str, str]
    sums: Sums
    hall: Hall
    verdict: Verdict

    @property
    def most(self) -> int:
        """The largest number of votes in it."""
        return self.hall.electorate.weight


def _totals(data: dict[str, Any]) -> Totals:
    return Totals(data["votes"], data["members"])


def cases(family: str) -> list[Case]:
    """The cases of a family. Nobody present is said where no rule asks it."""
    found = []
    for number, data in enumerate(json.loads((FOLDER / f"{family}.json").read_text()), 1):
        rule = Rule.from_data(data["rule"])
        sums = Sums(
            {choice: data[choice.value] for choice in Choice},
            {choice: data["members"][choice.value] for choice in Choice},
        )
        present = _totals(data["present"]) if "present" in data else Totals()
        found.append(
            Case(
                f"{family} {number}: {data.get('sum', '')}",
                rule,
                {tongue: data[tongue] for tongue in ("nl", "en")},
                sums,
                Hall(_totals(data["electorate"]), present),
                Verdict(data["verdict"]),
            )
        )
    return found
