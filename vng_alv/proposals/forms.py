"""What a person fills in to bring a text to a meeting."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.models import AgendaItem
from vng_alv.members.models import Member
from vng_alv.proposals.models import ProposalKind, VersionKind
from vng_alv.web import BaseForm, no_controls

#: Choices beside the items of the agenda and the members.
NEW_ITEM, NO_ITEM, BOARD = "nieuw", "later", "bestuur"

KINDS: dict[ProposalKind, Any] = {
    ProposalKind.RESOLUTION: _("Resolutie: stemming per onderdeel en over het geheel"),
    ProposalKind.PROPOSAL: _("Voorstel: één stemming"),
    ProposalKind.MOTION: _("Motie: één stemming"),
    ProposalKind.STATUTES: _("Statutenwijziging: één stemming, twee derde nodig"),
}

#: What a person should look at after a text was read.
REMARKS: dict[str, Any] = {
    "html_shown_as_text": _("In de tekst staat HTML. Lezers zien die als gewone tekst; er wordt niets van uitgevoerd."),
    "no_title": _(
        "De tekst heeft geen titel (een regel die begint met één hekje: # Titel). De titel van het stuk geldt."
    ),
    "numbered_anew": _("Een nummer kwam twee keer voor. Alle onderdelen zijn daarom opnieuw genummerd."),
    "images_dropped": _("Afbeeldingen zijn weggelaten: %(number)s."),
    "comments_dropped": _("Opmerkingen in de kantlijn zijn weggelaten: %(number)s."),
    "changes_accepted": _(
        "Bijgehouden wijzigingen zijn overgenomen, alsof ze alle zijn aanvaard: %(number)s. Verwijderde tekst staat er "
        "niet in."
    ),
    "boxes_dropped": _("Tekstvakken zijn weggelaten: %(number)s. Staat er tekst in die erbij hoort, voeg die dan toe."),
    "hidden_dropped": _("Verborgen tekst is weggelaten: %(number)s keer."),
    "heads_dropped": _("Kopteksten, voetteksten en paginanummers zijn weggelaten: %(number)s."),
    "contents_dropped": _("De inhoudsopgave is weggelaten. Op de site staat er vanzelf een."),
    "soft_hyphens": _("Zachte afbreekstreepjes zijn weggehaald: %(number)s."),
    "merged_cells": _("Samengevoegde cellen in tabellen zijn gesplitst: %(number)s. Kijk die tabellen na."),
    "nested_tables": _("Tabellen in een tabel zijn gewone tekst geworden: %(number)s."),
    "long_headings": _("Koppen van meer dan 300 tekens zijn gewone tekst geworden: %(number)s."),
    "headings_guessed": _(
        "Het bestand heeft geen koppen met een stijl. We hebben koppen herkend aan nummers en woorden: %(number)s. "
        "Kijk na of dat klopt."
    ),
    "title_guessed": _("De eerste regel is als titel gelezen. Kijk na of dat klopt."),
    "from_pdf": _(
        "De tekst komt uit een PDF van %(number)s bladzijden. Een PDF weet niet wat een alinea of kop is; lees alles "
        "goed na."
    ),
    "pages_without_text": _("Bladzijden zonder tekst zijn overgeslagen: %(number)s. Misschien zijn het scans."),
    "no_sections": _(
        "Er zijn geen onderdelen gevonden. Onderdelen beginnen met een kop: ### A1. Naam van het onderdeel."
    ),
}


def remark_sentences(report: Iterable[Sequence[Any]]) -> list[str]:
    """The report on a file, as a version keeps it ([code, number, place]), as people read it."""
    found = []
    for code, number, place in report:
        words = str(REMARKS[code]) % {"number": number}
        found.append(words + " " + str(_("Bij onderdeel %(place)s.")) % {"place": place} if place else words)
    return found


class TextForm(BaseForm):
    """A text, as a file or typed."""

    file = FileField(
        _("Bestand"),
        description=_("Word (.docx), OpenDocument (.odt), PDF of Markdown (.md of .txt), tot 10 MB."),
        render_kw={"accept": ".docx,.odt,.pdf,.md,.markdown,.txt"},
    )
    text = TextAreaField(
        _("Of plak de tekst"),
        description=_(
            "# is de titel, ## een deel, ### een onderdeel. Staat er voor de kop een nummer, dan blijft dat."
        ),
    )

    def content(self) -> bytes:
        """The bytes that were sent: the file, or else what was typed."""
        file = self.file.data
        if isinstance(file, FileStorage) and file.filename:
            return bytes(file.read())
        return str(self.text.data or "").encode()

    def file_name(self) -> str:
        """The name of the file that was sent, or ''."""
        return str(getattr(self.file.data, "filename", None) or "")

    def validate_file(self, field: Any) -> None:
        """One of both, and not both."""
        chosen = isinstance(field.data, FileStorage) and bool(field.data.filename)
        typed = bool(str(self.text.data or "").strip())
        if chosen and typed:
            raise ValidationError(str(_("Kies een bestand of plak de tekst, niet allebei.")))
        if not chosen and not typed:
            raise ValidationError(str(_("Kies een bestand, of plak de tekst hieronder.")))


class ProposalForm(TextForm):
    """A new proposal with its first text."""

    code = StringField(
        _("Code"),
        [
            DataRequired(NEEDED),
            Length(max=20),
            Regexp(r"[A-Za-z0-9][A-Za-z0-9-]*\Z", message=_("Gebruik alleen letters, cijfers en streepjes.")),
        ],
        filters=[tidy],
        description=_("Kort, staat in het adres: R1 voor de eerste resolutie, M3 voor de derde motie."),
    )
    kind = SelectField(
        _("Soort stuk"),
        [InputRequired(NEEDED)],
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
    )
    title = StringField(
        _("Titel"), [Length(max=300), no_controls], filters=[tidy], description=_("Leeg: de titel uit de tekst zelf.")
    )
    item = SelectField(_("Agendapunt"), [InputRequired(NEEDED)])
    item_title = StringField(
        _("Naam van het nieuwe agendapunt"),
        [Length(max=200), no_controls],
        filters=[tidy],
        description=_("Alleen bij een nieuw agendapunt. Leeg: de titel van het stuk."),
    )
    submitter = SelectField(_("Ingediend door"), [InputRequired(NEEDED)])

    def offer(self, agenda: Iterable[AgendaItem], members: Iterable[Member]) -> None:
        """What can be chosen at this meeting."""
        self.item.choices = [
            SelectChoice(NEW_ITEM, str(_("Nieuw agendapunt"))),
            SelectChoice(NO_ITEM, str(_("Nog niet op de agenda"))),
            *(SelectChoice(str(item.number), f"{item.number}. {item.title}") for item in agenda),
        ]
        self.submitter.choices = [
            SelectChoice(BOARD, str(_("het bestuur"))),
            *(SelectChoice(m.code, m.name) for m in members),
        ]


class PlaceForm(BaseForm):
    """Under which item of the agenda a text stands."""

    item = SelectField(_("Agendapunt"), [InputRequired(NEEDED)])

    def offer(self, agenda: Iterable[AgendaItem]) -> None:
        """The items to choose from, by their keys: their numbers move when an item is added."""
        self.item.choices = [
            SelectChoice(NO_ITEM, str(_("Nog niet op de agenda"))),
            *(SelectChoice(str(item.id), f"{item.number}. {item.title}") for item in agenda),
        ]


VERSION_KINDS: dict[VersionKind, Any] = {
    VersionKind.CONCEPT: _("concept"),
    VersionKind.FINAL: _("definitief"),
    VersionKind.AMENDED: _("gewijzigd"),
}


class CorrectForm(BaseForm):
    """The whole text, corrected by hand."""

    text = TextAreaField(
        _("Tekst"),
        [DataRequired(_("Er staat nog geen tekst."))],
        description=_(
            "# is de titel, ## een deel, ### een onderdeel. Staat er voor de kop een nummer, dan blijft dat."
        ),
        render_kw={"rows": 30, "spellcheck": "true"},
    )
    seen = HiddenField()


class AdviceForm(BaseForm):
    """The board's advice."""

    advice = TextAreaField(
        _("Advies van het bestuur"),
        [Length(max=50_000)],
        filters=[tidy],
        description=_("In Markdown. Begin met het oordeel: overnemen, ontraden, aanhouden of oordeel aan de ALV. Leeg"
                      " bewaren neemt het advies terug."),
    )  # fmt: skip
