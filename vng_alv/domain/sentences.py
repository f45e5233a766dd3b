"""Rules and verdicts in words, with the arithmetic; one text for page, mail, export and screen (docs/rules.md §7)."""

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import (
    Base,
    Comparison,
    Measure,
    Quorum,
    Rule,
    Step,
    Sums,
    Taking,
    Threshold,
    Tie,
    Verdict,
    share,
)
from vng_alv.domain.numbers import grouped, percentage
from vng_alv.domain.tally import Count

_FRACTIONS = {
    "nl": {(1, 1): "alle", (1, 2): "de helft", (2, 3): "twee derde", (3, 4): "drie vierde", (4, 5): "vier vijfde"},
    "en": {(1, 1): "all", (1, 2): "half", (2, 3): "two thirds", (3, 4): "three quarters", (4, 5): "four fifths"},
}
_VOTES = {
    "nl": {
        Base.FOR_AGAINST: "stemmen voor en tegen",
        Base.VALID: "uitgebrachte stemmen",
        Base.PRESENT: "stemmen van de aanwezige leden",
        Base.ELECTORATE: "stemmen van alle leden",
    },
    "en": {
        Base.FOR_AGAINST: "votes for and against",
        Base.VALID: "votes cast",
        Base.PRESENT: "votes of the members present",
        Base.ELECTORATE: "votes of all members",
    },
}
_MEMBERS = {
    "nl": {
        Base.FOR_AGAINST: "leden die voor of tegen stemden",
        Base.VALID: "leden die stemden",
        Base.PRESENT: "aanwezige leden",
        Base.ELECTORATE: "leden",
    },
    "en": {
        Base.FOR_AGAINST: "members that voted for or against",
        Base.VALID: "members that voted",
        Base.PRESENT: "members present",
        Base.ELECTORATE: "members",
    },
}
_COMPARISONS = {
    "nl": {Comparison.MORE_THAN: "meer dan", Comparison.AT_LEAST: "ten minste"},
    "en": {Comparison.MORE_THAN: "more than", Comparison.AT_LEAST: "at least"},
}
_SIGNS = {Comparison.MORE_THAN: ">", Comparison.AT_LEAST: "≥"}
_VERDICTS = {
    "nl": {
        Verdict.ADOPTED: "Aangenomen",
        Verdict.REJECTED: "Verworpen",
        Verdict.TIED: "Gestaakt",
        Verdict.CHOSEN: "Gekozen",
        Verdict.RUN_OFF: "Herstemming nodig",
        Verdict.LOTS: "Het lot beslist",
        Verdict.NO_QUORUM: "Quorum niet gehaald",
        Verdict.NO_VERDICT: "Geen uitslag",
    },
    "en": {
        Verdict.ADOPTED: "Adopted",
        Verdict.REJECTED: "Rejected",
        Verdict.TIED: "Tied",
        Verdict.CHOSEN: "Chosen",
        Verdict.RUN_OFF: "Run-off needed",
        Verdict.LOTS: "Lots decide",
        Verdict.NO_QUORUM: "No quorum",
        Verdict.NO_VERDICT: "No outcome",
    },
}
_CHOICES = {
    "nl": {Choice.FOR: "voor", Choice.AGAINST: "tegen", Choice.ABSTAIN: "onthouding"},
    "en": {Choice.FOR: "for", Choice.AGAINST: "against", Choice.ABSTAIN: "abstention"},
}
#: The end of a quorum, by what is counted and who counts.
_TAKING = {
    "nl": {
        (Measure.WEIGHT, Taking.VOTED): "is uitgebracht",
        (Measure.MEMBERS, Taking.VOTED): "heeft gestemd",
        (Measure.WEIGHT, Taking.PRESENT): "is aanwezig",
        (Measure.MEMBERS, Taking.PRESENT): "is aanwezig",
    },
    "en": {
        (Measure.WEIGHT, Taking.VOTED): "cast",
        (Measure.MEMBERS, Taking.VOTED): "voting",
        (Measure.WEIGHT, Taking.PRESENT): "present",
        (Measure.MEMBERS, Taking.PRESENT): "present",
    },
}


def tongue(locale: str) -> str:
    """'nl' or 'en'."""
    return "en" if locale == "en" else "nl"


def verdict_word(verdict: Verdict, locale: str) -> str:
    """'Aangenomen', 'Verworpen', 'Gestaakt', 'Quorum niet gehaald' or 'Geen uitslag', or the same in English."""
    return _VERDICTS[tongue(locale)][verdict]


def choice_word(choice: Choice, locale: str) -> str:
    """'voor', 'tegen' or 'onthouding', or the same in English."""
    return _CHOICES[tongue(locale)][choice]


# --- Rules


def _needed(part: Threshold | Quorum, t: str) -> str:
    """'meer dan de helft', 'ten minste 3/5', 'alle'."""
    ratio = (part.numerator, part.denominator)
    words = _FRACTIONS[t].get(ratio, f"{part.numerator}/{part.denominator}")
    return words if ratio == (1, 1) else f"{_COMPARISONS[t][part.comparison]} {words}"


def _base(base: Base, measure: Measure, t: str) -> str:
    return (_VOTES if measure is Measure.WEIGHT else _MEMBERS)[t][base]


def _of(part: Threshold | Quorum, t: str) -> str:
    if t == "en":
        return f"{_needed(part, t)} of the {_base(part.base, part.measure, t)}"
    link = " " if (part.numerator, part.denominator) == (1, 1) else " van de "
    return f"{_needed(part, t)}{link}{_base(part.base, part.measure, t)}"


def quorum_words(quorum: Quorum, locale: str) -> str:
    """'ten minste de helft van de stemmen van alle leden is uitgebracht'."""
    t = tongue(locale)
    return f"{_of(quorum, t)} {_TAKING[t][quorum.measure, quorum.taking]}"


def threshold(rule: Rule, locale: str) -> str:
    """What is needed, in words: 'meer dan de helft van de stemmen voor en tegen', with a quorum and more if it has."""
    t = tongue(locale)
    text = (", en " if t == "nl" else ", and ").join(_of(one, t) for one in rule.thresholds)
    if rule.quorum:
        text += (", als " if t == "nl" else ", with ") + quorum_words(rule.quorum, t)
    if rule.tie is Tie.TIED:
        text += "; bij evenveel voor als tegen een nieuwe stemming" if t == "nl" else "; a new vote when the votes tie"
    return text


# --- Verdicts


def shares(count: Count, rule: Rule, locale: str) -> list[tuple[str, str]]:
    """For each threshold what is for, as a share and as what that is: ('54,70% voor', '7.112 van de 13.002 stemmen voor
    en tegen'); nothing may be a part of nothing here."""
    t = tongue(locale)
    return [_part(step, one, t) for step, one in zip(count.arithmetic.steps, rule.thresholds, strict=True)]


def _part(step: Step, part: Threshold, t: str) -> tuple[str, str]:
    got, votes, base = percentage(share(step.part, step.base) or "", t), grouped(step.part, t), grouped(step.base, t)
    words = _base(part.base, part.measure, t)
    return (f"{got} voor", f"{votes} van de {base} {words}") if t == "nl" else (
        f"{got} for", f"{votes} of the {base} {words}"
    )  # fmt: skip


def attended(step: Step, quorum: Quorum, locale: str) -> str:
    """'30,28% is uitgebracht: 4.000 van de 13.209 stemmen van alle leden'."""
    t = tongue(locale)
    got, part, base = percentage(share(step.part, step.base) or "0.00", t), grouped(step.part, t), grouped(step.base, t)
    words, taking = _base(quorum.base, quorum.measure, t), _TAKING[t][quorum.measure, quorum.taking]
    if t == "nl":
        return f"{got} {taking}: {part} van de {base} {words}"
    return f"{got} {taking}: {part} of the {base} {words}"


def verdict_sentence(count: Count, rule: Rule, locale: str) -> str:
    """The outcome in one sentence, with the sum that leads to it. Percentages say of what, and for which side."""
    t, sum_ = tongue(locale), count.arithmetic
    word = verdict_word(sum_.verdict, t)
    if sum_.verdict is Verdict.NO_QUORUM and rule.quorum and sum_.quorum:
        needed = ("Nodig was " if t == "nl" else "Needed: ") + _needed(rule.quorum, t)
        return f"{word}: {attended(sum_.quorum, rule.quorum, t)}. {needed}."
    if sum_.verdict is Verdict.NO_VERDICT:
        empty = next(one for one, step in zip(rule.thresholds, sum_.steps, strict=True) if step.base == 0)
        words = _base(empty.base, empty.measure, t)
        return f"{word}: er zijn geen {words}." if t == "nl" else f"{word}: there are no {words}."
    parts = [": ".join(one) for one in shares(count, rule, t)]
    if t == "nl":
        return f"{word} met {', en '.join(parts)}. Nodig was {threshold(rule, t)}."
    return f"{word} with {', and '.join(parts)}. Needed: {threshold(rule, t)}."


def arithmetic_lines(count: Count, rule: Rule, locale: str) -> list[str]:
    """The sums step by step, each a line that a reader can redo."""
    t = tongue(locale)
    lines = _sums(count.sums, {one.measure for one in rule.thresholds}, t)
    if rule.quorum and count.arithmetic.quorum:
        lines += quorum_lines(count.arithmetic.quorum, rule.quorum, t)
    for step, one in zip(count.arithmetic.steps, rule.thresholds, strict=True):
        lines += _step_lines(step, one, t, abstained=count.sums.by(one.measure)[Choice.ABSTAIN])
    return [*lines, verdict_word(count.arithmetic.verdict, t) + "."]


def quorum_lines(step: Step, quorum: Quorum, locale: str) -> list[str]:
    """The sum of a quorum, step by step."""
    return _step_lines(step, quorum, tongue(locale))


def _sums(sums: Sums, measures: set[Measure], t: str) -> list[str]:
    found = []
    for measure in Measure:
        if measure not in measures:
            continue
        n = {choice: grouped(number, t) for choice, number in sums.by(measure).items()}
        if t == "nl":
            unit = "stemmen" if measure is Measure.WEIGHT else "leden"
            found.append(f"Voor {n[Choice.FOR]}, tegen {n[Choice.AGAINST]}, onthouding {n[Choice.ABSTAIN]} {unit}.")
        else:
            unit = "votes" if measure is Measure.WEIGHT else "members"
            found.append(f"For {n[Choice.FOR]}, against {n[Choice.AGAINST]}, abstentions {n[Choice.ABSTAIN]} {unit}.")
    return found


def _step_lines(step: Step, part: Threshold | Quorum, t: str, *, abstained: int = 0) -> list[str]:
    def g(number: int) -> str:
        return grouped(number, t)

    words, nl = _base(part.base, part.measure, t), t == "nl"
    if isinstance(part, Quorum):
        lines = [
            f"Quorum: {attended(step, part, t)}.",
            f"Nodig voor het quorum: {_of(part, t)}." if nl else f"Needed for the quorum: {_of(part, t)}.",
        ]
    else:
        lines = [f"De grondslag is {g(step.base)}: de {words}." if nl else f"The base is {g(step.base)}: the {words}."]
        if part.base is Base.FOR_AGAINST and abstained:
            lines.append(_outside(g(abstained), part.measure, t))
        lines.append(f"Nodig: {_of(part, t)}." if nl else f"Needed: {_of(part, t)}.")
    if not step.base:
        return lines
    says = ("klopt" if step.reached else "klopt niet") if nl else ("holds" if step.reached else "does not hold")
    return [
        *lines,
        f"{g(step.part)} × {part.denominator} = {g(step.left)}; {g(step.base)} × {part.numerator} = {g(step.right)}.",
        f"{g(step.left)} {_SIGNS[part.comparison]} {g(step.right)} {says}.",
    ]


def _outside(number: str, measure: Measure, t: str) -> str:
    if measure is Measure.WEIGHT:
        return (
            f"De {number} stemmen onthouding tellen niet mee in de grondslag."
            if t == "nl"
            else f"The {number} abstentions are not part of the base."
        )
    return (
        f"De {number} leden die zich onthielden, tellen niet mee in de grondslag."
        if t == "nl"
        else f"The {number} members that abstained are not part of the base."
    )
