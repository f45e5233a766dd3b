"""What a person types to plan a meeting and its agenda."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, SelectChoice, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from vng_alv.domain.clock import exists, moment_of
from vng_alv.meetings.models import MeetingKind
from vng_alv.meetings.service import code_from
from vng_alv.web import BaseForm, no_controls

#: Words that already stand at the place of a code in an address.
TAKEN = frozenset({"nieuw"})

KINDS: dict[MeetingKind, Any] = {
    MeetingKind.ALV: _("Algemene ledenvergadering (ALV)"),
    MeetingKind.EXTRAORDINARY: _("Buitengewone ledenvergadering"),
    MeetingKind.LEDENRAADPLEGING: _("Ledenraadpleging (schriftelijk)"),
}

NEEDED = _("Vul dit in.")


def tidy(text: object) -> str:
    """Typed text with plain line ends and without what no database takes; nothing for what is not text at all."""
    return (text if isinstance(text, str) else "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def near_day(_form: Any, field: Any) -> None:
    """A validator: a day that a meeting or a deadline can have."""
    if isinstance(field.data, date) and not 2000 <= field.data.year <= 2100:
        raise ValidationError(str(_("Dit jaar klopt niet. Schrijf het jaar met vier cijfers.")))


def real_hour(day: str) -> Callable[[Any, Any], None]:
    """A validator: a time that the clock shows on the day of the field called ``day``."""

    def check(form: Any, field: Any) -> None:
        on = form[day].data
        if on and field.data and not exists(on, field.data):
            raise ValidationError(
                str(_("Deze tijd bestaat die dag niet: de klok gaat een uur vooruit. Kies een andere tijd."))
            )

    return check


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
    clock = TimeField(
        _("Begintijd"),
        [InputRequired(NEEDED), real_hour("day")],
        description=_("Nederlandse tijd, bijvoorbeeld 13:30."),
    )
    place = StringField(
        _("Plaats"),
        [Length(max=200), no_controls],
        filters=[tidy],
        description=_("Bij een ledenraadpleging hoeft dit niet: niemand komt bijeen."),
    )
    standing = BooleanField(_("Begin met de vaste agendapunten"))
    end_day = DateField(
        _("Einddatum"), [Optional(), near_day], description=_("Alleen bij een ledenraadpleging: tot wanneer zij duurt.")
    )
    end_clock = TimeField(_("Eindtijd"), [Optional(), real_hour("end_day")])
    publishes_itself = BooleanField(
        _("Maak de uitslag vanzelf bekend"),
        description=_("Alleen bij een ledenraadpleging: zodra er is geteld, zonder voorzitter."),
    )

    @property
    def is_written(self) -> bool:
        """Whether a written consultation was chosen."""
        return bool(self.kind.data == MeetingKind.LEDENRAADPLEGING.value)

    def ends_at(self) -> datetime | None:
        """The end of a written consultation, in UTC."""
        if not (self.is_written and self.end_day.data and self.end_clock.data):
            return None
        return moment_of(self.end_day.data, self.end_clock.data)

    def validate_place(self, field: Any) -> None:
        """An assembly gathers somewhere."""
        if not field.data and not self.is_written:
            raise ValidationError(str(NEEDED))

    def validate_code(self, field: Any) -> None:
        """A code needs letters or digits, and must not be a word of our own addresses."""
        if code_from(field.data) in TAKEN | {""}:
            raise ValidationError(str(_("Deze code kan niet. Gebruik letters, cijfers en streepjes.")))


class AgendaItemForm(BaseForm):
    """A new item on the agenda."""

    title = StringField(_("Nieuw agendapunt"), [DataRequired(NEEDED), Length(max=200), no_controls], filters=[tidy])
    note = TextAreaField(_("Toelichting"), [Length(max=2_000)], filters=[tidy])
