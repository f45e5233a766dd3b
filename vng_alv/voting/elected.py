"""What a question with options came to, from its stored sums (docs/rules.md §5.11)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vng_alv.domain.majority import Hall, Totals, Verdict
from vng_alv.domain.option_sentences import bare_sentence, outcome_lines, outcome_sentence
from vng_alv.domain.options import OptionRule, OptionSums, Outcome, drawn, elect
from vng_alv.voting.models import Lot, Result, Round


@dataclass(frozen=True)
class Elected:
    """An outcome with the sums and the titles that it is told with; the verdict is the stored one."""

    outcome: Outcome
    sums: OptionSums
    advisory: OptionSums
    rule: OptionRule
    titles: Mapping[str, str]
    #: What lots decided, if they were drawn.
    lots: tuple[str, ...] | None
    #: Whether there is no more than the outcome: the sums of a secret round would tell who chose what.
    bare: bool = False

    @property
    def chosen(self) -> tuple[str, ...]:
        """Who is chosen by votes, and by lots if they were drawn."""
        return (drawn(self.outcome, self.lots) if self.lots else None) or self.outcome.elected

    def sentence(self, locale: str) -> str:
        """The outcome in one sentence."""
        if self.bare:
            return bare_sentence(self.outcome, self.titles, locale, self.lots)
        return outcome_sentence(self.outcome, self.sums, self.rule, self.titles, locale, self.lots)

    def lines(self, locale: str) -> list[str]:
        """The arithmetic, step by step."""
        if self.bare:
            return []
        return outcome_lines(self.outcome, self.sums, self.rule, self.titles, locale)


def outcome_of(found: Round, result: Result, rule: OptionRule, lot: Lot | None = None) -> Elected:
    """The outcome behind a stored result; ``lot`` is what was drawn for it."""
    lots = tuple(lot.drawn) if lot else None
    if result.withheld:
        return _bare(found, result, rule, lots)
    sums, advisory = _sums(result.options or {}), _sums(result.advisory)
    hall = Hall(
        Totals(result.electorate_weight, result.electorate_members),
        Totals(result.present_weight or 0, result.present_members or 0),
    )
    outcome = replace(elect(sums, hall, rule), verdict=Verdict(result.verdict))
    return Elected(outcome, sums, advisory, rule, found.titles, lots)


def _bare(found: Round, result: Result, rule: OptionRule, lots: tuple[str, ...] | None) -> Elected:
    kept = (result.options or {})["outcome"]
    outcome = Outcome(
        Verdict(result.verdict),
        0,
        tuple(kept["elected"]),
        tuple(kept["ahead"]),
        tuple(kept["even"]),
        kept["left"],
    )
    nothing = OptionSums({}, {}, Totals())
    return Elected(outcome, nothing, nothing, rule, found.titles, lots, bare=True)


def _sums(data: Mapping[str, Any]) -> OptionSums:
    return OptionSums(dict(data["weight"]), dict(data["members"]), Totals(**data["cast"]))
