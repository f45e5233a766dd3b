"""The secretariat's side of a consultation: opening and closing it, reading and answering what came in.

The members' side, on the same blueprint, is ``reacting``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, public, requires
from vng_alv.consultation import queries, service
from vng_alv.consultation.forms import AnswerForm, DeadlineForm
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.consultation.reacting import TEXT, blueprint
from vng_alv.domain.clock import moment_of
from vng_alv.domain.consultation import is_public
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association, people_of_members
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.web import UNSAFE, Page, csv_answer, locale, page, page_number, uuid_or_missing

__all__ = ["blueprint"]

#: Reactions on one page: each carries a form.
SIZE = 50
HEADER = (
    "voorbeeld",
    "code",
    "gemeente",
    "provincie",
    "onderdeel",
    "kop",
    "standpunt",
    "reactie",
    "antwoord",
    "verstuurd",
)
HEADER_EN = (
    "example",
    "code",
    "municipality",
    "province",
    "section",
    "heading",
    "position",
    "reaction",
    "answer",
    "sent",
)
STAND = {Position.AGREE: "eens", Position.AGREE_IF: "eens mits", Position.DISAGREE: "oneens", None: ""}
STAND_EN = {Position.AGREE: "agree", Position.AGREE_IF: "agree if", Position.DISAGREE: "disagree", None: ""}


def _text(meeting_code: str, proposal_code: str) -> tuple[Meeting, Proposal]:
    meeting = get_meeting(meeting_code)
    return meeting, get_proposal(meeting.id, proposal_code)


def _document(meeting: Meeting, proposal: Proposal) -> str:
    return url_for("proposals.show", meeting_code=meeting.code, proposal_code=proposal.code)


@blueprint.route("/secretariaat" + TEXT + "/consultatie", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def open_consultation(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Open the consultation on a text, or move the deadline of the one that runs."""
    meeting, proposal = _text(meeting_code, proposal_code)
    running = queries.find_consultation(proposal.id)
    form = DeadlineForm()
    if form.sent():
        closes_at = moment_of(form.day.data, form.clock.data)
        try:
            _open_until(proposal, running, closes_at)
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("De consultatie is open.") if running is None else _("De nieuwe sluiting is bewaard."), "ok")
            return redirect(_document(meeting, proposal), 303)
    return page(
        "consultation/open.html",
        422 if request.method in UNSAFE else 200,
        meeting=meeting,
        proposal=proposal,
        form=form,
        running=running,
        open_now=running is not None and service.is_open(running),
        ready=published(proposal) is not None,
        people=len(people_of_members()),
    )


def _open_until(proposal: Proposal, running: Consultation | None, closes_at: datetime) -> None:
    if running is None:
        service.open_consultation(proposal, closes_at, actor())
    elif closes_at <= db.now():
        raise Refused(Refusal.CLOCK_IN_PAST)
    else:
        service.set_deadline(running, closes_at, actor())


@blueprint.post("/secretariaat" + TEXT + "/consultatie/sluiten")
@requires(Permission.MANAGE_MEETINGS)
def close(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Close the consultation now; closing it twice is no fault."""
    meeting, proposal = _text(meeting_code, proposal_code)
    consultation = queries.get_consultation(proposal.id)
    if service.is_open(consultation):
        service.set_deadline(consultation, db.now(), actor())
    flash(_("De consultatie is gesloten. Alle verstuurde reacties zijn nu openbaar."), "ok")
    return redirect(_document(meeting, proposal), 303)


@blueprint.get("/secretariaat" + TEXT + "/reacties")
@requires(Permission.READ_REACTIONS)
def comments(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """All reactions that were sent, by section, to read and to answer."""
    meeting, proposal = _text(meeting_code, proposal_code)
    return _comments_page(meeting, proposal)


@blueprint.post("/secretariaat" + TEXT + "/reacties/<comment_id>")
@requires(Permission.ANSWER)
def answer(meeting_code: str, proposal_code: str, comment_id: str) -> ResponseReturnValue:
    """Answer a reaction, or change the answer; the list comes back as it was filtered."""
    meeting, proposal = _text(meeting_code, proposal_code)
    comment = queries.get_comment(uuid_or_missing(comment_id))
    if comment.consultation_id != queries.get_consultation(proposal.id).id:
        raise Missing("comment")
    form = AnswerForm()
    if form.sent():
        try:
            service.answer(comment, form.body.data, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("Het antwoord is bewaard."), "ok")
            return redirect(_list(meeting, proposal, f"r-{comment.id}"), 303)
    return _comments_page(meeting, proposal, comment, form)


@blueprint.get(TEXT + "/reacties.csv")
@public
def comments_csv(meeting_code: str, proposal_code: str) -> Response:
    """All reactions with their answers, once the consultation is over."""
    meeting, proposal = _text(meeting_code, proposal_code)
    consultation = queries.get_consultation(proposal.id)
    if not is_public(sent=True, closes_at=consultation.closes_at, now=db.now()):
        raise Missing("comments")
    numbers = {s.section_id: (s.number, s.heading) for s in sections_of(consultation.version_id)}
    rows = _rows(queries.sent_comments(consultation.id), numbers, example=get_association().example)
    return csv_answer(rows, f"{meeting.code}-{proposal.code}-reacties.csv")


@dataclass(frozen=True)
class Kept:
    """What the list of reactions is narrowed to."""

    unanswered: bool
    province: str

    def keeps(self, comment: Comment) -> bool:
        """Whether a reaction is on the list."""
        return not (self.unanswered and comment.answer) and self.province in ("", comment.member.province)


def _comments_page(
    meeting: Meeting, proposal: Proposal, answered: Comment | None = None, form: AnswerForm | None = None
) -> ResponseReturnValue:
    consultation = queries.get_consultation(proposal.id)
    sent = queries.sent_comments(consultation.id)
    kept = Kept(request.args.get("stand") == "open", request.args.get("provincie", ""))
    sections = sections_of(consultation.version_id)
    place = {section.section_id: section.position for section in sections}
    found = sorted((c for c in sent if kept.keeps(c)), key=lambda c: place.get(c.section_id, 0) if c.section_id else 0)
    first = (page_number() - 1) * SIZE
    return page(
        "consultation/comments.html",
        422 if form else 200,
        meeting=meeting,
        proposal=proposal,
        shown=Page(found[first : first + SIZE + 1], page_number(), SIZE),
        total=len(sent),
        kept=kept,
        number=len(found),
        unanswered=sum(c.answer is None for c in sent),
        members=len({c.member_id for c in sent}),
        provinces=sorted({c.member.province for c in sent}),
        sections={s.section_id: s for s in sections},
        open_now=service.is_open(consultation),
        consultation=consultation,
        answered=answered,
        form=form,
        filters=_filters(),
    )


def _filters() -> dict[str, Any]:
    """How the list is narrowed, to come back to it after an answer."""
    return {key: request.args[key] for key in ("stand", "provincie", "bladzijde") if key in request.args}


def _list(meeting: Meeting, proposal: Proposal, anchor: str) -> str:
    values: dict[str, Any] = {"meeting_code": meeting.code, "proposal_code": proposal.code, "_anchor": anchor}
    return url_for(".comments", **values, **_filters())


def _rows(sent: Sequence[Comment], numbers: dict[Any, tuple[str, str]], *, example: bool) -> Iterator[Sequence[object]]:
    english = locale() == "en"
    yield HEADER_EN if english else HEADER
    mark = ("invented" if english else "verzonnen") if example else ""
    whole = ("whole text" if english else "het geheel", "")
    stands = STAND_EN if english else STAND
    for c in sent:
        number, heading = numbers.get(c.section_id, whole)
        text = c.answer.body if c.answer else ""
        when = c.sent_at.isoformat(timespec="seconds") if c.sent_at else ""
        yield (
            mark,
            c.member.code,
            c.member.name,
            c.member.province,
            number,
            heading,
            stands[c.position],
            c.body,
            text,
            when,
        )
