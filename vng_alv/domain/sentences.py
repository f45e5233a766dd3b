"""A verdict in words, with its arithmetic; one text for page, mail, export and screen (docs/rules.md, percentages)."""

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Base, Comparison, Rule, Verdict, share
from vng_alv.domain.numbers import grouped, percentage
from vng_alv.domain.tally import Count

_FRACTIONS = {
    "nl": {(1, 2): "de helft", (2, 3): "twee derde", (3, 4): "drie vierde", (4, 5): "vier vijfde"},
    "en": {(1, 2): "half", (2, 3): "two thirds", (3, 4): "three quarters", (4, 5): "four fifths"},
}
_BASES = {
    "nl": {
        Base.FOR_AGAINST: "stemmen voor en tegen",
        Base.VALID: "uitgebrachte stemmen",
        Base.ELECTORATE: "stemmen van alle leden",
    },
    "en": {
        Base.FOR_AGAINST: "votes for and against",
        Base.VALID: "votes cast",
        Base.ELECTORATE: "votes of all members",
    },
}
_COMPARISONS = {
    "nl": {Comparison.MORE_THAN: "meer dan", Comparison.AT_LEAST: "ten minste"},
    "en": {Comparison.MORE_THAN: "more than", Comparison.AT_LEAST: "at least"},
}
_VERDICTS = {
    "nl": {Verdict.ADOPTED: "Aangenomen", Verdict.REJECTED: "Verworpen", Verdict.NO_VERDICT: "Geen uitslag"},
    "en": {Verdict.ADOPTED: "Adopted", Verdict.REJECTED: "Rejected", Verdict.NO_VERDICT: "No outcome"},
}
_CHOICES = {
    "nl": {Choice.FOR: "voor", Choice.AGAINST: "tegen", Choice.ABSTAIN: "onthouding"},
    "en": {Choice.FOR: "for", Choice.AGAINST: "against", Choice.ABSTAIN: "abstention"},
}


def _tongue(locale: str) -> str:
    return "en" if locale == "en" else "nl"


def verdict_word(verdict: Verdict, locale: str) -> str:
    """'Aangenomen', 'Verworpen' or 'Geen uitslag', or the same in English."""
    return _VERDICTS[_tongue(locale)][verdict]


def choice_word(choice: Choice, locale: str) -> str:
    """'voor', 'tegen' or 'onthouding', or the same in English."""
    return _CHOICES[_tongue(locale)][choice]


def threshold(rule: Rule, locale: str) -> str:
    """What is needed, in words: 'meer dan de helft van de stemmen voor en tegen'."""
    t = _tongue(locale)
    part = _FRACTIONS[t].get((rule.numerator, rule.denominator), f"{rule.numerator}/{rule.denominator}")
    of = " van de " if t == "nl" else " of the "
    return _COMPARISONS[t][rule.comparison] + " " + part + of + _BASES[t][rule.base]


def verdict_sentence(count: Count, rule: Rule, locale: str) -> str:
    """The outcome in one sentence, with the sum that leads to it. Percentages say of what, and for which side."""
    t, sum_ = _tongue(locale), count.arithmetic
    word = verdict_word(sum_.verdict, t)
    if sum_.verdict is Verdict.NO_VERDICT:
        nothing = {
            "nl": f"{word}: er zijn geen {_BASES['nl'][rule.base]}.",
            "en": f"{word}: there are no {_BASES['en'][rule.base]}.",
        }
        return nothing[t]
    part = percentage(share(sum_.votes_for, sum_.base) or "", t)
    votes, base = grouped(sum_.votes_for, t), grouped(sum_.base, t)
    if t == "nl":
        return f"{word} met {part} voor: {votes} van de {base} {_BASES[t][rule.base]}. Nodig was {threshold(rule, t)}."
    return f"{word} with {part} for: {votes} of the {base} {_BASES[t][rule.base]}. Needed: {threshold(rule, t)}."


def arithmetic_lines(count: Count, rule: Rule, locale: str) -> list[str]:
    """The sum step by step, each a line that a reader can redo."""
    t, sums, sum_ = _tongue(locale), count.sums.weight, count.arithmetic

    def g(number: int) -> str:
        return grouped(number, t)

    votes = {choice: g(sums[choice]) for choice in Choice}
    signs = {Comparison.MORE_THAN: ">", Comparison.AT_LEAST: "≥"}
    left, right = sum_.votes_for * rule.denominator, sum_.base * rule.numerator
    reached = sum_.verdict is Verdict.ADOPTED
    if t == "nl":
        lines = [
            f"Voor {votes[Choice.FOR]}, tegen {votes[Choice.AGAINST]}, onthouding {votes[Choice.ABSTAIN]} stemmen.",
            f"De grondslag is {g(sum_.base)}: de {_BASES[t][rule.base]}.",
            f"Nodig: {threshold(rule, t)}.",
        ]
        outside = f"De {votes[Choice.ABSTAIN]} stemmen onthouding tellen niet mee in de grondslag."
        test = f"{g(sum_.votes_for)} × {rule.denominator} = {g(left)}; {g(sum_.base)} × {rule.numerator} = {g(right)}."
        end = f"{g(left)} {signs[rule.comparison]} {g(right)} {'klopt' if reached else 'klopt niet'}."
    else:
        lines = [
            f"For {votes[Choice.FOR]}, against {votes[Choice.AGAINST]}, abstentions {votes[Choice.ABSTAIN]} votes.",
            f"The base is {g(sum_.base)}: the {_BASES[t][rule.base]}.",
            f"Needed: {threshold(rule, t)}.",
        ]
        outside = f"The {votes[Choice.ABSTAIN]} abstentions are not part of the base."
        test = f"{g(sum_.votes_for)} × {rule.denominator} = {g(left)}; {g(sum_.base)} × {rule.numerator} = {g(right)}."
        end = f"{g(left)} {signs[rule.comparison]} {g(right)} {'holds' if reached else 'does not hold'}."
    if rule.base is Base.FOR_AGAINST and sums[Choice.ABSTAIN]:
        lines.insert(2, outside)
    if sum_.verdict is not Verdict.NO_VERDICT:
        lines += [test, end]
    return [*lines, verdict_word(sum_.verdict, t) + "."]
