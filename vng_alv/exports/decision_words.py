"""How decisions read, in the language of who asks."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from vng_alv.domain.decisions import Decision
from vng_alv.domain.rounds import Way
from vng_alv.exports import words
from vng_alv.exports.decisions import Submitted, Text, Vote

SENTENCES: dict[Decision, Any] = {
    Decision.ADOPTED: lazy_gettext("%(name)s is aangenomen."),
    Decision.AMENDED: lazy_gettext("%(name)s is gewijzigd aangenomen."),
    Decision.IN_PARTS: lazy_gettext("%(name)s is voor een deel aangenomen."),
    Decision.REJECTED: lazy_gettext("%(name)s is verworpen."),
    Decision.CHOSEN: lazy_gettext("%(name)s: er is gekozen."),
    Decision.HELD_OVER: lazy_gettext("%(name)s is aangehouden."),
    Decision.WITHDRAWN: lazy_gettext("%(name)s is ingetrokken."),
    Decision.TAKEN_OVER: lazy_gettext("%(name)s is overgenomen door het bestuur."),
    Decision.LAPSED: lazy_gettext("%(name)s is vervallen."),
    Decision.NONE: lazy_gettext("%(name)s: er is gestemd, en daarmee is nog niets besloten."),
    Decision.OPEN: lazy_gettext("%(name)s: er is nog niets besloten."),
}
WORDS: dict[Decision, Any] = {
    Decision.ADOPTED: lazy_gettext("aangenomen"),
    Decision.AMENDED: lazy_gettext("gewijzigd aangenomen"),
    Decision.IN_PARTS: lazy_gettext("voor een deel aangenomen"),
    Decision.REJECTED: lazy_gettext("verworpen"),
    Decision.CHOSEN: lazy_gettext("gekozen"),
    Decision.HELD_OVER: lazy_gettext("aangehouden"),
    Decision.WITHDRAWN: lazy_gettext("ingetrokken"),
    Decision.TAKEN_OVER: lazy_gettext("overgenomen door het bestuur"),
    Decision.LAPSED: lazy_gettext("vervallen"),
    Decision.NONE: lazy_gettext("geen besluit"),
    Decision.OPEN: lazy_gettext("nog niet besloten"),
}


def name_of(one: Text | Submitted) -> str:
    """'Resolutie R1', 'Amendement AM3'."""
    if isinstance(one, Submitted):
        return f"{_('Amendement')} {one.label}"
    return f"{words.KINDS[one.kind]} {one.code}"


def sentence(one: Text | Submitted) -> str:
    """What was decided, in one sentence."""
    return str(SENTENCES[one.decision] % {"name": name_of(one)})


def by_whom(one: Text | Submitted) -> str:
    """'gemeente Utrecht, met Zeist', or the board."""
    if not one.submitters:
        return str(_("het bestuur"))
    first, *others = one.submitters
    said = str(_("gemeente %(member)s", member=first))
    return f"{said}, {_('met %(names)s', names=', '.join(others))}" if others else said


def asked(vote: Vote) -> str:
    """'Stemming 7: Een besluit'."""
    return str(_("Stemming %(number)s: %(title)s", number=vote.number, title=vote.title))


def told(vote: Vote) -> list[str]:
    """All that a vote came to, a sentence or a line each: what is void and why, the outcome, lots, and what was put
    again."""
    lines = []
    if vote.void:
        lines.append(_("Deze stemming is ongeldig verklaard. Reden: %(reason)s", reason=vote.void_reason))
        if vote.put_again:
            lines.append(_("De vraag is opnieuw in stemming gebracht: stemming %(number)s.", number=vote.put_again))
        if vote.sentence:
            lines.append(_("Eerder bekendgemaakt: %(outcome)s", outcome=vote.sentence))
        return [str(one) for one in lines]
    if vote.puts_again:
        lines.append(
            _("Dit is de herhaling van stemming %(number)s, die ongeldig is verklaard.", number=vote.puts_again)
        )
    lines.append(vote.sentence)
    if vote.without:
        lines.append(_("Zonder de verworpen onderdelen: %(sections)s.", sections="; ".join(vote.without)))
    if vote.lots:
        by = _("door de site") if vote.lots_by_site else _("met de hand")
        lines.append(_("Het lot is getrokken %(how)s: %(names)s.", how=by, names=vote.lots))
    return [str(one) for one in lines]


def way_of(vote: Vote) -> str:
    """How it was decided: 'bij acclamatie', 'geheime stemming', 'stemming'."""
    if vote.way is Way.ACCLAMATION:
        return str(_("bij acclamatie"))
    return str(_("geheime stemming") if vote.secret else _("stemming"))


def noted(vote: Vote) -> str:
    """The members that had it noted that they are against."""
    return ", ".join(vote.noted_against)
