"""What is typed to answer reactions."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from vng_alv.answering.service import Seen
from vng_alv.consultation.service import MAX_BODY
from vng_alv.domain.answering import MAX_TITLE, Outcome, Size
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.web import BaseForm, no_controls

OUTCOMES: dict[Outcome, Any] = {
    Outcome.ADOPTED: _("verwerkt"),
    Outcome.PARTLY: _("deels verwerkt"),
    Outcome.DECLINED: _("niet overgenomen"),
    Outcome.NOTED: _("ter kennisname"),
}
SIZES: dict[Size, Any] = {
    Size.SMALL: _("minder dan 20.000 inwoners"),
    Size.MEDIUM: _("20.000 tot 50.000 inwoners"),
    Size.LARGE: _("50.000 tot 100.000 inwoners"),
    Size.CITY: _("100.000 inwoners of meer"),
}
TOO_LONG = _("Deze tekst is te lang: ten hoogste %(max)d tekens.")
TITLE = Length(max=MAX_TITLE, message=TOO_LONG)


class GroupForm(BaseForm):
    """A theme for the reactions that are ticked: one there is, or a new one."""

    theme = SelectField(_("Thema"), validate_choice=False)
    new = StringField(_("of een nieuw thema"), [TITLE, no_controls], filters=[tidy])
    #: Which texts of reactions the page showed.
    seen = HiddenField()


class ThemeForm(BaseForm):
    """A theme with its answer."""

    title = StringField(_("Naam van het thema"), [DataRequired(NEEDED), TITLE, no_controls], filters=[tidy])
    answer = TextAreaField(
        _("Antwoord"),
        [Length(max=MAX_BODY, message=TOO_LONG)],
        filters=[tidy],
        description=_("Alle gemeenten met een reactie onder dit thema zien dit antwoord. Opmaak kan met Markdown."),
    )
    outcome = SelectField(
        _("Wat er met de reacties is gedaan"),
        choices=[SelectChoice("", _("nog niet bepaald")), *(SelectChoice(one.value, w) for one, w in OUTCOMES.items())],
    )
    #: The revision of the theme that the page showed, and the texts of the reactions under it.
    revision = HiddenField()
    seen = HiddenField()

    def began_from(self) -> int:
        """That revision; 0, which no theme has, for what is no number."""
        typed = self.revision.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


class OneAnswerForm(BaseForm):
    """The answer to one reaction alone."""

    body = TextAreaField(
        _("Antwoord aan deze gemeente"),
        [DataRequired(_("Er staat nog geen tekst.")), Length(max=MAX_BODY, message=TOO_LONG)],
        filters=[tidy],
    )
    #: Which text of the reaction, and which answer, the page showed.
    reaction = HiddenField()
    answer = HiddenField()

    def seen(self) -> Seen:
        """What the writer saw."""
        return Seen(self.reaction.data or "", self.answer.data or "")
