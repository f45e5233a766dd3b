"""Looking over a version before it is published: what was read, what was dropped, and which section is which.

On the same blueprint as ``views``, which brings texts in.
"""

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.accounts.service import begin_after_reading
from vng_alv.domain.permissions import Permission
from vng_alv.domain.redline import Span, redline
from vng_alv.domain.sections import Recognition
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals import drafting, queries, service
from vng_alv.proposals.forms import VERSION_KINDS, CorrectForm, TextForm, remark_sentences
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.redlined import redlined
from vng_alv.web import UNSAFE, page, reads_first, uuid_or_missing

blueprint = Blueprint("proposals", __name__)
blueprint.add_app_template_filter(redlined)

TEXTS = "/secretariaat/vergaderingen/<meeting_code>/stukken"
#: What is chosen for a section that continues no earlier one.
NEW = "nieuw"


def preview(meeting: Meeting, proposal: Proposal) -> str:
    """The address where a version is looked over."""
    return url_for("proposals.import_text", meeting_code=meeting.code, proposal_code=proposal.code)


def import_page(
    meeting: Meeting,
    proposal: Proposal,
    form: TextForm,
    chosen: Mapping[int, uuid.UUID | None] | None = None,
    status: int = 422,
) -> ResponseReturnValue:
    """The version in preparation, or the form to read one in; ``chosen`` is what was chosen for sections and not kept,
    ``status`` that of an answer to a form."""
    draft, earlier = queries.draft(proposal), queries.published(proposal)
    sections = queries.sections_of(draft.id) if draft else []
    report = list(draft.report) if draft else []
    if draft and not sections:
        report.append(["no_sections", 0, ""])
    return page(
        "proposals/import.html",
        status if request.method in UNSAFE else 200,
        meeting=meeting,
        proposal=proposal,
        form=form,
        chosen=chosen or {},
        draft=draft,
        earlier=earlier,
        sections=sections,
        was={s.section_id: s for s in queries.sections_of(earlier.id)} if earlier else {},
        unsure=[s for s in sections if s.recognition is Recognition.ALIKE],
        remarks=remark_sentences(report),
        kinds=VERSION_KINDS,
        new=NEW,
    )


@blueprint.route(TEXTS + "/<proposal_code>/verbeteren", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
@reads_first
def correct(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Correct what was read, as Markdown."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    draft = queries.draft(proposal)
    if draft is None and request.method not in UNSAFE:
        raise Missing("version")
    form = CorrectForm(data={"text": drafting.markdown_of(draft), "seen": draft.text_hash} if draft else None)
    status = 422
    if form.sent():
        try:
            document = service.read_text(form.text.data.encode())
            begin_after_reading()
            meeting = get_meeting(meeting_code)
            proposal = queries.get_proposal(meeting.id, proposal_code)
            drafting.correct(proposal, document, form.seen.data, actor())
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        except Missing:  # somebody published it just now
            pass
        else:
            flash(_("De verbeterde tekst is bewaard. Kijk hem hieronder nog eens na."), "ok")
            return redirect(preview(meeting, proposal), 303)
    return _correct_page(meeting, proposal, form, status)


def _correct_page(meeting: Meeting, proposal: Proposal, form: CorrectForm, status: int) -> ResponseReturnValue:
    """The text to correct. Where somebody else changed or published it meanwhile, nothing that was typed is lost."""
    draft = queries.draft(proposal)
    if draft is None:
        again = TextForm()
        again.form_errors.append(
            _("Deze versie is intussen gepubliceerd. Uw tekst staat hieronder nog; lees hem in als volgende versie.")
        )
        return import_page(meeting, proposal, again, status=409)
    changes: Sequence[Span] = ()
    if form.seen.data != draft.text_hash:
        changes = redline(drafting.markdown_of(draft), form.text.data.replace("\r\n", "\n"))
        form.seen.data = draft.text_hash  # whoever saves now has seen what the other made
    return page(
        "proposals/correct.html",
        status if request.method in UNSAFE else 200,
        meeting=meeting,
        proposal=proposal,
        form=form,
        draft=draft,
        changes=changes,
    )


@blueprint.post(TEXTS + "/<proposal_code>/herkennen")
@requires(Permission.MANAGE_MEETINGS)
def recognise(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Say which earlier section each section continues."""
    meeting = get_meeting(meeting_code)
    proposal = queries.get_proposal(meeting.id, proposal_code)
    chosen = _chosen(request.form)
    try:
        drafting.recognise(proposal, chosen, request.form.get("hash", ""), actor())
    except Refused as refused:
        form = TextForm()
        form.refuse(refused)
        same_text = not isinstance(refused, Conflict)  # else the places are those of a text that is gone
        return import_page(meeting, proposal, form, chosen if same_text else None, refused.status)
    flash(_("De onderdelen zijn nu zoals u koos."), "ok")
    return redirect(preview(meeting, proposal), 303)


def _chosen(form: Mapping[str, str]) -> dict[int, uuid.UUID | None]:
    """What was chosen for each section, by its position."""
    chosen: dict[int, uuid.UUID | None] = {}
    for name, value in form.items():
        position = name.removeprefix("zet-voort-")
        if position != name and position.isascii() and position.isdigit() and len(position) < 5:
            chosen[int(position)] = None if value == NEW else uuid_or_missing(value)
    return chosen
