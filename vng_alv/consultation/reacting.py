"""Reacting for a municipality: writing drafts together, sending, and what was sent with its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.access import actor, requires
from vng_alv.consultation import queries, service
from vng_alv.consultation.forms import Line, fingerprint_of_all, lines
from vng_alv.consultation.models import Consultation, Position
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import offices_at, offices_of
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, page

blueprint = Blueprint("consultation", __name__)

TEXT = "/vergaderingen/<meeting_code>/stukken/<proposal_code>"


@dataclass(frozen=True)
class Desk:
    """Where a person works on a reaction: the text, the consultation on it, and for which member."""

    meeting: Meeting
    proposal: Proposal
    consultation: Consultation
    office: Office
    offices: Sequence[Office]

    @property
    def member(self) -> Member:
        """The member that is written for."""
        return self.office.member

    @property
    def may_send(self) -> bool:
        """Whether this person speaks for the member."""
        return self.office.kind in MEMBER_SECRETARIES

    def lines(self, form: Mapping[str, str]) -> list[Line]:
        """The member's reactions by section, with what was typed in ``form``."""
        comments = queries.comments_of(self.consultation.id, self.member.id)
        return lines(sections_of(self.consultation.version_id), comments, form)

    def url(self, endpoint: str, anchor: str | None = None) -> str:
        """The address of another page on this reaction."""
        return url_for(
            endpoint,
            meeting_code=self.meeting.code,
            proposal_code=self.proposal.code,
            gemeente=self.member.code if len(self.offices) > 1 else None,
            _anchor=anchor,
        )


def _desk(meeting_code: str, proposal_code: str) -> Desk:
    meeting = get_meeting(meeting_code)
    proposal = get_proposal(meeting.id, proposal_code)
    consultation = queries.get_consultation(proposal.id)
    offices = offices_of(actor().id)
    asked = request.args.get("gemeente")
    office = next((o for o in offices if asked in (None, o.member.code)), None)
    if office is None:
        abort(403)
    return Desk(meeting, proposal, consultation, office, offices)


@blueprint.route(TEXT + "/reageren", methods=["GET", "POST"])
@requires(Permission.REACT)
def react(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """A member's reaction, section by section: what changed is saved as a draft, all of it or nothing."""
    desk = _desk(meeting_code, proposal_code)
    shown = desk.lines(request.form)
    if request.method not in UNSAFE:
        return _react_page(desk, shown)
    changed = [line for line in shown if line.changed]
    refused = {line.key: problem for line in changed if (problem := _save(desk, line))}
    if refused or any(line.late for line in shown):
        return _react_page(desk, [_told(line, refused.get(line.key)) for line in shown], 422)
    asked = request.form.get("save", "")
    if asked == "versturen":
        return redirect(desk.url(".send"), 303)
    flash(_saved(len(changed)), "ok")
    return redirect(desk.url(".react", next((f"o-{x.key}" for x in shown if x.key == asked), None)), 303)


@blueprint.route(TEXT + "/reageren/versturen", methods=["GET", "POST"])
@requires(Permission.REACT)
def send(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Look over all drafts of the member, and send them in its name."""
    desk = _desk(meeting_code, proposal_code)
    if not desk.may_send:
        abort(403)
    drafts = [line for line in desk.lines({}) if line.saved and not line.sent]
    if not drafts:
        flash(_("Er is geen concept dat nog verstuurd moet worden."), "ok")
        return redirect(desk.url(".react"), 303)
    seen, problem = fingerprint_of_all(drafts), ""
    if request.method in UNSAFE and request.form.get("seen") != seen:
        problem = _("Een collega heeft de concepten intussen gewijzigd. Er is niets verstuurd. Lees ze hieronder na.")
    elif request.method in UNSAFE:
        try:
            number = service.send(desk.consultation, desk.member, actor())
        except Refused as refused:
            problem = sentence(refused)
        else:
            told = ngettext("Eén reactie is verstuurd.", "%(num)s reacties zijn verstuurd.", number)
            flash(told + " " + _("Dat is gedaan namens %(member)s.", member=desk.member.name), "ok")
            return redirect(desk.url(".react"), 303)
    return page("consultation/send.html", 409 if problem else 200, desk=desk, drafts=drafts, seen=seen, problem=problem)


def _saved(number: int) -> str:
    if not number:
        return str(_("Er was niets veranderd. Alles wat u eerder bewaarde, staat er nog."))
    return str(ngettext("Eén reactie is bewaard als concept.", "%(num)s reacties zijn bewaard als concept.", number))


def _react_page(desk: Desk, shown: Sequence[Line], status: int = 200) -> ResponseReturnValue:
    return page(
        "consultation/react.html",
        status,
        desk=desk,
        lines=shown,
        open_now=service.is_open(desk.consultation),
        senders=[o.person for o in offices_at(desk.member.id) if o.kind in MEMBER_SECRETARIES],
        to_html=to_html,
    )


def _save(desk: Desk, line: Line) -> Refused | None:
    position = Position(line.position) if line.position else None
    try:
        service.save_draft(desk.consultation, desk.member, line.section_id, line.body, position, line.revision, actor())
    except Refused as refused:
        return refused
    return None


def _told(line: Line, refused: Refused | None) -> Line:
    """A line with why it was not saved; who saves again after a colleague's change does so knowingly."""
    if line.late:
        return replace(
            line, problem=_("Een collega heeft deze reactie intussen verstuurd. U kunt uw tekst nog kopiëren.")
        )
    if refused is None:
        return line
    if refused.refusal is not Refusal.EDITED_MEANWHILE:
        return replace(line, problem=sentence(refused))
    if line.saved is None:
        words = _("Een collega heeft deze reactie intussen veranderd of leeggemaakt. Uw tekst staat hieronder nog.")
        return replace(line, problem=words, revision=0)
    return replace(line, problem=sentence(refused), theirs=line.saved, revision=line.saved.revision)
