"""Opening and closing a consultation, and the list of what was said in it. Answering it is the room ``answering``.

The members' side, on the same blueprint, is ``reacting``, ``history`` and ``attaching``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, public, requires, signed_in
from vng_alv.consultation import queries, service
from vng_alv.consultation.attaching import blueprint
from vng_alv.consultation.forms import DeadlineForm
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.consultation.reacting import TEXT
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
from vng_alv.web import UNSAFE, Page, csv_answer, locale, page, page_number

__all__ = ["blueprint"]

#: Reactions on one page.
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


@dataclass(frozen=True)
class Kept:
    """What the list of reactions is narrowed to."""

    unanswered: bool
    province: str


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


@blueprint.get(TEXT + "/reacties")
@public
def comments(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """All reactions that were sent, by section, with their answers; before closing for those who process them."""
    meeting, proposal = _text(meeting_code, proposal_code)
    consultation, reader = queries.get_consultation(proposal.id), signed_in()
    if not _is_over(consultation) and not (reader and reader.may(Permission.READ_REACTIONS)):
        raise Missing("comments")
    kept = Kept(request.args.get("stand") == "open", request.args.get("provincie", ""))
    total, members, unanswered = queries.count_sent(consultation.id)
    shown = queries.some_sent(
        consultation, unanswered=kept.unanswered, province=kept.province,
        first=(page_number() - 1) * SIZE, number=SIZE + 1,
    )  # fmt: skip
    return page(
        "consultation/comments.html",
        meeting=meeting,
        proposal=proposal,
        shown=Page(shown, page_number(), SIZE),
        total=total,
        kept=kept,
        unanswered=unanswered,
        members=members,
        provinces=queries.provinces(consultation.id),
        sections={s.section_id: s for s in sections_of(consultation.version_id)},
        open_now=service.is_open(consultation),
        consultation=consultation,
        files=[
            file for file in queries.sent_attachments(consultation.id) if kept.province in ("", file.member.province)
        ],
    )


def _is_over(consultation: Consultation) -> bool:
    return is_public(sent=True, closes_at=consultation.closes_at, now=db.now())


@blueprint.get(TEXT + "/reacties.csv")
@public
def comments_csv(meeting_code: str, proposal_code: str) -> Response:
    """All reactions with their answers, once the consultation is over."""
    meeting, proposal = _text(meeting_code, proposal_code)
    consultation = queries.get_consultation(proposal.id)
    if not _is_over(consultation):
        raise Missing("comments")
    numbers = {s.section_id: (s.number, s.heading) for s in sections_of(consultation.version_id)}
    rows = comment_rows(queries.sent_comments(consultation.id), numbers, example=get_association().example)
    return csv_answer(rows, f"{meeting.code}-{proposal.code}-reacties.csv")


def comment_rows(
    sent: Sequence[Comment], numbers: dict[Any, tuple[str, str]], *, example: bool
) -> Iterator[Sequence[object]]:
    """Reactions with their answers as rows, after a header."""
    english = locale() == "en"
    yield HEADER_EN if english else HEADER
    mark = ("invented" if english else "verzonnen") if example else ""
    whole = ("whole text" if english else "het geheel", "")
    stands = STAND_EN if english else STAND
    for c in sent:
        number, heading = numbers.get(c.section_id, whole)
        text = "\n\n".join(f"{one.theme}: {one.body}" if one.theme else one.body for one in c.answers)
        when = c.sent_at.isoformat(timespec="seconds") if c.sent_at else ""
        yield (
            mark,
            c.member.code,
            c.member.name,
            c.member.province,
            number,
            heading,
            stands[c.sent_position],
            c.sent_body,
            text,
            when,
        )
