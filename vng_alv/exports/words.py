"""The words that stand in documents, in the language of who asks, and how facts read in them."""

from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from vng_alv.domain.clock import AMSTERDAM, day_of
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.exports.queries import Advised, SectionChange, SubmissionFacts, TextFacts
from vng_alv.proposals.models import ProposalKind
from vng_alv.web import locale

KINDS: dict[ProposalKind, Any] = {
    ProposalKind.RESOLUTION: _later("Resolutie"),
    ProposalKind.MOTION: _later("Motie"),
    ProposalKind.STATUTES: _later("Statutenwijziging"),
    ProposalKind.PROPOSAL: _later("Voorstel"),
}
STATES: dict[SubmissionState, Any] = {
    SubmissionState.DRAFT: _later("concept"),
    SubmissionState.SUBMITTED: _later("ingediend"),
    SubmissionState.WITHDRAWN: _later("ingetrokken"),
    SubmissionState.TAKEN_OVER: _later("overgenomen door het bestuur"),
    SubmissionState.ADOPTED: _later("aangenomen"),
    SubmissionState.REJECTED: _later("verworpen"),
    SubmissionState.HELD_OVER: _later("aangehouden"),
    SubmissionState.MERGED: _later("verwerkt in de tekst"),
    SubmissionState.LAPSED: _later("vervallen"),
}
ADVICE: dict[AdviceKind, Any] = {
    AdviceKind.TAKE_OVER: _later("overnemen"),
    AdviceKind.ADVISE_AGAINST: _later("ontraden"),
    AdviceKind.HOLD_OVER: _later("aanhouden"),
    AdviceKind.LEAVE_TO_ASSEMBLY: _later("oordeel aan de ALV"),
}

Rows = list[tuple[str, str]]


def day(moment: datetime) -> str:
    """'woensdag 3 juni 2026', in Dutch time."""
    return str(format_date(day_of(moment), "EEEE d MMMM y", locale=locale()))


def clock(moment: datetime) -> str:
    """'woensdag 3 juni 2026, 13:00 uur', in Dutch time."""
    pattern = "EEEE d MMMM y, HH:mm" + (" 'uur'" if locale() == "nl" else "")
    return str(format_datetime(moment.astimezone(AMSTERDAM), pattern, locale=locale()))


def frame() -> dict[str, str]:
    """The fixed words that the templates of PDFs use."""
    return {
        "page": _("bladzijde"),
        "of": _("van"),
        "contents": _("Inhoud"),
        "agenda": _("Agenda"),
        "no-agenda": _("De agenda volgt."),
        "advice": _("Advies van het bestuur"),
        "reason": _("Toelichting"),
        "added": _("erbij"),
        "removed": _("weg"),
        "legend": _("Zo leest u een wijziging:"),
        "added-example": _("wat erbij komt"),
        "removed-example": _("wat eruit gaat"),
    }


def kind_and_code(text: TextFacts) -> str:
    """'Resolutie R1'."""
    return f"{KINDS[text.kind]} {text.code}"


def by_whom(text: TextFacts) -> str:
    """Who submitted a text."""
    return str(_("gemeente %(member)s", member=text.submitter) if text.submitter else _("het bestuur"))


def submitters(about: SubmissionFacts) -> str:
    """'Utrecht, met Amersfoort, Zeist'."""
    first, *others = about.submitters
    return f"{first}, {_('met %(names)s', names=', '.join(others))}" if others else first


def text_rows(text: TextFacts) -> Rows:
    """What is known of a text, as pairs of a name and its words."""
    return [
        (_("Ingediend door"), by_whom(text)),
        (_("Versie"), _("%(number)s van %(day)s", number=text.version, day=day(text.published_at))),
        (_("Controlegetal van de tekst (SHA-256)"), text.hash),
    ]


def submission_rows(about: SubmissionFacts) -> Rows:
    """What is known of a submission, as pairs of a name and its words."""
    return [
        (_("Ingediend door"), submitters(about)),
        (_("Ingediend op"), clock(about.submitted_at)),
        (_("Stand"), str(STATES[about.state])),
    ]


def advised_word(advised: Advised) -> str:
    """'ontraden', or '' where the advice has no word."""
    return str(ADVICE[advised.kind]) if advised.kind else ""


def change_name(change: SectionChange) -> str:
    """'A1 Wonen', or that it is new and where."""
    if change.number:
        return f"{change.number} {change.heading}".strip()
    return str(_("Nieuw onderdeel na %(number)s", number=change.after) if change.after else _("Nieuw onderdeel"))


def change_note(change: SectionChange) -> str:
    """What an amendment does to a whole section, in words."""
    return _("Dit onderdeel wordt geschrapt.") if change.removed else ""


def example(is_example: bool) -> str:
    """What marks an invented document, or ''."""
    return _("voorbeeld") if is_example else ""
