"""What a member secretary fills in about colleagues, the mandate and a proxy."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from vng_alv.domain.mandates import OfficeKind
from vng_alv.meetings.offices import Colleague
from vng_alv.members.forms import OFFICES, InvitedForm
from vng_alv.members.models import Member, Office
from vng_alv.web import BaseForm


def _offices() -> list[Any]:
    return [SelectChoice(kind.value, words) for kind, words in OFFICES.items()]


class ColleagueForm(InvitedForm):
    """Somebody who is going to work for the member here."""

    office = SelectField(
        _("Functie"),
        [InputRequired(_("Kies een functie."))],
        choices=[SelectChoice("", _("Kies een functie")), *_offices()],
        description=_("Een ambtenaar kan meelezen en reageren, maar heeft geen stemkaart."),
    )

    def colleague(self) -> Colleague:
        """Who was filled in."""
        return Colleague(self.name.data, self.email.data, OfficeKind(self.office.data))


class OfficeForm(BaseForm):
    """Another office for somebody."""

    office = SelectField(_("Functie"), [InputRequired(_("Kies een functie."))], choices=_offices())

    def kind(self) -> OfficeKind:
        """What was chosen."""
        return OfficeKind(self.office.data)


class HolderForm(BaseForm):
    """Who casts a member's votes."""

    person = RadioField(_("Wie stemt namens deze gemeente?"), [InputRequired(_("Kies een persoon."))])

    def __init__(self, offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person.choices = [SelectChoice(str(o.person_id), f"{o.person.name}, {OFFICES[o.kind]}") for o in offices]


class ProxyForm(BaseForm):
    """Which member votes for this one."""

    receiver = SelectField(_("Welke gemeente stemt voor u?"), [InputRequired(_("Kies een gemeente."))])

    def __init__(self, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.receiver.choices = [
            SelectChoice("", str(_("Kies een gemeente"))), *(SelectChoice(m.code, m.name) for m in members)
        ]  # fmt: skip
