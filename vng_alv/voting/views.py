"""The ballot: all open questions on one page, a review, the cast itself, and the receipt."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from vng_alv.access import actor, recognises, requires
from vng_alv.accounts.queries import token_hash
from vng_alv.domain import receipts
from vng_alv.domain.ballots import Choice, divided, is_written, lines_of, may_say, picked
from vng_alv.domain.option_sentences import ballot_words as words_of
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Missing, Refused, Unavailable
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import Seat, get_meeting, seats_of
from vng_alv.members.queries import find_office
from vng_alv.motions.queries import board_advice
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import VersionSection
from vng_alv.refusals import sentence
from vng_alv.signing.service import Place, place
from vng_alv.submissions.forms import ADVICE
from vng_alv.voting import queries
from vng_alv.voting.about import Amended, amended_of, dropped_of
from vng_alv.voting.advised import Advised, advised_of
from vng_alv.voting.cast import cast as cast_ballots
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.noted import put_to_hall
from vng_alv.voting.paper import entered_on
from vng_alv.voting.preparing_queries import Beside, beside, intended_at
from vng_alv.voting.receipts import Line, signed_file
from vng_alv.web import cookie_name, json_answer, locale, page, reads_first, uuid_or_missing

blueprint = Blueprint("voting", __name__)

FIELD = "choice-"
#: What the button says that fills in what the member prepared.
INTENDED = "intended"
#: What stands for votes that are divided; how, stands in fields of its own.
DIVIDED = "divided"


@blueprint.app_template_global()
def ballot_words(ballot: str, titles: Mapping[str, str]) -> str:
    """What a ballot says, in the language of the page."""
    return words_of(ballot, titles, locale())


@blueprint.app_template_global()
def ballot_lines(ballot: str) -> dict[str, int | None]:
    """The lines of a ballot that was chosen, or typed; none of one that cannot be read."""
    return dict(lines_of(ballot)) if is_written(ballot) else {}


@dataclass(frozen=True)
class Voter:
    """The member that is voted for, with its weight in what is open."""

    code: str
    name: str
    weight: int
    #: The member that has this one's proxy, if it votes through another.
    through: str


@dataclass(frozen=True)
class Problem:
    """Why a ballot cannot be cast, and the round of the question that it is about, if of one."""

    words: str
    at: uuid.UUID | None = None


@dataclass(frozen=True)
class Worded:
    """An option with what it says."""

    title: str
    html: Markup


@dataclass(frozen=True)
class Question:
    """One open question as the ballot shows it."""

    round: Round
    text_html: Markup
    advice_html: Markup | None
    #: Of a question about an amendment: what it changes.
    amended: Amended | None
    #: Of a whole: the numbers of the sections that are not in it any more.
    dropped: list[str]
    #: Of a question about the advice on a motion: that advice, and the motion.
    advised: Advised | None
    #: The options that say more than their title.
    options: list[Worded]
    #: The ballot that stands, as ``domain.ballots`` writes it.
    current_choice: str | None = None
    #: What the member itself prepared, for its own people only.
    prepared: Beside | None = None


def chosen_seat(meeting: Meeting, person: Actor) -> Seat:
    """The member that this page is about: the only one that the person votes for, or the one that was asked for."""
    seats = seats_of(person.id, meeting.id)
    asked = request.values.get("gemeente", "")
    for seat in seats:
        if seat.member.code == asked or (not asked and len(seats) == 1):
            return seat
    raise Refused(Refusal.NOT_HOLDER)


def _rehearses() -> bool:
    """Whether this is about what may be tried out in a meeting: a ballot of its own, never mixed with the real one."""
    return bool(request.values.get("proef"))


def _questions(meeting: Meeting, seat: Seat) -> list[Question]:
    # What is secret is asked on a page of its own, and its answer never comes here.
    rounds = [one for one in queries.open_rounds(meeting.id, rehearsals=_rehearses()) if not one.secret]
    choices = queries.choices_of(seat.member.id, [r.id for r in rounds])
    prepared = {} if _rehearses() else prepared_on(rounds, meeting, seat)
    return [
        replace(one, current_choice=choices.get(one.round.id), prepared=prepared.get(one.round.id))
        for one in questions_on(rounds)
    ]


def prepared_on(rounds: Sequence[Round], meeting: Meeting, seat: Seat) -> dict[uuid.UUID, Beside]:
    """What the member prepared on these rounds, as far as the person may see it, by round."""
    intended = intended_at(meeting.id, seat.member.id, actor().id)
    return {one.id: beside(one, intended) for one in rounds}


def questions_on(rounds: Sequence[Round]) -> list[Question]:
    """Open rounds as every ballot shows them, without anything of a member."""
    texts = queries.section_texts(rounds)
    amended, dropped, advised = amended_of(rounds), dropped_of(rounds), advised_of(rounds)
    advice = board_words(rounds, texts) | {key: one.advice for key, one in amended.items()}
    found = []
    for one in rounds:
        section = texts.get(one.id)
        found.append(
            Question(
                one,
                to_html(section.body) if section else Markup(),
                to_html(advice[one.id]) if advice.get(one.id) else None,
                amended.get(one.id),
                dropped.get(one.id, []),
                advised.get(one.id),
                [Worded(option["title"], to_html(option["body"])) for option in one.options if option["body"]],
            )
        )
    return found


def board_words(rounds: Sequence[Round], texts: Mapping[uuid.UUID, VersionSection]) -> dict[uuid.UUID, str]:
    """The board's advice (Markdown) beside rounds on texts, by round: on the whole, and on a motion and its parts."""
    about = [one for one in rounds if not one.amendment_id and not one.advice_id]
    given = board_advice({r.proposal_id for r in about if r.proposal_id})
    found = {}
    for one in about:
        advice = one.proposal.advice if one.proposal and one.id not in texts else ""
        if one.proposal_id and one.proposal_id in given:
            motion = given[one.proposal_id]
            advice = f"**{ADVICE[motion.kind]}**\n\n{motion.body}"
        if advice:
            found[one.id] = advice
    return found


def voter_of(seat: Seat, rounds: Sequence[Round]) -> Voter:
    """The member that is voted for, with its weight in these rounds."""
    weight = queries.weight_in([one.id for one in rounds], seat.member.id)
    return Voter(seat.member.code, seat.member.name, weight, seat.through.name if seat.through else "")


def _chosen(form: MultiDict[str, str]) -> dict[str, str]:
    """What was chosen, by the key of the round as it was sent; questions left open are not in it."""
    sent = {
        name.removeprefix(FIELD): "+".join(filter(None, form.getlist(name))) for name in form if name.startswith(FIELD)
    }
    return {key: choice for key, choice in sent.items() if choice}


def _written(form: MultiDict[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """The same in the spelling of ballots: options in their order, and votes that are divided as they were typed."""
    chosen = _chosen(form)
    for one in (q.round for q in questions if str(q.round.id) in chosen):
        key, order = str(one.id), one.paper.keys
        if chosen[key] == DIVIDED and one.divides:
            typed = {option: form.get(f"votes-{one.id}-{option}", "").strip() for option in order}
            whole = {o: int(v) for o, v in typed.items() if v.isascii() and v.isdigit() and len(v) < 10}
            chosen[key] = divided(whole, order) or DIVIDED
        else:
            chosen[key] = picked(chosen[key].split("+"), order)
    return chosen


def _problem(chosen: Mapping[str, str], questions: Sequence[Question], weight: int) -> Problem | None:
    """Why one of these ballots cannot be cast, and on which question; None when all can."""
    if not all(map(is_written, chosen.values())):
        return Problem(sentence(Refused(Refusal.UNKNOWN_CHOICE)))
    for one in (q.round for q in questions if str(q.round.id) in chosen):
        if chosen[str(one.id)] == DIVIDED and one.divides:
            return Problem(sentence(Refused(Refusal.VOTES_LEFT, votes=weight)), one.id)
        if refusal := may_say(chosen[str(one.id)], one.paper, weight):
            return Problem(sentence(Refused(refusal, most=one.picks, votes=weight)), one.id)
    return None


def _ballot(
    meeting: Meeting, seat: Seat, chosen: Mapping[str, str], problem: Problem | None, status: int = 200
) -> ResponseReturnValue:
    questions = _questions(meeting, seat)
    secret = [] if _rehearses() else [one for one in queries.open_rounds(meeting.id) if one.secret]
    rounds = [*(q.round for q in questions), *secret]
    closing = [one.closes_at for one in rounds if one.closes_at]
    first: datetime | None = min(closing, default=None)
    return page(
        "voting/ballot.html",
        status,
        meeting=meeting,
        member=voter_of(seat, rounds),
        questions=questions,
        secret=secret,
        took_part=queries.choices_of(seat.member.id, [one.id for one in secret]),
        chosen=chosen,
        problem=problem,
        closes_at=first,
        hall=[] if _rehearses() else put_to_hall(queries.acclaimed_now(meeting.id)),
        rehearsal=_rehearses(),
        rehearsals=0 if _rehearses() else len(queries.open_rounds(meeting.id, rehearsals=True)),
        planned=None if rounds or _rehearses() else queries.find_next_opening(meeting.id),
    )


@blueprint.get("/stemmen/<meeting_code>")
@requires(Permission.VOTE)
def ballot(meeting_code: str) -> ResponseReturnValue:
    """All that is put to the vote now; who votes for several members chooses one first."""
    meeting = get_meeting(meeting_code)
    seats = seats_of(actor().id, meeting.id)
    if len(seats) != 1 and "gemeente" not in request.args:
        return page("voting/mandates.html", meeting=meeting, seats=seats, rehearsal=_rehearses())
    return _ballot(meeting, chosen_seat(meeting, actor()), {}, None)


@blueprint.post("/stemmen/<meeting_code>/controle")
@requires(Permission.VOTE)
def review(meeting_code: str) -> ResponseReturnValue:
    """Show what would be cast. Nothing is recorded here; 'wijzig' leads back with everything that was chosen."""
    meeting = get_meeting(meeting_code)
    seat = chosen_seat(meeting, actor())
    chosen = _chosen(request.form)
    if "edit" in request.form:
        return _ballot(meeting, seat, chosen, None)
    questions = _questions(meeting, seat)
    preset, voter = request.form.get("preset"), voter_of(seat, [q.round for q in questions])
    if preset in set(Choice):
        chosen = {str(q.round.id): str(preset) for q in questions if not q.round.options}
    elif preset == INTENDED:
        chosen = {str(q.round.id): str(q.prepared.preset) for q in questions if q.prepared and q.prepared.preset}
    else:
        chosen = _written(request.form, questions)
    if problem := _problem(chosen, questions, voter.weight):
        return _ballot(meeting, seat, chosen, problem, 422)
    return page(
        "voting/review.html",
        meeting=meeting,
        member=voter,
        lines=[(q, chosen.get(str(q.round.id))) for q in questions],
        rehearsal=_rehearses(),
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
    """A receipt, for the people of the member that it belongs to, and of the one that had its proxy.

    Without the key that signs, the page says so: that the vote was recorded is true all the same.
    """
    lines = _own_lines(code)
    missed = [uuid_or_missing(key) for key in request.args.get("gemist", "").split(",") if key]
    try:
        signed, unsigned = signed_file(lines, _keys(), _about(lines)), ""
    except Unavailable as refused:
        signed, unsigned = None, sentence(refused)
    return page(
        "voting/receipt.html",
        code=lines[0][0].receipt,
        member=lines[0][2],
        cast_at=lines[0][0].cast_at,
        via=lines[0][0].via,
        lines=lines,
        rehearsal=any(line[1].rehearsal for line in lines),
        signed=signed,
        unsigned=unsigned,
        missed=queries.titles(missed),
        takes=any(line[1].state is RoundState.OPEN for line in lines),
        left=_left_to_ask(lines),
        entered=entered_on(lines[0][0].receipt),
        meeting=queries.find_meeting(lines[0][1].meeting_id),
    )


def _left_to_ask(lines: Sequence[Line]) -> int:
    """On how many open questions of the same meeting the member did not vote; to its delegate only."""
    _ballot, about, entry, _replaced = lines[0]
    if about.rehearsal or not any(seat.member.id == entry.member_id for seat in seats_of(actor().id, about.meeting_id)):
        return 0
    ids = [one.id for one in queries.open_rounds(about.meeting_id)]
    return len(ids) - len(queries.choices_of(entry.member_id, ids))


@blueprint.get("/stembewijs/<code>.json")
@requires(Permission.VOTE)
def receipt_file(code: str) -> ResponseReturnValue:
    """A receipt as a file, for the same people. Without a signature there is none."""
    lines = _own_lines(code)
    answer = json_answer(signed_file(lines, _keys(), _about(lines)))
    answer.headers["Content-Disposition"] = f'attachment; filename="stembewijs-{lines[0][0].receipt}.json"'
    return answer


def _own_lines(code: str) -> list[Line]:
    lines = queries.receipt_lines(receipts.normal(code))
    if not lines or not _may_see(lines[0][0], actor()):
        raise Missing("receipt")
    return lines


def _keys() -> Place:
    settings = current_app.config["ALV"]
    return place(settings.signing_key, settings.data)


def _about(lines: Sequence[Line]) -> str:
    """The line for people in a file."""
    address = current_app.config["ALV"].base_url + url_for("checking.check")
    if any(line[1].rehearsal for line in lines):
        return str(
            _(
                "Bewijs van een proefstem, die nergens meetelt. U kunt oefenen met controleren op %(address)s.",
                address=address,
            )
        )
    return str(
        _("Bewijs van een uitgebrachte stem. Bewaar dit bestand en controleer het op %(address)s.", address=address)
    )


def _may_see(ballot: Ballot, person: Actor) -> bool:
    return any(find_office(person.id, member) for member in (ballot.member_id, ballot.via_id) if member)


@blueprint.get("/stembewijs")
@requires(Permission.VOTE)
def find_receipt() -> ResponseReturnValue:
    """From a code that was typed to its receipt."""
    return redirect(url_for("voting.receipt", code=receipts.normal(request.args.get("code", "")) or "-"), 303)
