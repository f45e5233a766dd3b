"""Amendments: writing, submitting and changing them.

The list on a text, and one of them as everybody reads it, show votes too, so they stand in ``results.amendments``.
"""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires, signed_in
from vng_alv.amendments import queries, service
from vng_alv.amendments.editor import Editor, editor_of, fresh, shown_of
from vng_alv.amendments.forms import saved
from vng_alv.amendments.models import Amendment
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.domain.texts import may_amend
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import find_office, offices_of
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.submissions.desk import PAGES, Desk
from vng_alv.submissions.forms import LateForm, SubmitForm
from vng_alv.submissions.queries import held
from vng_alv.web import UNSAFE, page, reads_first, uuid_or_missing

blueprint = Blueprint("amendments", __name__)

LIST = "/vergaderingen/<meeting_code>/stukken/<proposal_code>/amendementen"
ONE = "/amendementen/<submission_id>"


def text_of(meeting_code: str, proposal_code: str) -> Proposal:
    """The text that amendments are about."""
    return get_proposal(get_meeting(meeting_code).id, proposal_code)


def one(submission_id: str) -> Amendment:
    """An amendment that the reader may read."""
    return queries.get_amendment(uuid_or_missing(submission_id), signed_in())


def _own(submission_id: str) -> Amendment:
    """One of a municipality that the reader works for."""
    amendment = one(submission_id)
    if find_office(actor().id, amendment.submission.member_id) is None:
        raise Missing("amendment")
    return amendment


def _begin(meeting_code: str, proposal_code: str) -> Editor:
    """Where somebody writes a new amendment for one of their municipalities."""
    proposal, asked = text_of(meeting_code, proposal_code), request.args.get("gemeente")
    office = next((o for o in offices_of(actor().id) if asked in (None, o.member.code)), None)
    if office is None:
        abort(403)
    return Editor(proposal, office.member)


def refusal_of(proposal: Proposal) -> Refusal | None:
    """Why nobody can amend this text, or None."""
    return may_amend(proposal.kind, held=held(proposal.meeting))


def _here(amendment: Amendment) -> str:
    return url_for(".show", submission_id=amendment.submission_id)


def _list(proposal: Proposal) -> str:
    return url_for(".index", meeting_code=proposal.meeting.code, proposal_code=proposal.code)


# --- Writing


@blueprint.route(LIST + "/nieuw", methods=["GET", "POST"])
@requires(Permission.REACT)
def create(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """A new amendment of one's municipality, kept as a draft."""
    editor = _begin(meeting_code, proposal_code)
    if request.method == "GET" and refusal_of(editor.proposal):
        return redirect(_list(editor.proposal), 303)
    if editor.form.sent():
        values = editor.form.title.data, editor.form.reason.data, editor.changes()
        try:
            amendment = service.begin(editor.proposal, editor.member, *values, actor())
        except Refused as refused:
            return _editing(editor, refused)
        flash(_("Uw concept is bewaard. Alleen uw gemeente ziet het, en wie u vraagt om mee in te dienen."), "ok")
        return redirect(_here(amendment), 303)
    return _editing(editor)


@blueprint.post(LIST + "/bekijken")
@requires(Permission.REACT)
@reads_first
def preview_new(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """What a new amendment changes and collides with, or one more section in it; nothing is saved."""
    return _preview(_begin(meeting_code, proposal_code))


@blueprint.route(ONE + "/bewerken", methods=["GET", "POST"])
@requires(Permission.REACT)
def edit(submission_id: str) -> ResponseReturnValue:
    """Go on with a draft."""
    amendment = _own(submission_id)
    if amendment.submission.state is not SubmissionState.DRAFT and request.method == "GET":
        return redirect(url_for(".change", submission_id=submission_id), 303)
    if request.method == "GET" and held(amendment.submission.meeting):
        return redirect(_here(amendment), 303)
    return _save(amendment, service.edit, _("Uw concept is bewaard."))


@blueprint.route(ONE + "/wijzigen", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def change(submission_id: str) -> ResponseReturnValue:
    """Change what was submitted, until the deadline."""
    amendment = _own(submission_id)
    if request.method == "GET" and not Desk(amendment.submission, actor()).may_change:
        return redirect(_here(amendment), 303)
    return _save(
        amendment, service.change, _("Het gewijzigde amendement is openbaar. Wie mee indient, krijgt bericht.")
    )


@blueprint.post(ONE + "/bekijken")
@requires(Permission.REACT)
@reads_first
def preview(submission_id: str) -> ResponseReturnValue:
    """What an amendment changes and collides with as it stands in the form; nothing is saved."""
    return _preview(editor_of(_own(submission_id)))


def _save(amendment: Amendment, save: Any, said: str) -> ResponseReturnValue:
    editor = editor_of(amendment)
    if editor.form.sent():
        form = editor.form
        values = form.title.data, form.reason.data, editor.changes(), form.revision.data or 0
        try:
            save(amendment, *values, actor())
        except Conflict as refused:
            editor.meet(fresh(amendment))
            return _editing(editor, refused)
        except Refused as refused:
            return _editing(editor, refused)
        flash(said, "ok")
        return redirect(_here(amendment), 303)
    return _editing(editor)


def _preview(editor: Editor) -> ResponseReturnValue:
    editor.step(request.form)
    return _editing(editor, status=200, preview=True)


def _editing(
    editor: Editor, refused: Refused | None = None, status: int | None = None, *, preview: bool = False
) -> ResponseReturnValue:
    if refused:
        editor.form.refuse(refused)
    usual = refused.status if refused else 422 if request.method in UNSAFE else 200
    return page("amendments/edit.html", status or usual, editor=editor, shown=editor.shown(), preview=preview)


# --- Submitting


@blueprint.route(ONE + "/indienen", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def submit(submission_id: str) -> ResponseReturnValue:
    """Look a draft over, and submit it in the name of the municipality."""
    amendment = one(submission_id)
    submission, desk = amendment.submission, Desk(amendment.submission, actor())
    speaks = desk.who.is_secretary or desk.manages
    if not desk.draft or (request.method == "GET" and not speaks):
        return redirect(_here(amendment), 303)
    form = SubmitForm(data={"late": submission.late_reason, "seen": submission.revision})
    if form.sent():
        try:
            service.submit(amendment, form.seen.data, actor(), late_reason=form.late.data)
        except Refused as refused:
            amendment = fresh(amendment)
            form.refuse(refused)
            form.seen.raw_data, form.seen.data = None, amendment.submission.revision
            return _reviewing(amendment, form, refused.status)
        flash(_("Ingediend als %(label)s. Iedereen kan het nu lezen.", label=submission.label), "ok")
        return redirect(_here(amendment), 303)
    return _reviewing(amendment, form, 422 if request.method in UNSAFE else 200)


def _reviewing(amendment: Amendment, form: SubmitForm, status: int) -> ResponseReturnValue:
    sections = sections_of(amendment.version_id)
    rivals = queries.rivals(amendment.version_id, amendment.submission.member_id, amendment.submission_id)
    return page(
        "amendments/submit.html",
        status,
        amendment=amendment,
        submission=amendment.submission,
        desk=Desk(amendment.submission, actor()),
        form=form,
        shown=shown_of(saved(amendment.sections, sections), rivals, sections),
        reason=to_html(amendment.submission.reason),
    )


@blueprint.post(ONE + "/te-laat")
@requires(Permission.MEMBER)
def offer_late(submission_id: str) -> ResponseReturnValue:
    """Ask the secretariat to take a draft in after the deadline, or take that back."""
    amendment, form = _own(submission_id), LateForm()
    if not form.sent():
        return PAGES[SubmissionKind.AMENDMENT](amendment.submission, form, 422)
    try:
        service.offer_late(amendment, form.late.data, actor())
    except Refused as refused:
        form.refuse(refused)
        return PAGES[SubmissionKind.AMENDMENT](amendment.submission, form, refused.status)
    asked = _("Het secretariaat kan uw concept nu lezen en beslist of het nog kan. Bel als er haast bij is.")
    flash(asked if form.late.data else _("Het secretariaat ziet uw concept niet meer."), "ok")
    return redirect(_here(amendment), 303)


@blueprint.post(ONE + "/weggooien")
@requires(Permission.REACT)
def discard(submission_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    amendment = _own(submission_id)
    proposal = amendment.proposal
    service.discard(amendment, actor())
    flash(_("Het concept is weggegooid."), "ok")
    return redirect(_list(proposal), 303)
