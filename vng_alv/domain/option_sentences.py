"""Questions with options in words: rules, outcomes with their arithmetic, and what a ballot says (docs/rules.md §7)."""

from collections.abc import Mapping, Sequence

from vng_alv.domain.ballots import CHOICES, NONE, SEALED, is_divided, votes_of
from vng_alv.domain.majority import Rule, Verdict, share
from vng_alv.domain.numbers import grouped, percentage
from vng_alv.domain.options import Even, OptionRule, OptionSums, Outcome, Winning, ranked
from vng_alv.domain.sentences import attended, choice_word, quorum_lines, quorum_words, threshold, tongue, verdict_word

_NONE = {"nl": "geen van alle", "en": "none of these"}
_SECRET = {"nl": "geheim", "en": "secret"}


def option_word(key: str, titles: Mapping[str, str], locale: str) -> str:
    """An option as people call it: its title, 'geen van alle', 'onthouding', or of a sealed ballot 'geheim'."""
    if key in CHOICES:
        return choice_word(CHOICES[key], locale)
    if key == SEALED:
        return _SECRET[tongue(locale)]
    return _NONE[tongue(locale)] if key == NONE else titles.get(key, key)


def ballot_words(ballot: str, titles: Mapping[str, str], locale: str) -> str:
    """What a ballot says: 'voor', 'Jansen en De Vries', '40 voor, 35 tegen'."""
    if is_divided(ballot):
        lines = votes_of(ballot, 0)
        return ", ".join(f"{grouped(votes, locale)} {option_word(key, titles, locale)}" for key, votes in lines)
    return listed([option_word(key, titles, locale) for key, _ in votes_of(ballot, 0)], locale)


def listed(words: Sequence[str], locale: str) -> str:
    """'A', 'A en B', 'A, B en C'."""
    if len(words) < 2:
        return "".join(words)
    link = "and" if tongue(locale) == "en" else "en"
    return f"{', '.join(words[:-1])} {link} {words[-1]}"


def option_threshold(rule: OptionRule, locale: str) -> str:
    """What is needed, in words: 'meer dan de helft van de stemmen zonder onthoudingen, anders een herstemming'."""
    nl = tongue(locale) == "nl"
    if rule.winning is Winning.MOST:
        text = "de meeste stemmen" if nl else "the most votes"
        if rule.none:
            text += ", en meer dan ‘geen van alle’" if nl else ", and more than ‘none of these’"
    else:
        text = (
            "meer dan de helft van de uitgebrachte stemmen zonder onthoudingen, anders een herstemming"
            if nl
            else "more than half of the votes cast without abstentions, or else a run-off"
        )
    if rule.seats > 1:
        text += f", voor {rule.seats} plaatsen" if nl else f", for {rule.seats} seats"
    if rule.quorum:
        text += (", als " if nl else ", with ") + quorum_words(rule.quorum, locale)
    if rule.even is Even.LOTS:
        return text + ("; bij gelijke stemmen beslist het lot" if nl else "; lots are drawn when votes are even")
    return text + ("; bij gelijke stemmen een nieuwe stemming" if nl else "; a new vote when votes are even")


def rule_words(rule: Rule | OptionRule, locale: str) -> str:
    """What is needed by the rule of any round, in words."""
    return option_threshold(rule, locale) if isinstance(rule, OptionRule) else threshold(rule, locale)


def _got(key: str, sums: OptionSums, base: int, titles: Mapping[str, str], locale: str) -> str:
    """'Jansen (54,70%: 7.112 van de 13.002 stemmen)'."""
    part, of = grouped(sums.weight[key], locale), grouped(base, locale)
    got = percentage(share(sums.weight[key], base) or "", locale)
    words = f"{got}: {part} van de {of} stemmen" if tongue(locale) == "nl" else f"{got}: {part} of the {of} votes"
    return f"{option_word(key, titles, locale)} ({words})"


def outcome_sentence(
    found: Outcome, sums: OptionSums, rule: OptionRule, titles: Mapping[str, str], locale: str,
    lots: Sequence[str] | None = None,
) -> str:  # fmt: skip
    """The outcome in one sentence with the sums that lead to it; ``lots`` are those that were drawn, if they were."""
    nl = tongue(locale) == "nl"

    def those(keys: Sequence[str]) -> str:
        return listed([_got(key, sums, found.base, titles, locale) for key in keys], locale)

    needs = f"{'Nodig' if nl else 'Needed'}: {option_threshold(rule, locale)}."
    elected = (
        (f"Gekozen: {those(found.elected)}. " if nl else f"Chosen: {those(found.elected)}. ") if found.elected else ""
    )
    match found.verdict:
        case Verdict.CHOSEN:
            left = ""
            if found.left:
                left = f"Niet vervuld: {found.left}. " if nl else f"Not filled: {found.left}. "
            return f"{elected}{left}{needs}"
        case Verdict.RUN_OFF:
            nobody = (
                ""
                if elected
                else ("Nog geen keuze heeft meer dan de helft. " if nl else "No option has more than half yet. ")
            )
            again = "Herstemming tussen" if nl else "Run-off between"
            return f"{elected}{nobody}{again} {those(found.ahead)}. {needs}"
        case Verdict.LOTS if lots is not None:
            names = listed([option_word(key, titles, locale) for key in lots], locale)
            by = f"Gekozen door het lot: {names}" if nl else f"Chosen by lot: {names}"
            even = "Gelijke stemmen hadden" if nl else "Votes were even between"
            return f"{elected}{by}. {even} {those(found.even)}. {needs}"
        case Verdict.LOTS:
            even = "Gelijke stemmen voor" if nl else "Even votes for"
            then = "Het lot beslist." if nl else "Lots decide."
            return f"{elected}{even} {those(found.even)}. {then} {needs}"
        case Verdict.TIED:
            even = "Gelijke stemmen voor" if nl else "Even votes for"
            then = "Er komt een nieuwe stemming." if nl else "There will be a new vote."
            return f"{elected}{even} {those(found.even)}. {then} {needs}"
        case Verdict.REJECTED:
            best = those([*ranked(sums)[:1], *([NONE] if NONE in sums.weight else [])])
            return (f"Niets gekozen: {best}. {needs}") if nl else (f"Nothing chosen: {best}. {needs}")
        case Verdict.NO_QUORUM if rule.quorum and found.quorum:
            return f"{verdict_word(found.verdict, locale)}: {attended(found.quorum, rule.quorum, locale)}."
        case _:
            empty = "er is geen stem uitgebracht zonder onthouding" if nl else "no votes were cast but abstentions"
            return f"{verdict_word(found.verdict, locale)}: {empty}."


def outcome_lines(
    found: Outcome, sums: OptionSums, rule: OptionRule, titles: Mapping[str, str], locale: str
) -> list[str]:
    """The sums step by step, each a line that a reader can redo."""
    nl = tongue(locale) == "nl"

    def g(number: int) -> str:
        return grouped(number, locale)

    lines = []
    for key in sums.weight:
        word = option_word(key, titles, locale)
        votes = g(sums.weight[key])
        if key not in sums.members:  # of a secret round, where that would tell who chose what
            lines.append(f"{word}: {votes} stemmen." if nl else f"{word}: {votes} votes.")
            continue
        members, one = g(sums.members[key]), sums.members[key] == 1
        lines.append(
            f"{word}: {votes} stemmen, van {members} {'lid' if one else 'leden'}."
            if nl
            else f"{word}: {votes} votes, of {members} member{'' if one else 's'}."
        )
    if rule.quorum and found.quorum:
        lines += quorum_lines(found.quorum, rule.quorum, locale)
    abstained = sums.cast.weight - found.base
    lines.append(
        f"De grondslag is {g(found.base)}: {g(sums.cast.weight)} uitgebrachte stemmen min {g(abstained)} onthoudingen."
        if nl
        else f"The base is {g(found.base)}: {g(sums.cast.weight)} votes cast less {g(abstained)} abstentions."
    )
    lines.append(f"{'Nodig' if nl else 'Needed'}: {option_threshold(rule, locale)}.")
    if rule.winning is Winning.MAJORITY and found.base:
        for key in [*ranked(sums), *([NONE] if rule.none else [])]:
            left = 2 * sums.weight[key]
            says = (
                ("klopt" if left > found.base else "klopt niet")
                if nl
                else ("holds" if left > found.base else "does not hold")
            )
            word = option_word(key, titles, locale)
            lines.append(f"{word}: {g(sums.weight[key])} × 2 = {g(left)}; {g(left)} > {g(found.base)} {says}.")
    return [*lines, verdict_word(found.verdict, locale) + "."]


def bare_sentence(found: Outcome, titles: Mapping[str, str], locale: str, lots: Sequence[str] | None = None) -> str:
    """The outcome of a secret round whose numbers would tell who chose what: who is chosen, and nothing more."""
    nl = tongue(locale) == "nl"

    def told(word_nl: str, word_en: str, keys: Sequence[str]) -> str:
        names = listed([option_word(key, titles, locale) for key in keys], locale)
        return f"{word_nl if nl else word_en}: {names}. " if keys else ""

    parts = told("Gekozen", "Chosen", found.elected)
    if lots:
        parts += told("Gekozen door het lot", "Chosen by lot", lots)
    parts += told("Herstemming tussen", "Run-off between", found.ahead)
    if found.even and not lots:
        parts += told("Gelijke stemmen voor", "Even votes for", found.even)
    if not parts:
        parts = verdict_word(found.verdict, locale) + ". "
    why = "De aantallen blijven geheim: zij zouden verraden wie wat koos."
    return parts + (why if nl else "The numbers stay secret: they would tell who chose what.")
