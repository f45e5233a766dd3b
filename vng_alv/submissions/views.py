"""What is done to any submission, an amendment or a motion: asking along, answering, advising, and how it ends.

Each comes back to the page of the submission itself; what was refused stands on that page with all that was typed.
"""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.permissions import Permission
from vng_alv.domain.submissions import (
    AdviceKind,
    CoAnswer,
    SubmissionKind,
    SubmissionState,
    days_before,
)
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association, get_member
from vng_alv.submissions import queries, service
from vng_alv.submissions.desk import PAGES, Desk
from vng_alv.submissions.forms import AdviceForm, DeadlineForm, WithdrawForm
from vng_alv.submissions.models import Submission
from vng_alv.web import UNSAFE, BaseForm, page, uuid_or_missing

blueprint = Blueprint("submissions", __name__)

ONE = "/indieningen/<submission_id>"
MEETING = "/secretariaat/vergaderingen/<meeting_code>"


def _one(submission_id: str) -> Submission:
    return queries.get_submission(uuid_or_missing(submission_id), actor())


def _page(submission: Submission) -> str:
    return url_for(f"{submission.kind.value}s.show", submission_id=submission.id)


def _refused(submission: Submission, form: BaseForm, refused: Refused | None = None) -> ResponseReturnValue:
    if refused:
        db.session.expire_all()
        form.refuse(refused)
    return PAGES[submission.kind](submission, form, refused.status if refused else 422)


@blueprint.post(ONE + "/meevragen")
@requires(Permission.REACT)
def ask_along(submission_id: str) -> ResponseReturnValue:
    """Ask another municipality to submit along."""
    submission = _one(submission_id)
    form = Desk(submission, actor()).ask
    if not form.sent():
        return _refused(submission, form)
    try:
        member = get_member(form.municipality.data)
        service.ask_along(submission, [member], actor())
    except Refused as refused:
        return _refused(submission, form, refused)
    flash(_("Gevraagd: %(member)s. De griffier en de gemeentesecretaris krijgen bericht.", member=member.name), "ok")
    return redirect(_page(submission) + "#indieners", 303)


@blueprint.post(ONE + "/antwoord")
@requires(Permission.MEMBER)
def answer_along(submission_id: str) -> ResponseReturnValue:
    """Say for a municipality whether it submits along, or that it no longer does."""
    submission = _one(submission_id)
    member = get_member(request.form.get("gemeente", ""))
    answer = request.form.get("antwoord", "")
    if answer not in set(CoAnswer) - {CoAnswer.ASKED}:
        raise Missing("answer")
    service.answer_along(submission, member, CoAnswer(answer), actor())
    words = {
        CoAnswer.JOINED: _("%(member)s dient mee in.", member=member.name),
        CoAnswer.DECLINED: _("%(member)s dient niet mee in.", member=member.name),
        CoAnswer.LEFT: _("%(member)s dient niet meer mee in.", member=member.name),
    }
    flash(words[CoAnswer(answer)], "ok")
    still = queries.may_still_see(submission.id, actor())
    return redirect(_page(submission) if still else url_for("results.home"), 303)


@blueprint.post(ONE + "/intrekken")
@requires(Permission.MEMBER)
def withdraw(submission_id: str) -> ResponseReturnValue:
    """Withdraw it in the name of the municipality."""
    submission, form = _one(submission_id), WithdrawForm()
    if not form.sent():
        return _refused(submission, form)
    try:
        service.withdraw(submission, form.why.data, actor())
    except Refused as refused:
        return _refused(submission, form, refused)
    flash(_("%(label)s is ingetrokken.", label=submission.label), "ok")
    return redirect(_page(submission), 303)


@blueprint.post(ONE + "/preadvies")
@requires(Permission.ADVISE)
def advise(submission_id: str) -> ResponseReturnValue:
    """Write a new version of the board's advice."""
    submission, form = _one(submission_id), AdviceForm()
    if not form.sent():
        return _refused(submission, form)
    try:
        service.advise(submission, AdviceKind(form.kind.data), form.body.data, actor())
    except Refused as refused:
        return _refused(submission, form, refused)
    flash(_("Het preadvies is bewaard. Het is nog niet openbaar."), "ok")
    return redirect(_page(submission) + "#preadvies", 303)


@blueprint.post(ONE + "/preadvies/publiceren")
@requires(Permission.ADVISE)
def publish_advice(submission_id: str) -> ResponseReturnValue:
    """Let everybody read the newest version of the advice, if that is the one that was looked over."""
    submission = _one(submission_id)
    number = _looked_over(submission)
    if number is None:
        flash(_("Er is intussen een nieuwere versie. Lees die eerst; er is niets gepubliceerd."), "error")
        return redirect(_page(submission) + "#preadvies", 303)
    service.publish_advice(submission, number, actor())
    flash(_("Het preadvies is openbaar. De indieners krijgen bericht."), "ok")
    return redirect(_page(submission) + "#preadvies", 303)


@blueprint.post(ONE + "/preadvies/weggooien")
@requires(Permission.ADVISE)
def discard_advice(submission_id: str) -> ResponseReturnValue:
    """Throw a version away that is not published, if it is the one that was looked over."""
    submission = _one(submission_id)
    number = _looked_over(submission)
    if number is None or submission.advice[-1].published_at:
        flash(_("Dit concept is er niet meer, of het is intussen openbaar. Er is niets weggegooid."), "error")
    else:
        service.discard_advice(submission, number, actor())
        flash(_("Het concept van het preadvies is weggegooid."), "ok")
    return redirect(_page(submission) + "#preadvies", 303)


def _looked_over(submission: Submission) -> int | None:
    """The number of the version that a form is about, if that is still the newest one."""
    number = request.form.get("versie", -1, int)
    return number if submission.advice and submission.advice[-1].number == number else None


@blueprint.post(ONE + "/besluit")
@requires(Permission.ADVISE)
def decide(submission_id: str) -> ResponseReturnValue:
    """Record what the board or the assembly decided."""
    submission = _one(submission_id)
    form = Desk(submission, actor()).decide
    if not form.sent():
        return _refused(submission, form)
    try:
        service.decide(submission, SubmissionState(form.decision.data), form.note.data, actor())
    except Refused as refused:
        return _refused(submission, form, refused)
    flash(_("Het besluit is vastgelegd. De indieners krijgen bericht."), "ok")
    return redirect(_page(submission), 303)


@blueprint.get(MEETING + "/preadviezen")
@requires(Permission.ADVISE)
def advice_list(meeting_code: str) -> ResponseReturnValue:
    """What waits for advice."""
    meeting = get_meeting(meeting_code)
    return page("submissions/advice_list.html", meeting=meeting, submissions=queries.submissions_of(meeting.id))


@blueprint.route(MEETING + "/termijnen", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def deadlines(meeting_code: str) -> ResponseReturnValue:
    """Until when members may submit for a meeting, how that follows from the rules, and what came too late."""
    meeting, association = get_meeting(meeting_code), get_association()
    form = DeadlineForm(data=None)
    if request.method in UNSAFE and "regel" in request.form:
        service.set_deadline(meeting, None, actor())
        flash(_("De termijn volgt weer uit de regels."), "ok")
        return redirect(url_for(".deadlines", meeting_code=meeting.code), 303)
    if form.sent():
        service.set_deadline(meeting, moment_of(form.day.data, form.clock.data), actor())
        flash(_("De nieuwe termijn is bewaard."), "ok")
        return redirect(url_for(".deadlines", meeting_code=meeting.code), 303)
    return page(
        "submissions/deadlines.html",
        422 if request.method in UNSAFE else 200,
        meeting=meeting,
        form=form,
        closes_at=queries.closes_at(meeting, association),
        by_rule=queries.by_rule(meeting, association),
        days=days_before(day_of(meeting.starts_at), association.amendment_days),
        offered=queries.offered_late(meeting.id),
        amendment=SubmissionKind.AMENDMENT,
    )
