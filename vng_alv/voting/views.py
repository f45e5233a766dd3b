"""The ballot: all open questions on one page, a review, the cast itself, and the receipt."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from vng_alv.access import actor, recognises, requires
from vng_alv.accounts.queries import token_hash
from vng_alv.domain import receipts
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import Seat, get_meeting, seats_of, voted_through
from vng_alv.members.queries import find_office
from vng_alv.proposals.markdown import to_html
from vng_alv.refusals import sentence
from vng_alv.voting import queries
from vng_alv.voting.cast import cast as cast_ballots
from vng_alv.voting.models import Ballot, Round
from vng_alv.web import cookie_name, page, reads_first, uuid_or_missing

blueprint = Blueprint("voting", __name__)

FIELD = "choice-"


@dataclass(frozen=True)
class Voter:
    """The member that is voted for, with its weight in what is open."""

    code: str
    name: str
    weight: int
    #: The member that has this one's proxy, if it votes through another.
    through: str


@dataclass(frozen=True)
class Question:
    """One open question as the ballot shows it."""

    round: Round
    text_html: Markup
    advice_html: Markup | None
    current_choice: Choice | None


def _seat(meeting: Meeting, person: Actor) -> Seat:
    """The member that this page is about: the only one that the person votes for, or the one that was asked for."""
    seats = seats_of(person.id, meeting.id)
    asked = request.values.get("gemeente", "")
    for seat in seats:
        if seat.member.code == asked or (not asked and len(seats) == 1):
            return seat
    raise Refused(Refusal.NOT_HOLDER)


def _questions(meeting: Meeting, seat: Seat) -> list[Question]:
    rounds = queries.open_rounds(meeting.id)
    texts = queries.section_texts(rounds)
    choices = queries.choices_of(seat.member.id, [r.id for r in rounds])
    found = []
    for one in rounds:
        section = texts.get(one.id)
        text = to_html(section.body) if section else Markup()
        advice = to_html(one.proposal.advice) if one.proposal.advice and section is None else None
        found.append(Question(one, text, advice, choices.get(one.id)))
    return found


def _voter(seat: Seat, questions: list[Question]) -> Voter:
    weight = queries.weight_in([q.round.id for q in questions], seat.member.id)
    return Voter(seat.member.code, seat.member.name, weight, seat.through.name if seat.through else "")


def _chosen(form: Mapping[str, str]) -> dict[str, str]:
    """What was chosen, by the key of the round as it was sent; questions left open are not in it."""
    return {name.removeprefix(FIELD): value for name, value in form.items() if name.startswith(FIELD) and value}


def _ballot(
    meeting: Meeting, seat: Seat, chosen: Mapping[str, str], problem: str | None, status: int = 200
) -> ResponseReturnValue:
    questions = _questions(meeting, seat)
    closing = [q.round.closes_at for q in questions if q.round.closes_at]
    first: datetime | None = min(closing, default=None)
    return page(
        "voting/ballot.html",
        status,
        meeting=meeting,
        member=_voter(seat, questions),
        questions=questions,
        chosen=chosen,
        problem=problem,
        closes_at=first,
    )


@blueprint.get("/stemmen/<meeting_code>")
@requires(Permission.VOTE)
def ballot(meeting_code: str) -> ResponseReturnValue:
    """All that is put to the vote now; who votes for several members chooses one first."""
    meeting = get_meeting(meeting_code)
    seats = seats_of(actor().id, meeting.id)
    if len(seats) != 1 and "gemeente" not in request.args:
        return page("voting/mandates.html", meeting=meeting, seats=seats)
    return _ballot(meeting, _seat(meeting, actor()), {}, None)


@blueprint.post("/stemmen/<meeting_code>/controle")
@requires(Permission.VOTE)
def review(meeting_code: str) -> ResponseReturnValue:
    """Show what would be cast. Nothing is recorded here; 'wijzig' leads back with everything that was chosen."""
    meeting = get_meeting(meeting_code)
    seat = _seat(meeting, actor())
    chosen = _chosen(request.form)
    if "edit" in request.form:
        return _ballot(meeting, seat, chosen, None)
    questions = _questions(meeting, seat)
    preset = request.form.get("preset")
    if preset in set(Choice):
        chosen = {str(q.round.id): str(preset) for q in questions}
    if not set(chosen.values()) <= set(Choice):
        return _ballot(meeting, seat, {}, sentence(Refused(Refusal.UNKNOWN_CHOICE)), 422)
    return page(
        "voting/review.html",
        meeting=meeting,
        member=_voter(seat, questions),
        lines=[(q, chosen.get(str(q.round.id))) for q in questions],
        gone=len(set(chosen) - {str(q.round.id) for q in questions}),
        key=uuid.uuid4(),
    )


@blueprint.post("/stemmen/<meeting_code>/uitbrengen")
@requires(Permission.VOTE)
@recognises
@reads_first
def cast(meeting_code: str) -> ResponseReturnValue:
    """Record the ballots and answer when they are. The lean path: no page, no form library, one statement in all."""
    form = request.form
    try:
        choices = {uuid.UUID(key): choice for key, choice in _chosen(form).items()}
        key = uuid.UUID(form.get("key", ""))
    except ValueError:
        raise Refused(Refusal.UNKNOWN_CHOICE) from None
    voter = token_hash(request.cookies.get(cookie_name("alv"), ""))
    done = cast_ballots(meeting_code, form.get("gemeente", ""), choices, key, voter)
    missed = ",".join(str(round_id) for round_id in done.refused)
    address = f"/stembewijs/{done.receipt}" + (f"?gemist={missed}" if missed else "")
    return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


@blueprint.get("/stembewijs/<code>")
@requires(Permission.VOTE)
def receipt(code: str) -> ResponseReturnValue:
    """A receipt, for the people of the member that it belongs to, and of the one that had its proxy."""
    lines = queries.receipt_lines(receipts.normal(code))
    if not lines or not _may_see(lines[0][0], lines[0][1].meeting_id, actor()):
        raise Missing("receipt")
    missed = [uuid_or_missing(key) for key in request.args.get("gemist", "").split(",") if key]
    return page(
        "voting/receipt.html",
        code=lines[0][0].receipt,
        member=lines[0][2],
        cast_at=lines[0][0].cast_at,
        lines=lines,
        missed=queries.titles(missed),
        meeting=queries.find_meeting(lines[0][1].meeting_id),
    )


def _may_see(ballot: Ballot, meeting_id: uuid.UUID, person: Actor) -> bool:
    if find_office(person.id, ballot.member_id):
        return True
    through = voted_through(meeting_id, ballot.member_id, ballot.cast_at)
    return through is not None and find_office(person.id, through) is not None


@blueprint.get("/stembewijs")
@requires(Permission.VOTE)
def find_receipt() -> ResponseReturnValue:
    """From a code that was typed to its receipt."""
    return redirect(url_for("voting.receipt", code=receipts.normal(request.args.get("code", "")) or "-"), 303)
