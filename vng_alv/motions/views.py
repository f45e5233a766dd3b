"""Motions: those of a meeting, writing and submitting one, and the account of what was adopted.

The page of one motion shows its votes too, and a change of a submitted one depends on them: see ``results.motions``.
"""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, public, requires, signed_in
from vng_alv.domain.motions import FollowUpState
from vng_alv.domain.permissions import Permission
from vng_alv.domain.submissions import SubmissionState
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import coming_meetings, get_meeting
from vng_alv.members.models import Office
from vng_alv.members.queries import find_office, get_association, offices_of
from vng_alv.motions import queries, service
from vng_alv.motions.editor import Editor
from vng_alv.motions.forms import FOLLOW_UPS, AgendaForm
from vng_alv.motions.models import Motion
from vng_alv.proposals.markdown import to_html
from vng_alv.refusals import sentence
from vng_alv.submissions.desk import Desk
from vng_alv.submissions.forms import SubmitForm
from vng_alv.submissions.queries import closes_at, held
from vng_alv.web import UNSAFE, page, uuid_or_missing

blueprint = Blueprint("motions", __name__)

LIST = "/vergaderingen/<meeting_code>/moties"
ONE = "/moties/<submission_id>"
#: What the list of accounts is narrowed to, and the word for it in the address.
STANDS: dict[str, set[FollowUpState | None]] = {
    "niets": {None},
    "uitvoering": {FollowUpState.IN_PROGRESS},
    "aangehouden": {FollowUpState.HELD_OVER},
    "afgedaan": {FollowUpState.DONE},
}


def one(submission_id: str) -> Motion:
    """The motion that an address names. Raises ``Missing``."""
    return queries.get_motion(uuid_or_missing(submission_id), signed_in())


def own(submission_id: str) -> Motion:
    """One of the reader's own municipality. Whoever may read it and works elsewhere is refused."""
    motion = one(submission_id)
    if find_office(actor().id, motion.submission.member_id) is None:
        abort(403)
    return motion


def here(motion: Motion) -> str:
    """The address of a motion's page."""
    return url_for("motions.show", submission_id=motion.submission_id)


# --- Reading


@blueprint.get(LIST)
@public
def index(meeting_code: str) -> ResponseReturnValue:
    """The motions of a meeting: what was submitted, and on top the drafts that the reader may read."""
    meeting, person = get_meeting(meeting_code), signed_in()
    found = queries.motions_of(meeting.id, person)
    return page(
        "motions/index.html",
        meeting=meeting,
        motions=[m for m in found if m.submission.state is not SubmissionState.DRAFT],
        drafts=[m for m in found if m.submission.state is SubmissionState.DRAFT],
        texts=queries.texts_of(meeting.id),
        closes_at=closes_at(meeting, get_association()),
        held=held(meeting),
        offices=offices_of(person.id) if person and not held(meeting) else [],
    )


@blueprint.get("/moties")
@public
def accounts() -> ResponseReturnValue:
    """What the assembly adopted, and what came of it."""
    return page("motions/accounts.html", motions=queries.accounts(), words=FOLLOW_UPS)


# --- Writing


@blueprint.route(LIST + "/nieuw", methods=["GET", "POST"])
@requires(Permission.REACT)
def create(meeting_code: str) -> ResponseReturnValue:
    """A new motion of one's municipality, kept as a draft."""
    meeting = get_meeting(meeting_code)
    office, offices = _office()
    if request.method == "GET" and held(meeting):
        return redirect(url_for(".index", meeting_code=meeting.code), 303)
    editor = Editor(url_for(".create", meeting_code=meeting.code, gemeente=office.member.code), request.form)
    if editor.ready():
        try:
            motion = service.begin(meeting, office.member, editor.text(), editor.form.reason.data, actor())
        except Refused as refused:
            editor.form.refuse(refused)
        else:
            flash(_("Uw concept is bewaard. Alleen uw gemeente ziet het, en wie u vraagt om mee in te dienen."), "ok")
            return redirect(here(motion), 303)
    return _editing(editor, meeting, office=office, offices=offices)


@blueprint.route(ONE + "/bewerken", methods=["GET", "POST"])
@requires(Permission.REACT)
def edit(submission_id: str) -> ResponseReturnValue:
    """Go on with a draft."""
    motion = own(submission_id)
    if motion.submission.state is not SubmissionState.DRAFT and request.method == "GET":
        return redirect(url_for(".change", submission_id=submission_id), 303)
    if request.method == "GET" and held(motion.submission.meeting):
        return redirect(here(motion), 303)
    editor = Editor(url_for(".edit", submission_id=submission_id), request.form, motion)
    if editor.ready():
        try:
            service.save(motion, editor.text(), editor.form.reason.data, editor.revision, actor())
        except Refused as refused:
            editor.refuse(refused, fresh(motion) if isinstance(refused, Conflict) else None)
        else:
            flash(_("Uw concept is bewaard."), "ok")
            return redirect(here(motion), 303)
    return _editing(editor, motion.submission.meeting, motion=motion)


def _editing(editor: Editor, meeting: Meeting, **values: object) -> ResponseReturnValue:
    return page("motions/edit.html", editor.status, editor=editor, meeting=meeting, **values)


def fresh(motion: Motion) -> Motion:
    """A motion as it is now, after something that was refused is undone."""
    key = motion.submission_id
    db.rollback()
    return queries.get_motion(key, actor())


def _office() -> tuple[Office, list[Office]]:
    """The office that somebody writes in: the one that was asked for, or their first."""
    offices = list(offices_of(actor().id))
    asked = request.args.get("gemeente")
    office = next((o for o in offices if asked in (None, o.member.code)), None)
    if office is None:
        abort(403)
    return office, offices


@blueprint.post(ONE + "/weggooien")
@requires(Permission.REACT)
def discard(submission_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    motion = own(submission_id)
    code = motion.submission.meeting.code
    service.discard(motion, actor())
    flash(_("Het concept is weggegooid."), "ok")
    return redirect(url_for(".index", meeting_code=code), 303)


# --- Submitting


@blueprint.route(ONE + "/indienen", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def submit(submission_id: str) -> ResponseReturnValue:
    """Look a draft over, and submit it in the name of the municipality."""
    motion = one(submission_id)
    submission, desk = motion.submission, Desk(motion.submission, actor())
    if not desk.draft or (request.method == "GET" and not desk.may_submit):
        return redirect(here(motion), 303)
    form = SubmitForm(data={"seen": submission.revision})
    if form.sent():
        try:
            service.submit(motion, actor(), late_reason=form.late.data, revision=form.seen.data)
        except Refused as refused:
            motion = fresh(motion)
            form.refuse(refused)
            form.seen.raw_data, form.seen.data = None, motion.submission.revision
            return _reviewing(motion, form, refused.status)
        flash(_("Ingediend als motie %(label)s. Iedereen kan haar nu lezen.", label=submission.label), "ok")
        return redirect(here(motion), 303)
    return _reviewing(motion, form, 422 if request.method in UNSAFE else 200)


def _reviewing(motion: Motion, form: SubmitForm, status: int) -> ResponseReturnValue:
    submission = motion.submission
    desk = Desk(submission, actor())
    return page("motions/submit.html", status, motion=motion, desk=desk, form=form, reason=to_html(submission.reason))


# --- The account of what was adopted


@blueprint.get("/secretariaat/moties")
@requires(Permission.READ_MEETINGS)
def follow_ups() -> ResponseReturnValue:
    """Every motion that was adopted, with where its work stands, and putting the account on an agenda."""
    return _follow_ups(AgendaForm())


@blueprint.post("/secretariaat/moties/agenda")
@requires(Permission.MANAGE_MEETINGS)
def put_on_agenda() -> ResponseReturnValue:
    """Let account be given of the chosen motions at a coming meeting."""
    form, ticked = AgendaForm(), set(request.form.getlist("motie"))
    form.offer(coming_meetings(db.now()))
    if not form.sent():
        return _follow_ups(form, ticked, status=422)
    meeting = get_meeting(form.meeting.data)
    motions = [m for m in queries.accounts() if str(m.submission_id) in ticked]
    try:
        item = service.put_on_agenda(meeting, motions, actor())
    except Refused as refused:
        db.rollback()
        return _follow_ups(form, ticked, sentence(refused), refused.status)
    flash(
        ngettext("Eén motie staat bij agendapunt %(item)s.", "%(num)s moties staan bij agendapunt %(item)s.",
                 len(motions), item=f"{item.number}. {item.title}"), "ok",
    )  # fmt: skip
    return redirect(url_for("meetings.show", meeting_code=meeting.code, _anchor="agenda"), 303)


def _follow_ups(
    form: AgendaForm, ticked: set[str] | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    coming = coming_meetings(db.now())
    form.offer(coming)
    stand = request.args.get("stand", "")
    return page(
        "motions/follow_ups.html",
        status,
        motions=queries.accounts(STANDS.get(stand)),
        numbers={name: sum(queries.account_numbers().get(s, 0) for s in states) for name, states in STANDS.items()},
        stand=stand if stand in STANDS else "",
        words=FOLLOW_UPS,
        form=form,
        coming=coming,
        ticked=ticked or set(),
        problem=problem,
    )
