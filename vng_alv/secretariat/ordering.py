"""Amendments put to the vote: the order in which that happens, and what to do with one that no longer fits."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.queries import get_amendment
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal
from vng_alv.refusals import sentence
from vng_alv.secretariat.console import CONSOLE, blueprint
from vng_alv.voting import order
from vng_alv.voting.models import Round
from vng_alv.voting.order import TextOrder, Unfit
from vng_alv.web import BaseForm, page, uuid_or_missing

__all__ = ["blueprint"]

TEXT = CONSOLE + "/stukken/<proposal_code>/stemvolgorde"
#: How many places each button moves an amendment.
STEPS = {"omhoog": -1, "omlaag": 1}


class LapseForm(BaseForm):
    """Why an amendment is not put to the vote any more."""

    note = TextAreaField(lazy_gettext("Waarom vervalt het?"), [DataRequired(NEEDED), Length(max=2_000)], filters=[tidy])


@dataclass(frozen=True)
class Line:
    """An amendment that waits for its vote."""

    amendment: Amendment
    round: Round | None
    #: How many words it changes.
    reach: int
    #: Those before it that it collides with.
    collides: list[Amendment]
    unfit: Unfit | None


def _text(meeting_code: str, proposal_code: str) -> Proposal:
    return get_proposal(get_meeting(meeting_code).id, proposal_code)


def _here(proposal: Proposal) -> str:
    return url_for(".show_order", meeting_code=proposal.meeting.code, proposal_code=proposal.code)


@blueprint.get(TEXT)
@requires(Permission.RUN_ROUNDS)
def show_order(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The amendments on a text in the order in which they are put to the vote."""
    return _page(_text(meeting_code, proposal_code))


@blueprint.post(TEXT)
@requires(Permission.RUN_ROUNDS)
def move(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Move one up or down, or put all back in the order that is suggested."""
    proposal = _text(meeting_code, proposal_code)
    step = request.form.get("stap", "")
    if step not in {*STEPS, "voorstel"}:
        raise Missing("step")
    key = None if step == "voorstel" else uuid_or_missing(request.form.get("amendement", ""))
    try:
        order.change_order(proposal, key, STEPS.get(step, 0), actor())
    except Refused as refused:
        return _refused(proposal, refused)
    return redirect(_here(proposal) + (f"#a-{key}" if key else ""), 303)


@blueprint.post("/amendementen/<submission_id>/vervallen")
@requires(Permission.RUN_ROUNDS)
def lapse(submission_id: str) -> ResponseReturnValue:
    """Let an amendment lapse that no longer fits."""
    amendment, form = get_amendment(uuid_or_missing(submission_id), actor()), LapseForm()
    proposal = amendment.proposal
    if not form.sent():
        return _page(proposal, form=form, about=amendment, status=422)
    try:
        order.let_lapse(amendment, form.note.data, actor())
    except Refused as refused:
        return _refused(proposal, refused, form.note.data)
    flash(_("%(label)s is vervallen. De indieners krijgen bericht.", label=amendment.submission.label), "ok")
    return redirect(_here(proposal), 303)


def _refused(proposal: Proposal, refused: Refused, typed: str = "") -> ResponseReturnValue:
    meeting_code, proposal_code = proposal.meeting.code, proposal.code
    db.rollback()
    return _page(_text(meeting_code, proposal_code), problem=sentence(refused), typed=typed, status=refused.status)


def _page(
    proposal: Proposal,
    *,
    form: LapseForm | None = None,
    about: Amendment | None = None,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    found = TextOrder(proposal)
    return page(
        "console/order.html",
        status,
        meeting=proposal.meeting,
        proposal=proposal,
        lines=_lines(found),
        done=[one for one in found.rounds if one.amendment_id and one.state not in IN_PREPARATION],
        unprepared=found.unprepared,
        placed=any(one.position is not None for one in found.waiting),
        form=form or LapseForm(),
        about=about,
        problem=problem,
        typed=typed,
    )


def _lines(found: TextOrder) -> list[Line]:
    before: list[Amendment] = []
    lines = []
    for one in found.waiting:
        key = one.submission_id
        collides = [other for other in found.colliding(key) if other in before]
        lines.append(Line(one, found.by_amendment.get(key), found.reach(key), collides, found.unfit(key)))
        before.append(one)
    return lines
