"""Reminding everybody on a list at once, and sending again what failed; first a page says how many mails go."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from wtforms import BooleanField, HiddenField

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.answering.desk import TEXT, desk_of, size_asked
from vng_alv.domain.permissions import Permission
from vng_alv.meetings.queries import get_meeting
from vng_alv.notifications import queries as notifications
from vng_alv.notifications import service as notifications_service
from vng_alv.notifications.models import NoticeKind
from vng_alv.secretariat.chasing import Chase, without_delegate, without_reaction
from vng_alv.secretariat.forms import NOTICE_KINDS
from vng_alv.secretariat.queries import REMIND_AFTER
from vng_alv.web import BaseForm, page

blueprint = Blueprint("chasing", __name__)


class RemindForm(BaseForm):
    """Whether to remind also who was reminded in the last day."""

    again = BooleanField(lazy_gettext("Stuur ook een herinnering aan wie er in de laatste 24 uur al een kreeg"))
    #: When the page was made: the same form sent twice reminds nobody twice.
    shown = HiddenField()

    def since(self, now: datetime) -> datetime:
        """Who was told after this moment is not told now."""
        try:
            shown = datetime.fromisoformat(self.shown.data or "") if self.again.data else None
        except ValueError:
            shown = None
        day = now - REMIND_AFTER
        return min(max(shown, day), now) if shown and shown.tzinfo else day


def _confirm(chase: Chase, list_url: str, **words: Any) -> ResponseReturnValue:
    """A page that says how many people get a mail; once it is sent, back to the list."""
    form = RemindForm()
    if form.sent():
        reach = chase.remind(actor(), form.since(db.now()))
        number = len(reach.people)
        flash(ngettext("%(num)s herinnering gaat nu weg.", "%(num)s herinneringen gaan nu weg.", number), "ok")
        return redirect(list_url, 303)
    return page("secretariat/chase.html", form=form, reach=chase.reach(), list_url=list_url, words=words)


@blueprint.route("/secretariaat/vergaderingen/<meeting_code>/stemkaarten/herinneren", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def delegates(meeting_code: str) -> ResponseReturnValue:
    """Remind the members that named no delegate for a meeting."""
    meeting = get_meeting(meeting_code)
    return _confirm(
        without_delegate(meeting),
        url_for("secretariat.mandates", meeting_code=meeting.code, zonder=1),
        title=_("Herinner gemeenten zonder afgevaardigde"),
        list=_("Stemkaarten"),
        about=meeting.title,
        missing=lambda count: ngettext(
            "%(num)s gemeente heeft nog geen afgevaardigde.", "%(num)s gemeenten hebben nog geen afgevaardigde.", count
        ),
    )


@blueprint.route(TEXT + "/niet-gereageerd/herinneren", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def silent(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Remind the members that sent no reaction, as the list of them is narrowed."""
    desk, province, size = desk_of(meeting_code, proposal_code), request.args.get("provincie", ""), size_asked()
    return _confirm(
        without_reaction(desk.consultation, province, size),
        desk.url("answering.silent", provincie=province or None, omvang=size),
        title=_("Herinner gemeenten die niet reageerden"),
        list=_("Niet gereageerd"),
        about=desk.proposal.title,
        missing=lambda count: ngettext(
            "%(num)s gemeente reageerde nog niet.", "%(num)s gemeenten reageerden nog niet.", count
        ),
    )


@blueprint.route("/secretariaat/berichten/opnieuw", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def failed() -> ResponseReturnValue:
    """Send again all mail that was given up, of the kind that the list shows."""
    kind = next((k for k in NoticeKind if k.value == request.args.get("soort")), None)
    if BaseForm().sent():
        number = len(notifications_service.resend_failed(actor(), kind).ids)
        flash(ngettext("%(num)s mail gaat nu opnieuw weg.", "%(num)s mails gaan nu opnieuw weg.", number), "ok")
        return redirect(url_for("secretariat.notices", soort=kind), 303)
    found = notifications.failed(db.now(), kind)
    return page("secretariat/resend.html", found=found, kind=kind, words=NOTICE_KINDS)
