"""The clock on the console: when rounds open and close, how much longer they stay open, and rehearsals."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from wtforms import DateField, TimeField
from wtforms.validators import InputRequired, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import AMSTERDAM, moment_of
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings.forms import NEEDED, near_day, real_hour
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.secretariat.console import CONSOLE, change_rules, chosen_rounds, done, tells_refusals
from vng_alv.secretariat.next_step import votes_from
from vng_alv.secretariat.ordering import blueprint
from vng_alv.voting import timing
from vng_alv.voting.models import Round
from vng_alv.web import BaseForm, page

__all__ = ["blueprint"]

DUTCH_TIME = lazy_gettext("Nederlandse tijd, bijvoorbeeld 13:30.")


class PlanForm(BaseForm):
    """When the clock opens rounds, and perhaps when it closes them."""

    opens_day = DateField(lazy_gettext("Opent op (datum)"), [InputRequired(NEEDED), near_day])
    opens_clock = TimeField(
        lazy_gettext("Opent om (tijd)"), [InputRequired(NEEDED), real_hour("opens_day")], description=DUTCH_TIME
    )
    closes_day = DateField(lazy_gettext("Sluit op (datum)"), [MayBeEmpty(), near_day])
    closes_clock = TimeField(
        lazy_gettext("Sluit om (tijd)"), [MayBeEmpty(), real_hour("closes_day")], description=DUTCH_TIME
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A day of closing needs a time, and the other way round."""
        right = bool(super().validate(extra_validators))
        for one, other in ((self.closes_day, self.closes_clock), (self.closes_clock, self.closes_day)):
            if one.data and not other.data and not other.errors:
                other.errors = [_("Vul bij het sluiten een datum en een tijd in, of geen van beide.")]
                right = False
        return right

    def opens_at(self) -> datetime:
        """The moment of opening, in UTC."""
        return moment_of(self.opens_day.data, self.opens_clock.data)

    def closes_at(self) -> datetime | None:
        """The announced end, in UTC, or None where it is closed by hand."""
        return moment_of(self.closes_day.data, self.closes_clock.data) if self.closes_day.data else None


class LaterForm(BaseForm):
    """Until when rounds stay open instead."""

    day = DateField(lazy_gettext("Sluit op (datum)"), [InputRequired(NEEDED), near_day])
    clock = TimeField(
        lazy_gettext("Sluit om (tijd)"), [InputRequired(NEEDED), real_hour("day")], description=DUTCH_TIME
    )

    def validate_clock(self, field: Any) -> None:
        """Not over already."""
        if self.day.data and field.data and moment_of(self.day.data, field.data) <= db.now():
            raise ValidationError(_("Dat moment is al voorbij. Kies een later moment."))

    def closes_at(self) -> datetime:
        """The later end, in UTC."""
        return moment_of(self.day.data, self.clock.data)


@blueprint.post(CONSOLE + "/plannen")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def plan(meeting_code: str) -> ResponseReturnValue:
    """Announce when the clock opens the chosen rounds, and closes them; first the page to fill that in."""
    meeting = get_meeting(meeting_code)
    chosen = chosen_rounds(meeting)
    form = PlanForm(data=_as_planned(meeting, chosen))
    if "opens_day" not in request.form:
        return _page(meeting, chosen, form, 200)
    if form.sent():
        try:
            change_rules(meeting, chosen)
            timing.schedule([r.id for r in chosen], form.opens_at(), form.closes_at(), actor())
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            return done(meeting, ngettext("De opening is gepland.", "%(num)s openingen zijn gepland.", len(chosen)))
    meeting = get_meeting(meeting_code)
    return _page(meeting, chosen_rounds(meeting), form, 422)


@blueprint.post(CONSOLE + "/terugnemen")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def unplan(meeting_code: str) -> ResponseReturnValue:
    """Take back what was planned."""
    meeting = get_meeting(meeting_code)
    taken = timing.unschedule([r.id for r in chosen_rounds(meeting)], actor())
    return done(meeting, ngettext("De planning is teruggenomen. De stemming staat weer klaar.",
                                  "De planning is teruggenomen. %(num)s stemmingen staan weer klaar.",
                                  len(taken)))  # fmt: skip


@blueprint.post(CONSOLE + "/verlengen")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def extend(meeting_code: str) -> ResponseReturnValue:
    """Let the chosen rounds stay open longer; first the page to fill in until when."""
    meeting = get_meeting(meeting_code)
    chosen, form = chosen_rounds(meeting), LaterForm(data={})
    if "day" not in request.form:
        return page("console/extend.html", meeting=meeting, chosen=chosen, form=form)
    if form.sent():
        try:
            timing.extend([r.id for r in chosen], form.closes_at(), actor())
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            return done(meeting, ngettext("De stemming blijft langer open.", "%(num)s stemmingen blijven langer open.",
                                          len(chosen)))  # fmt: skip
    meeting = get_meeting(meeting_code)
    return page("console/extend.html", 422, meeting=meeting, chosen=chosen_rounds(meeting), form=form)


@blueprint.post(CONSOLE + "/proefstemming")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def rehearse(meeting_code: str) -> ResponseReturnValue:
    """Make a rehearsal with an invented question, open for everybody with a mandate until it is closed."""
    meeting = get_meeting(meeting_code)
    made = timing.rehearse(meeting, actor())
    return done(meeting, _("Proefstemming %(number)s is open: %(title)s", number=made.label, title=made.title))


def _page(meeting: Meeting, chosen: Sequence[Round], form: PlanForm, status: int) -> ResponseReturnValue:
    return page(
        "console/plan.html",
        status,
        meeting=meeting,
        chosen=chosen,
        form=form,
        not_before=votes_from(meeting),
        rules={name: value for name, value in request.form.items() if name.startswith("rule-")},
    )


def _as_planned(meeting: Meeting, chosen: Sequence[Round]) -> dict[str, date | time]:
    """What the page begins with: what was planned before, or else the period of a written consultation."""
    opens_at = next((one.opens_at for one in chosen if one.opens_at), None)
    closes_at = next((one.closes_at for one in chosen if one.closes_at), None)
    if opens_at is None and meeting.is_written:
        opens_at, closes_at = meeting.starts_at, meeting.ends_at
    found: dict[str, date | time] = {}
    for name, moment in (("opens", opens_at), ("closes", closes_at)):
        if moment:
            here = moment.astimezone(AMSTERDAM)
            found |= {f"{name}_day": here.date(), f"{name}_clock": here.time()}
    return found
