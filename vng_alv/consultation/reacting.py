"""Reacting for a municipality: writing drafts together, sending, replacing and withdrawing what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.consultation import queries, service
from vng_alv.consultation.forms import Line, fingerprint, fingerprint_of_all, lines
from vng_alv.consultation.models import Attachment, Comment, Consultation, Position
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import offices_at, offices_of
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal, VersionSection
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, json_answer, page

blueprint = Blueprint("consultation", __name__)
blueprint.add_app_template_filter(to_html, "markdown")

TEXT = "/vergaderingen/<meeting_code>/stukken/<proposal_code>"
#: What the button of a preview is called, before the key of its section.
PREVIEW = "voorbeeld:"


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

    @property
    def open_now(self) -> bool:
        """Whether members may react now."""
        return service.is_open(self.consultation)

    def sections(self) -> Sequence[VersionSection]:
        """The sections of the text that is consulted on."""
        return sections_of(self.consultation.version_id)

    def lines(self, form: Mapping[str, str]) -> list[Line]:
        """The member's reactions by section, with what was typed in ``form``."""
        return lines(self.sections(), queries.comments_of(self.consultation.id, self.member.id), form)

    def files(self) -> Sequence[Attachment]:
        """The files beside the member's reaction, drafts too."""
        return queries.attachments_of(self.consultation.id, self.member.id)

    def url(self, endpoint: str, anchor: str | None = None, **parts: Any) -> str:
        """The address of another page on this reaction."""
        return url_for(
            endpoint,
            **parts,
            meeting_code=self.meeting.code,
            proposal_code=self.proposal.code,
            gemeente=self.member.code if len(self.offices) > 1 else None,
            _anchor=anchor,
        )


def desk_of(meeting_code: str, proposal_code: str, member_code: str | None) -> Desk:
    """Where this person works for the member with this code, or for the first of theirs. Refuses all others."""
    meeting = get_meeting(meeting_code)
    proposal = get_proposal(meeting.id, proposal_code)
    consultation = queries.get_consultation(proposal.id)
    offices = offices_of(actor().id)
    office = next((o for o in offices if member_code in (None, o.member.code)), None)
    if office is None:
        abort(403)
    return Desk(meeting, proposal, consultation, office, offices)


def _desk(meeting_code: str, proposal_code: str) -> Desk:
    return desk_of(meeting_code, proposal_code, request.args.get("gemeente"))


@blueprint.route(TEXT + "/reageren", methods=["GET", "POST"])
@requires(Permission.REACT)
def react(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """A member's reaction, section by section: what changed is saved as a draft, all of it or nothing."""
    desk = _desk(meeting_code, proposal_code)
    shown = desk.lines(request.form)
    asked = request.form.get("save", "")
    if request.method not in UNSAFE:
        return _react_page(desk, shown)
    if asked.startswith(PREVIEW):
        return _preview(desk, shown, asked.removeprefix(PREVIEW))
    refused, saved = _save(desk, [line for line in shown if line.changed])
    if _by_script():
        return _told(shown, refused, saved)
    if refused:
        return _react_page(desk, [line.told(refused.get(line.key)) for line in shown], 422)
    _say(shown, saved)
    if asked in {"versturen", "bijlagen"}:
        return redirect(desk.url({"versturen": ".send", "bijlagen": ".attachments"}[asked]), 303)
    return redirect(desk.url(".react", next((f"o-{x.key}" for x in shown if x.key == asked), None)), 303)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _save(desk: Desk, changed: Sequence[Line]) -> tuple[dict[str, Refused], dict[str, Comment]]:
    """Save these; by key why some were refused, and what became of the others."""
    refused: dict[str, Refused] = {}
    saved: dict[str, Comment] = {}
    if not changed:
        return refused, saved
    writer = service.Writer(desk.consultation, desk.member, actor())
    for line in changed:
        position = Position(line.position) if line.position else None
        try:
            saved[line.key] = writer.save(line.section_id, line.body, position, line.revision)
        except Refused as why:
            refused[line.key] = why
    return refused, saved


def _say(shown: Sequence[Line], saved: Mapping[str, Comment]) -> None:
    """Tell what was saved, and where it was put together with the words of a colleague."""
    if not saved:
        flash(_("Er was niets veranderd. Alles wat u eerder bewaarde, staat er nog."), "ok")
        return
    flash(
        ngettext("Eén reactie is bewaard als concept.", "%(num)s reacties zijn bewaard als concept.", len(saved)), "ok"
    )
    for line in shown:
        if line.key in saved and saved[line.key].body != line.body:
            where = line.section.number if line.section else _("het geheel")
            flash(_("Uw wijzigingen en die van een collega zijn samengevoegd bij: %(where)s.", where=where), "info")


def _told(shown: Sequence[Line], refused: Mapping[str, Refused], saved: Mapping[str, Comment]) -> ResponseReturnValue:
    """What the script that saves while somebody types is told, for each section by its key."""
    found = {
        key: {
            "revision": comment.revision,
            "seen": fingerprint(comment.body, comment.position or ""),
            "merged": comment.body if any(x.key == key and x.body != comment.body for x in shown) else None,
        }
        for key, comment in saved.items()
    }
    problems = {key: sentence(why) for key, why in refused.items()}
    answer = json_answer({"saved": {} if problems else found, "problems": problems, "at": db.now().isoformat()})
    answer.status_code = 409 if problems else 200
    return answer


def _preview(desk: Desk, shown: Sequence[Line], key: str) -> ResponseReturnValue:
    """How the words of a section will look; nothing is saved, and nothing that was typed is lost."""
    if not _by_script():
        return _react_page(desk, shown, preview=key)
    return json_answer({"html": next((str(to_html(line.body)) for line in shown if line.key == key), "")})


def _react_page(desk: Desk, shown: Sequence[Line], status: int = 200, preview: str = "") -> ResponseReturnValue:
    return page(
        "consultation/react.html",
        status,
        desk=desk,
        lines=shown,
        files=desk.files(),
        preview=preview,
        open_now=desk.open_now,
        senders=[o.person for o in offices_at(desk.member.id) if o.kind in MEMBER_SECRETARIES],
    )


@blueprint.route(TEXT + "/reageren/versturen", methods=["GET", "POST"])
@requires(Permission.REACT)
def send(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Look over what sending changes, and send it in the name of the member."""
    desk = _desk(meeting_code, proposal_code)
    if not desk.may_send:
        abort(403)
    all_lines, files = desk.lines({}), desk.files()
    drafts = [line for line in all_lines if line.sending]
    changed = [file for file in files if file.dropped or not file.sent_at]
    if not drafts and not changed:
        flash(_("Er is geen concept dat nog verstuurd moet worden."), "ok")
        return redirect(desk.url(".react"), 303)
    seen, problem = fingerprint_of_all(drafts, changed), ""
    if request.method in UNSAFE and request.form.get("seen") != seen:
        problem = _("Een collega heeft de concepten intussen gewijzigd. Er is niets verstuurd. Lees ze hieronder na.")
    elif request.method in UNSAFE:
        try:
            service.send(desk.consultation, desk.member, actor())
        except Refused as refused:
            problem = sentence(refused)
        else:
            flash(_sent(len(drafts), len(changed)) + " " + _("Namens %(member)s.", member=desk.member.name), "ok")
            return redirect(desk.url(".react"), 303)
    return page(
        "consultation/send.html",
        409 if problem else 200,
        desk=desk,
        drafts=drafts,
        files=changed,
        again=any(line.stands for line in all_lines),
        seen=seen,
        problem=problem,
    )


def _sent(reactions: int, files: int) -> str:
    told = [ngettext("Eén reactie is verstuurd.", "%(num)s reacties zijn verstuurd.", reactions)] if reactions else []
    if files:
        told.append(ngettext("Eén bijlage is bijgewerkt.", "%(num)s bijlagen zijn bijgewerkt.", files))
    return " ".join(told)


@blueprint.route(TEXT + "/reageren/intrekken", methods=["GET", "POST"])
@requires(Permission.REACT)
def withdraw(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Take back all that the member sent, after a look at what that is; the drafts keep the text."""
    desk = _desk(meeting_code, proposal_code)
    if not desk.may_send:
        abort(403)
    sent = [line for line in desk.lines({}) if line.stands]
    problem = ""
    if request.method in UNSAFE:
        try:
            service.withdraw(desk.consultation, desk.member, actor())
        except Refused as refused:
            problem = sentence(refused)
        else:
            flash(_("De reactie is ingetrokken. De teksten staan er nog als concept."), "ok")
            return redirect(desk.url(".react"), 303)
    elif not sent:
        return redirect(desk.url(".react"), 303)
    return page("consultation/withdraw.html", 409 if problem else 200, desk=desk, sent=sent, problem=problem)
