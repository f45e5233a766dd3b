"""The ballot of a secret round: sealed in the browser, or at once on receipt. On the blueprint of the ballot."""

import uuid

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from vng_alv.access import actor, requires
from vng_alv.domain.ballots import SEALED, may_say, picked
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.refusals import sentence
from vng_alv.voting import queries
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.sealing import is_sealed, seal
from vng_alv.voting.secret_queries import teller_keys_of
from vng_alv.voting.views import blueprint, chosen_seat, voter_of
from vng_alv.web import page, reads_first

__all__ = ["blueprint"]

PAGE = "/stemmen/<meeting_code>/geheim/<int:number>"


def _round(meeting: Meeting, number: int) -> Round:
    """A secret round that takes ballots. Raises ``Missing``, or ``Refused`` for one that does not."""
    found = queries.get_round(meeting.id, number)
    if not found.secret or found.opened_at is None:
        raise Missing("round")
    if found.id not in {one.id for one in queries.open_rounds(meeting.id)}:
        raise Refused(Refusal.ROUND_NOT_OPEN)
    return found


def _page(meeting: Meeting, found: Round, problem: str, status: int = 200) -> ResponseReturnValue:
    seat = chosen_seat(meeting, actor())
    return page(
        "voting/secret.html",
        status,
        meeting=meeting,
        round=found,
        member=voter_of(seat, [found]),
        keys=teller_keys_of(found.id),
        took_part=bool(queries.choices_of(seat.member.id, [found.id])),
        problem=problem,
        key=uuid.uuid4(),
    )


@blueprint.get(PAGE)
@requires(Permission.VOTE)
def secret_ballot(meeting_code: str, number: int) -> ResponseReturnValue:
    """What is asked, and how secret the answer is."""
    meeting = get_meeting(meeting_code)
    return _page(meeting, _round(meeting, number), "")


@blueprint.post(PAGE)
@requires(Permission.VOTE)
@reads_first
def cast_secret(meeting_code: str, number: int) -> ResponseReturnValue:
    """Record what the browser sealed; a choice that comes in the clear is sealed here, before anything is kept."""
    meeting = get_meeting(meeting_code)
    found, seat, form = _round(meeting, number), chosen_seat(meeting, actor()), request.form
    try:
        key = uuid.UUID(form.get("key", ""))
    except ValueError:
        raise Refused(Refusal.UNKNOWN_CHOICE) from None
    sealed = form.get("sealed", "")
    if not sealed:
        ballot = picked(form.getlist("choice"), found.paper.keys)
        problem = may_say(ballot, found.paper, 0) if ballot else Refusal.NOTHING_CHOSEN
        if problem:
            return _page(meeting, found, sentence(Refused(problem, most=found.picks, votes=0)), 422)
        sealed = seal(found.id, ballot, *teller_keys_of(found.id))
    if not is_sealed(sealed):
        raise Refused(Refusal.UNKNOWN_CHOICE)
    done = cast(meeting_code, seat.member.code, {found.id: SEALED}, key, actor(), {found.id: sealed})
    return redirect(url_for("voting.receipt", code=done.receipt), 303)
