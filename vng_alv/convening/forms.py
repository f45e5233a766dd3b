"""What a person fills in to call a meeting together, or to add a document to it."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, FileField, SelectChoice, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from vng_alv.domain.clock import moment_of
from vng_alv.meetings.forms import NEEDED, near_day, real_hour, tidy
from vng_alv.meetings.models import AgendaItem
from vng_alv.web import BaseForm

MAX_NOTE = 5_000
MAX_TITLE = 200
MAX_REASON = 1_000


class ConveneForm(BaseForm):
    """The secretariat's own words in a convocation."""

    note = TextAreaField(
        _("Toelichting (mag leeg blijven)"), [Length(max=MAX_NOTE)], filters=[tidy],
        description=_("Bijvoorbeeld hoe leden de vergadering op afstand volgen, of hoe zij zich aanmelden."),
    )  # fmt: skip
    late = BooleanField(_("Verstuur de convocatie toch, al is het later dan de statuten zeggen"))


class DocumentForm(BaseForm):
    """A file for the meeting, and from when everybody can read it."""

    title = StringField(
        _("Titel"), [DataRequired(NEEDED), Length(max=MAX_TITLE)], filters=[tidy],
        description=_("Bijvoorbeeld: Notulen van de vorige vergadering."),
    )  # fmt: skip
    item = SelectField(_("Agendapunt"))
    file = FileField(
        _("Bestand"), [InputRequired(NEEDED)],
        description=_("Een PDF of een Word-bestand (.docx) van ten hoogste 10 MB."),
    )  # fmt: skip
    day = DateField(
        _("Openbaar vanaf (datum)"), [Optional(), near_day],
        description=_("Laat dit leeg om het document meteen openbaar te maken."),
    )  # fmt: skip
    clock = TimeField(_("Openbaar vanaf (tijd)"), [Optional(), real_hour("day")], description=_("Nederlandse tijd."))

    def offer(self, items: Iterable[AgendaItem]) -> None:
        """The items of the agenda to choose from."""
        choices = [SelectChoice(str(item.number), f"{item.number}. {item.title}") for item in items]
        self.item.choices = [SelectChoice("", _("Bij geen agendapunt")), *choices]

    def publish_at(self) -> datetime | None:
        """The moment that was asked for; None is now. A day alone begins at midnight."""
        if self.day.data is None:
            return None
        return moment_of(self.day.data, self.clock.data or datetime.min.time())


class WithdrawDocumentForm(BaseForm):
    """Why a document is taken off the site."""

    reason = TextAreaField(
        _("Reden"), [DataRequired(NEEDED), Length(max=MAX_REASON)], filters=[tidy],
        description=_("Iedereen kan deze reden lezen."), render_kw={"rows": 3},
    )  # fmt: skip
