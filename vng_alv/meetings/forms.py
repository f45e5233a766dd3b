"""What a person types to plan a meeting and its agenda."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectChoice, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from vng_alv.meetings.models import MeetingKind
from vng_alv.meetings.service import code_from
from vng_alv.web import BaseForm, no_controls

#: Words that already stand at the place of a code in an address.
TAKEN = frozenset({"nieuw"})

KINDS: dict[MeetingKind, Any] = {
    MeetingKind.ALV: _("Algemene ledenvergadering (ALV)"),
    MeetingKind.EXTRAORDINARY: _("Buitengewone ledenvergadering"),
}

NEEDED = _("Vul dit in.")


def tidy(text: object) -> str:
    """Typed text with plain line ends and without what no database takes; nothing for what is not text at all."""
    return (text if isinstance(text, str) else "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def near_day(_form: Any, field: Any) -> None:
    """A validator: a day that a meeting or a deadline can have."""
    if isinstance(field.data, date) and not 2000 <= field.data.year <= 2100:
        raise ValidationError(str(_("Dit jaar klopt niet. Schrijf het jaar met vier cijfers.")))


class MeetingForm(BaseForm):
    """A new meeting."""

    title = StringField(
        _("Naam"),
        [DataRequired(NEEDED), Length(max=200), no_controls],
        filters=[tidy],
        description=_("Bijvoorbeeld: ALV voorjaar 2027."),
    )
    code = StringField(
        _("Code"),
        [DataRequired(NEEDED), Length(max=60), no_controls],
        filters=[tidy],
        description=_("Staat in het adres van de bladzijde, bijvoorbeeld alv-voorjaar-2027. De code blijft."),
    )
    kind = SelectField(
        _("Soort vergadering"),
        [InputRequired(NEEDED)],
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
    )
    day = DateField(_("Datum"), [InputRequired(NEEDED), near_day])
    clock = TimeField(_("Begintijd"), [InputRequired(NEEDED)], description=_("Nederlandse tijd, bijvoorbeeld 13:30."))
    place = StringField(_("Plaats"), [DataRequired(NEEDED), Length(max=200), no_controls], filters=[tidy])

    def validate_code(self, field: Any) -> None:
        """A code needs letters or digits, and must not be a word of our own addresses."""
        if code_from(field.data) in TAKEN | {""}:
            raise ValidationError(str(_("Deze code kan niet. Gebruik letters, cijfers en streepjes.")))


class AgendaItemForm(BaseForm):
    """A new item on the agenda."""

    title = StringField(_("Nieuw agendapunt"), [DataRequired(NEEDED), Length(max=200), no_controls], filters=[tidy])
    note = TextAreaField(_("Toelichting"), [Length(max=2_000)], filters=[tidy])
