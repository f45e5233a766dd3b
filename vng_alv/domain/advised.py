"""A vote on the board's advice instead of on the motion itself (docs/rules.md §4.11)."""

from vng_alv.domain.majority import Rule, Verdict
from vng_alv.domain.sentences import shares, threshold, verdict_sentence
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.domain.tally import Count

#: What a motion becomes when an advice on it is adopted. An advice without a direction cannot be voted on.
BECOMES = {
    AdviceKind.TAKE_OVER: SubmissionState.TAKEN_OVER,
    AdviceKind.ADVISE_AGAINST: SubmissionState.REJECTED,
    AdviceKind.HOLD_OVER: SubmissionState.HELD_OVER,
}
_NAMES = {
    "nl": {
        AdviceKind.TAKE_OVER: "overnemen",
        AdviceKind.ADVISE_AGAINST: "ontraden",
        AdviceKind.HOLD_OVER: "aanhouden",
    },
    "en": {
        AdviceKind.TAKE_OVER: "take over",
        AdviceKind.ADVISE_AGAINST: "advise against",
        AdviceKind.HOLD_OVER: "hold over",
    },
}
_MEANS = {
    "nl": {
        AdviceKind.TAKE_OVER: "de motie wordt overgenomen",
        AdviceKind.ADVISE_AGAINST: "de motie wordt verworpen",
        AdviceKind.HOLD_OVER: "de motie wordt aangehouden",
    },
    "en": {
        AdviceKind.TAKE_OVER: "the motion is taken over",
        AdviceKind.ADVISE_AGAINST: "the motion is rejected",
        AdviceKind.HOLD_OVER: "the motion is held over",
    },
}


def _tongue(locale: str) -> str:
    return "en" if locale == "en" else "nl"


def name(kind: AdviceKind, locale: str) -> str:
    """'aanhouden', or the same in English; of an advice with a direction."""
    return _NAMES[_tongue(locale)][kind]


def means(kind: AdviceKind, locale: str) -> str:
    """What happens when the advice is adopted: 'de motie wordt aangehouden'."""
    return _MEANS[_tongue(locale)][kind]


def title_of(kind: AdviceKind, motion: str) -> str:
    """What the round is called, on every list and in every language."""
    return f"Preadvies: {name(kind, 'nl')} – {motion}"[:300]


def followed(kind: AdviceKind, sentence: str, locale: str) -> str:
    """An adoption in a sentence ('Aangenomen bij acclamatie.'), told of the advice: never of the motion."""
    said = f"{sentence[:1].lower()}{sentence[1:].rstrip('.')}: {means(kind, locale)}."
    if _tongue(locale) == "en":
        return f"Advice ‘{name(kind, locale)}’ {said}"
    return f"Preadvies ‘{name(kind, locale)}’ {said}"


def verdict(kind: AdviceKind, count: Count, rule: Rule, locale: str) -> str:
    """The outcome of a vote on an advice in a few sentences, and what that makes of the motion."""
    nl, found = _tongue(locale) == "nl", count.arithmetic.verdict
    head = f"{'Preadvies' if nl else 'Advice'} ‘{name(kind, locale)}’"
    open_yet = "over de motie zelf is nog niet beslist" if nl else "the motion itself is still to be decided"
    if found not in {Verdict.ADOPTED, Verdict.REJECTED}:
        return f"{head}: {open_yet}. {verdict_sentence(count, rule, locale)}"
    word = {
        (True, Verdict.ADOPTED): "aangenomen met",
        (True, Verdict.REJECTED): "verworpen met",
        (False, Verdict.ADOPTED): "adopted with",
        (False, Verdict.REJECTED): "rejected with",
    }[nl, found]
    got = (", en " if nl else ", and ").join(f"{share} ({what})" for share, what in shares(count, rule, locale))
    then = means(kind, locale) if found is Verdict.ADOPTED else open_yet
    needed = f"{'Nodig was' if nl else 'Needed:'} {threshold(rule, locale)}"
    return f"{head} {word} {got}: {then}. {needed}."
