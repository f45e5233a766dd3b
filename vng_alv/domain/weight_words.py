"""A rule of weight, and a member's votes by it, in words; one text for every page (docs/rules.md §1.2 to §1.4)."""

from vng_alv.domain.numbers import grouped
from vng_alv.domain.weights import (
    Bands,
    Fixed,
    Formula,
    Group,
    Rounding,
    WeightRule,
    band_at,
    quotient,
    weigh,
)

_ROUNDED = {
    "nl": {
        Rounding.DOWN: "naar beneden afgerond",
        Rounding.HALF_UP: "afgerond, vanaf de helft naar boven",
        Rounding.UP: "naar boven afgerond",
    },
    "en": {
        Rounding.DOWN: "rounded down",
        Rounding.HALF_UP: "rounded to the nearest, a half up",
        Rounding.UP: "rounded up",
    },
}
_WORDS = {
    "nl": {
        "vote": "stem", "votes": "stemmen", "inhabitant": "inwoner", "inhabitants": "inwoners", "from": "vanaf",
        "least": "ten minste", "most": "ten hoogste", "and": "en", "divided": "gedeeld door", "band": "klasse",
        "own": "zo staat het in het ledenbestand", "equal": "zoals elk lid zonder eigen aantal",
    },
    "en": {
        "vote": "vote", "votes": "votes", "inhabitant": "inhabitant", "inhabitants": "inhabitants", "from": "from",
        "least": "at least", "most": "at most", "and": "and", "divided": "divided by", "band": "band",
        "own": "as the register says", "equal": "like every member without a number of its own",
    },
}  # fmt: skip
_GROUPS = {
    "nl": {
        "floor": "Het minste: {votes}", "between": "Daartussen", "cap": "Het meeste: {votes}",
        "own": "Eigen aantal in het ledenbestand", "equal": "Geen eigen aantal: {votes}",
    },
    "en": {
        "floor": "The least: {votes}", "between": "In between", "cap": "The most: {votes}",
        "own": "Own number in the register", "equal": "No number of their own: {votes}",
    },
}  # fmt: skip
_FAULTS = {
    "nl": {
        "too_small": "dit getal is te klein",
        "too_large": "dit getal is te groot",
        "no_bands": "er staan nog geen klassen",
        "too_many": "dit zijn te veel klassen; 50 is het meeste",
        "first_not_zero": "de eerste klasse begint bij 0 inwoners",
        "negative": "een getal kan niet kleiner zijn dan 0",
        "twice": "deze klasse begint bij hetzelfde aantal als die ervoor",
        "not_increasing": "deze klasse begint lager dan die ervoor",
        "fewer_votes": "een grotere gemeente kan niet minder stemmen hebben dan een kleinere",
        "no_votes": "zo heeft niemand een stem",
        "unreadable": "dit kunnen we niet lezen; schrijf: vanaf inwoners; stemmen",
        "backwards": "het einde ligt voor het begin",
        "last_ends": "de laatste klasse heeft geen einde; schrijf alleen waar zij begint",
        "gap": "tussen deze klasse en die ervoor ontbreken inwoners",
        "overlap": "deze klasse begint voordat die ervoor eindigt",
    },
    "en": {
        "too_small": "this number is too small",
        "too_large": "this number is too large",
        "no_bands": "there are no bands yet",
        "too_many": "these are too many bands; 50 is the most",
        "first_not_zero": "the first band begins at 0 inhabitants",
        "negative": "a number cannot be less than 0",
        "twice": "this band begins at the same number as the one before",
        "not_increasing": "this band begins lower than the one before",
        "fewer_votes": "a larger municipality cannot have fewer votes than a smaller one",
        "no_votes": "like this nobody has a vote",
        "unreadable": "we cannot read this; write: from inhabitants; votes",
        "backwards": "the end lies before the beginning",
        "last_ends": "the last band has no end; write only where it begins",
        "gap": "between this band and the one before some inhabitants are missing",
        "overlap": "this band begins before the one before it ends",
    },
}


def _tongue(locale: str) -> str:
    return "en" if locale == "en" else "nl"


def _many(number: int, one: str, more: str, locale: str) -> str:
    return f"{grouped(number, locale)} {_WORDS[locale][one if number == 1 else more]}"


def votes_words(votes: int, locale: str) -> str:
    """'1 stem', '75 stemmen', or the same in English."""
    return _many(votes, "vote", "votes", _tongue(locale))


def _range(rule: Bands, band: int, locale: str) -> str:
    """'200.001-300.000', or 'vanaf 500.001' for the last band; ``band`` counts from 0."""
    lower = grouped(rule.table[band].lower, locale)
    if band + 1 == len(rule.table):
        return f"{_WORDS[locale]['from']} {lower}"
    upper = grouped(rule.table[band + 1].lower - 1, locale)
    return lower if lower == upper else f"{lower}-{upper}"


def rule_words(rule: WeightRule, locale: str) -> str:
    """A rule in one line: '1 stem per 1.000 inwoners, naar beneden afgerond, ten minste 1 en ten hoogste 75'."""
    t = _tongue(locale)
    words = _WORDS[t]
    match rule:
        case Formula():
            per = "1 stem per" if t == "nl" else "1 vote for every"
            limits = [f"{words['least']} {grouped(rule.floor, t)}"] if rule.floor else []
            limits += [f"{words['most']} {grouped(rule.cap, t)}"] if rule.cap is not None else []
            parts = [f"{per} {_many(rule.divisor, 'inhabitant', 'inhabitants', t)}"]
            parts += [_ROUNDED[t][rule.rounding]] if rule.divisor > 1 else []
            parts += [f" {words['and']} ".join(limits)] if limits else []
            return ", ".join(parts)
        case Bands():
            return "; ".join(
                f"{_range(rule, number, t)} {words['inhabitants']}: {votes_words(band.votes, t)}"
                for number, band in enumerate(rule.table)
            )
        case Fixed():
            rest = (
                "voor elk lid, tenzij het ledenbestand een eigen aantal noemt"
                if t == "nl"
                else "for every member, unless the register gives it a number of its own"
            )
            return f"{votes_words(rule.votes, t)} {rest}"


def explanation(population: int, rule: WeightRule, fixed: int | None, locale: str) -> str:
    """Why a member has its votes: '250.000 inwoners: klasse 200.001-300.000 = 5 stemmen'."""
    t = _tongue(locale)
    words, votes = _WORDS[t], weigh(population, rule, fixed)
    people = _many(population, "inhabitant", "inhabitants", t)
    match rule:
        case Formula():
            exact = population % rule.divisor == 0
            rounded = "" if exact else f", {_ROUNDED[t][rule.rounding]},"
            divided = f"{people} {words['divided']} {grouped(rule.divisor, t)}{rounded}"
            plain = quotient(population, rule)
            if plain == votes:
                return f"{divided} = {votes_words(votes, t)}"
            limit = words["least" if plain < votes else "most"]
            return f"{divided} = {grouped(plain, t)}; {limit} {votes_words(votes, t)}"
        case Bands():
            band = _range(rule, band_at(population, rule), t)
            return f"{people}: {words['band']} {band} = {votes_words(votes, t)}"
        case Fixed():
            return f"{votes_words(votes, t)}, {words['equal' if fixed is None else 'own']}"


def group_words(group: Group, rule: WeightRule, locale: str) -> str:
    """What a part of a rule is: 'Het meeste: 75 stemmen', '200.001-300.000 inwoners: 5 stemmen'."""
    t = _tongue(locale)
    match rule:
        case Formula():
            votes = rule.floor if group.key == "floor" else rule.cap or 0
            return _GROUPS[t][group.key].format(votes=votes_words(votes, t))
        case Bands():
            band = rule.table[group.band - 1]
            return f"{_range(rule, group.band - 1, t)} {_WORDS[t]['inhabitants']}: {votes_words(band.votes, t)}"
        case Fixed():
            return _GROUPS[t][group.key].format(votes=votes_words(rule.votes, t))


def fault_words(what: str, locale: str) -> str:
    """What is wrong with a rule or a line of a table, by its code, as part of a sentence."""
    return _FAULTS[_tongue(locale)][what]
