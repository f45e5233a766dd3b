"""What people fill in around an amendment or a motion, whichever of the two it is."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from vng_alv.domain.submissions import BY_HAND, AdviceKind, SubmissionState, may_follow
from vng_alv.meetings.forms import NEEDED, near_day, tidy
from vng_alv.members.models import Member
from vng_alv.web import BaseForm

#: Characters of a reason, an advice or a note.
MAX_TEXT = 20_000

ADVICE: dict[AdviceKind, Any] = {
    AdviceKind.TAKE_OVER: _("Overnemen"),
    AdviceKind.ADVISE_AGAINST: _("Ontraden"),
    AdviceKind.HOLD_OVER: _("Aanhouden"),
    AdviceKind.LEAVE_TO_ASSEMBLY: _("Oordeel aan de ALV"),
}
DECISIONS: dict[SubmissionState, Any] = {
    SubmissionState.TAKEN_OVER: _("Overgenomen door het bestuur"),
    SubmissionState.ADOPTED: _("Aangenomen door de vergadering"),
    SubmissionState.REJECTED: _("Verworpen door de vergadering"),
    SubmissionState.HELD_OVER: _("Aangehouden"),
    SubmissionState.LAPSED: _("Vervallen"),
    SubmissionState.SUBMITTED: _("Ligt weer voor"),
}
TOO_LONG = _("Deze tekst is te lang: ten hoogste %(max)d tekens.")


def _text(label: Any, *needed: Any, **more: Any) -> TextAreaField:
    return TextAreaField(label, [*needed, Length(max=MAX_TEXT, message=TOO_LONG)], filters=[tidy], **more)


class AskAlongForm(BaseForm):
    """Another municipality to submit along."""

    municipality = SelectField(_("Gemeente"), [InputRequired(_("Kies een gemeente."))])

    def offer(self, members: Iterable[Member]) -> None:
        """The municipalities to choose from."""
        self.municipality.choices = [SelectChoice("", _("Kies een gemeente"))]
        self.municipality.choices += [SelectChoice(m.code, f"{m.name} ({m.province})") for m in members]


class WithdrawForm(BaseForm):
    """Why it is withdrawn."""

    why = _text(_("Waarom trekt u dit in?"), description=_("Iedereen kan dit lezen."))


class AdviceForm(BaseForm):
    """The advice of the board."""

    kind = RadioField(
        _("Preadvies"),
        [InputRequired(_("Kies een preadvies."))],
        choices=[SelectChoice(key.value, words) for key, words in ADVICE.items()],
    )
    body = _text(
        _("Toelichting bij het preadvies"), description=_("Alleen het bestuur ziet dit, totdat u het publiceert.")
    )


class DecideForm(BaseForm):
    """What the board or the assembly decided."""

    decision = RadioField(_("Wat is er besloten?"), [InputRequired(NEEDED)], choices=[])
    note = _text(_("Toelichting op het besluit"), DataRequired(NEEDED), description=_("Iedereen kan dit lezen."))

    def offer(self, now: SubmissionState, *, all_of_them: bool) -> None:
        """What can follow: everything by hand, or only taking over."""
        states = [s for s in BY_HAND if may_follow(now, s) and (all_of_them or s is SubmissionState.TAKEN_OVER)]
        self.decision.choices = [SelectChoice(s.value, DECISIONS[s]) for s in states]


class SubmitForm(BaseForm):
    """Agreement with what was looked over; ``seen`` is its revision."""

    seen = IntegerField(widget=HiddenField.widget, validators=[InputRequired(), NumberRange(0, 10**9)])
    late = _text(_("Waarom kon dit niet eerder?"), description=_("Deze reden is openbaar."))


class LateForm(BaseForm):
    """Why the secretariat is asked to take a draft in after the deadline."""

    late = _text(_("Waarom kon dit niet eerder?"), description=_("Deze reden wordt openbaar."))


class DeadlineForm(BaseForm):
    """Another deadline than follows from the rules."""

    day = DateField(_("Datum"), [InputRequired(NEEDED), near_day])
    clock = TimeField(
        _("Tijd"), [InputRequired(NEEDED)], description=_("Nederlandse tijd. Vanaf dit moment is indienen te laat.")
    )
