"""Declaring a vote void from the console: one person asks, another one confirms. On the blueprint of the console."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.queries import get_meeting
from vng_alv.secretariat import planning
from vng_alv.secretariat.console import CONSOLE, blueprint, done, tells_refusals
from vng_alv.voting import disputing
from vng_alv.voting.models import Round
from vng_alv.voting.queries import get_round
from vng_alv.web import UNSAFE, BaseForm, page

__all__ = ["blueprint", "planning"]

VOID = CONSOLE + "/stemmingen/<int:number>/ongeldig"


class ReasonForm(BaseForm):
    """Why a round is void."""

    reason = TextAreaField(lazy_gettext("Reden"), [DataRequired(NEEDED), Length(max=2_000)], filters=[tidy])


@blueprint.route(VOID, methods=["GET", "POST"])
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def annul(meeting_code: str, number: int) -> ResponseReturnValue:
    """Ask that a round is declared void, with the reason that everybody reads; a draft goes at once."""
    meeting = get_meeting(meeting_code)
    found, form = get_round(meeting.id, number), ReasonForm()
    if form.sent():
        waits = disputing.ask(found, form.reason.data, actor())
        return done(meeting, _("Uw verzoek wacht op een tweede persoon. Tot dan geldt de stemming.") if waits else
                    _("Stemming %(number)s gaat niet door.", number=number))  # fmt: skip
    return page("console/annul.html", 422 if request.method in UNSAFE else 200, meeting=meeting, round=found, form=form)


@blueprint.post(VOID + "/bevestigen")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def confirm_annul(meeting_code: str, number: int) -> ResponseReturnValue:
    """Declare void what a colleague asked for."""
    meeting = get_meeting(meeting_code)
    found = get_round(meeting.id, number)
    disputing.confirm(found, actor())
    _warn_of_text(found)
    return done(meeting, _("Stemming %(number)s is ongeldig verklaard. U kunt de vraag opnieuw in stemming brengen.",
                           number=number))  # fmt: skip


@blueprint.post(VOID + "/intrekken")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def keep_after_all(meeting_code: str, number: int) -> ResponseReturnValue:
    """Leave the round as it is after all."""
    meeting = get_meeting(meeting_code)
    disputing.withdraw(get_round(meeting.id, number), actor())
    return done(meeting, _("Het verzoek is weg. Stemming %(number)s blijft gelden.", number=number))


def _warn_of_text(found: Round) -> None:
    if found.amendment and found.amendment.submission.state is SubmissionState.MERGED:
        flash(_("De wijziging staat al in de tekst. Publiceer een nieuwe versie als zij eruit moet."), "warning")
