"""A new meeting after a former one."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateField, SelectChoice, SelectMultipleField, StringField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import AMSTERDAM, moment_of
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings import agenda
from vng_alv.meetings.forms import NEEDED, TAKEN, near_day, real_hour, tidy
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.meetings.service import code_from
from vng_alv.proposals.queries import proposals_of
from vng_alv.secretariat.console import CONSOLE
from vng_alv.secretariat.running import blueprint
from vng_alv.web import UNSAFE, BaseForm, no_controls, page

__all__ = ["blueprint"]


class CopyForm(BaseForm):
    """What of a new meeting differs from the former one."""

    title = StringField(
        lazy_gettext("Naam"),
        [DataRequired(NEEDED), Length(max=200), no_controls],
        filters=[tidy],
        description=lazy_gettext("Bijvoorbeeld: ALV voorjaar 2027."),
    )
    code = StringField(
        lazy_gettext("Code"),
        [DataRequired(NEEDED), Length(max=60), no_controls],
        filters=[tidy],
        description=lazy_gettext(
            "Staat in het adres van de bladzijde, bijvoorbeeld alv-voorjaar-2027. De code blijft."
        ),
    )
    day = DateField(lazy_gettext("Datum"), [InputRequired(NEEDED), near_day])
    clock = TimeField(
        lazy_gettext("Begintijd"),
        [InputRequired(NEEDED), real_hour("day")],
        description=lazy_gettext("Nederlandse tijd, bijvoorbeeld 13:30."),
    )
    place = StringField(lazy_gettext("Plaats"), [Length(max=200), no_controls], filters=[tidy])
    items = SelectMultipleField(
        lazy_gettext("Deze agendapunten gaan mee, met hun duur en toelichting"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
    )

    def __init__(self, former: Meeting, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.former = former
        self.items.choices = [SelectChoice(str(one.id), f"{one.number}. {one.title}") for one in former.agenda]

    def validate_place(self, field: Any) -> None:
        """An assembly gathers somewhere."""
        if not field.data and not self.former.is_written:
            raise ValidationError(str(NEEDED))

    def validate_code(self, field: Any) -> None:
        """A code needs letters or digits, and must not be a word of our own addresses."""
        if code_from(field.data) in TAKEN | {""}:
            raise ValidationError(str(_("Deze code kan niet. Gebruik letters, cijfers en streepjes.")))


@blueprint.route(CONSOLE + "/kopie", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def copy(meeting_code: str) -> ResponseReturnValue:
    """Plan a meeting that begins with what a former one had."""
    former = get_meeting(meeting_code)
    form = CopyForm(former, data=_as_before(former))
    status = 422 if request.method in UNSAFE else 200
    if form.sent():
        chosen = {one.id for one in former.agenda if str(one.id) in (form.items.data or ())}
        starts_at = moment_of(form.day.data, form.clock.data)
        try:
            made = agenda.copy_meeting(
                former, form.code.data, form.title.data, starts_at, form.place.data, chosen, actor()
            )
        except Refused as refused:
            db.rollback()
            former = get_meeting(meeting_code)
            form.refuse(refused)
            status = refused.status
        else:
            flash(_("De vergadering is gemaakt. Kijk de agenda en de termijnen na."), "ok")
            return redirect(url_for("meetings.show", meeting_code=made.code), 303)
    return page("running/copy.html", status, former=former, form=form)


def _as_before(former: Meeting) -> dict[str, Any]:
    """What the form begins with; items with a text are of that meeting, so they are not ticked."""
    used = {one.agenda_item_id for one in proposals_of(former.id)}
    return {
        "clock": former.starts_at.astimezone(AMSTERDAM).time(),
        "place": former.place,
        "items": [str(one.id) for one in former.agenda if one.id not in used],
    }
