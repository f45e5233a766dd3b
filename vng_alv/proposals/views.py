"""Bringing a text to a meeting: reading it in, looking it over, publishing it, advising on it.

The document that everybody reads shows reactions and rounds too, so it stands in ``results.proposals``.
"""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.accounts.service import begin_after_reading
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.meetings.service import add_agenda_item
from vng_alv.members.queries import get_member, members_on
from vng_alv.proposals import queries, service
from vng_alv.proposals.drafts import TEXTS, blueprint, import_page, preview
from vng_alv.proposals.forms import BOARD, NEW_ITEM, NO_ITEM, AdviceForm, PlaceForm, ProposalForm, TextForm
from vng_alv.proposals.markdown import Document
from vng_alv.proposals.models import Proposal, ProposalKind, VersionKind
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, page, reads_first

__all__ = ["blueprint"]


@blueprint.route(TEXTS + "/nieuw", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
@reads_first
def create(meeting_code: str) -> ResponseReturnValue:
    """A new proposal with its first text."""
    meeting = get_meeting(meeting_code)
    form = ProposalForm()
    form.offer(meeting.agenda, members_on(db.now().date()))
    if form.sent():
        try:
            document = service.read_text(form.content(), form.file_name())
            begin_after_reading()
            meeting = get_meeting(meeting_code)
            proposal = _create(meeting, form, document)
            service.import_text(proposal, document, actor(), file_name=form.file_name())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(preview(meeting, proposal), 303)
    return page("proposals/create.html", 422 if request.method in UNSAFE else 200, meeting=meeting, form=form)


@blueprint.route(TEXTS + "/<proposal_code>/importeren", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
@reads_first
def import_text(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Read a new version in, and look over the one that waits to be published."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    form = TextForm()
    if form.sent():
        try:
            document = service.read_text(form.content(), form.file_name())
            begin_after_reading()
            meeting = get_meeting(meeting_code)
            proposal = queries.get_proposal(meeting.id, proposal_code)
            service.import_text(proposal, document, actor(), file_name=form.file_name())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(preview(meeting, proposal), 303)
    return import_page(meeting, proposal, form)


@blueprint.post(TEXTS + "/<proposal_code>/publiceren")
@requires(Permission.MANAGE_MEETINGS)
def publish(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Publish the version that was looked over, and no other one."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    draft, seen = queries.draft(proposal), request.form.get("hash", "")
    if draft is not None and draft.text_hash != seen:
        flash(
            _("De tekst is intussen opnieuw ingelezen. Er is niets gepubliceerd; kijk de tekst hieronder na."), "error"
        )
        return redirect(preview(meeting, proposal), 303)
    if draft is not None:
        kind = request.form.get("soort", "")
        draft.kind = VersionKind(kind) if kind in set(VersionKind) else draft.kind
        try:
            version = service.publish(proposal, actor())
        except Refused as refused:
            db.rollback()  # the rooms above may refuse after something was written
            flash(sentence(refused), "error")
            return redirect(preview(get_meeting(meeting_code), proposal), 303)
        flash(_("Versie %(number)s is gepubliceerd. Iedereen kan het stuk nu lezen.", number=version.number), "ok")
    elif not any(v.text_hash == seen and v.published_at for v in proposal.versions):
        flash(_("Er is geen tekst die op publicatie wacht. Lees eerst een tekst in."), "error")
        return redirect(preview(meeting, proposal), 303)
    return redirect(url_for("proposals.show", meeting_code=meeting.code, proposal_code=proposal.code), 303)


@blueprint.route(TEXTS + "/<proposal_code>/advies", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def advice(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The board's advice on a proposal."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    form = AdviceForm(data={"advice": proposal.advice})
    if form.sent():
        service.give_advice(proposal, form.advice.data, actor())
        flash(_("Het advies is bewaard.") if proposal.advice else _("Het advies is teruggenomen."), "ok")
        return redirect(url_for("proposals.show", meeting_code=meeting.code, proposal_code=proposal.code), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("proposals/advice.html", status, meeting=meeting, proposal=proposal, form=form)


@blueprint.route(TEXTS + "/<proposal_code>/agendapunt", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def place(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Put a text, a motion too, under an item of the agenda."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    usual = proposal.agenda_item or queries.item_of_named(proposal)
    form = PlaceForm(data={"item": str(usual.id) if usual else NO_ITEM})
    form.offer(meeting.agenda)
    if form.sent():
        item = next((one for one in meeting.agenda if str(one.id) == form.item.data), None)
        service.place(proposal, item, actor())
        flash(_("%(code)s staat bij agendapunt %(item)s.", code=proposal.code, item=f"{item.number}. {item.title}")
              if item else _("%(code)s staat nu bij geen agendapunt.", code=proposal.code), "ok")  # fmt: skip
        return redirect(url_for("meetings.show", meeting_code=meeting.code, _anchor="agenda"), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("proposals/place.html", status, meeting=meeting, proposal=proposal, form=form)


def _create(meeting: Meeting, form: ProposalForm, document: Document) -> Proposal:
    title = form.title.data or document.title or form.code.data
    proposal = service.create(
        meeting,
        form.code.data,
        ProposalKind(form.kind.data),
        title,
        actor(),
        submitter=None if form.submitter.data == BOARD else get_member(form.submitter.data),
    )
    proposal.agenda_item = _item(meeting, form, title)
    return proposal


def _item(meeting: Meeting, form: ProposalForm, title: str) -> AgendaItem | None:
    chosen = form.item.data
    if chosen == NEW_ITEM:
        return add_agenda_item(meeting, (form.item_title.data or title)[:200], actor())
    return next((item for item in meeting.agenda if str(item.number) == chosen), None)
