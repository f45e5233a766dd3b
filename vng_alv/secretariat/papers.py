"""Votes on paper or by a show of hands, entered by two people. On the blueprint of the console."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.paper import Medium, takes_online
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.refusals import sentence
from vng_alv.secretariat.calling import blueprint
from vng_alv.secretariat.console import CONSOLE
from vng_alv.voting import paper
from vng_alv.voting.models import Round
from vng_alv.voting.queries import get_round
from vng_alv.web import UNSAFE, page

__all__ = ["blueprint"]

HERE = CONSOLE + "/stemmingen/<int:number>/papier"


@blueprint.get(HERE)
@requires(Permission.RUN_ROUNDS)
def papers(meeting_code: str, number: int) -> ResponseReturnValue:
    """How votes in a round are entered, a form for the next one, and what waits for a second person."""
    return _page(meeting_code, number)


@blueprint.post(HERE + "/kiezen")
@requires(Permission.RUN_ROUNDS, fresh=True)
def choose_paper(meeting_code: str, number: int) -> ResponseReturnValue:
    """From here on votes in this round are entered too."""
    wanted = request.form.get("wijze", "")
    if wanted not in set(Medium):
        raise Missing("medium")
    try:
        paper.choose(_round(meeting_code, number)[1], Medium(wanted), actor())
    except Refused as refused:
        return _page(meeting_code, number, refused)
    return _done(meeting_code, number, _("Vanaf nu kunnen twee personen stemmen invoeren."))


@blueprint.post(HERE)
@requires(Permission.RUN_ROUNDS)
def enter_paper(meeting_code: str, number: int) -> ResponseReturnValue:
    """What this person reads as the vote of a member."""
    _meeting, found = _round(meeting_code, number)
    code = request.form.get("gemeente", "")
    if not code:
        return _page(meeting_code, number, Refused(Refusal.NOTHING_CHOSEN))
    member = get_member(code)
    try:
        read = paper.enter(found, member, request.form.get("keuze", ""), actor(), over="toch" in request.form)
    except Refused as refused:
        return _page(meeting_code, number, refused)
    if read.ballot_version:
        said = _("De stem van %(member)s ligt vast; twee personen lazen hetzelfde.", member=member.name)
    elif read.differs:
        said = _("U leest iets anders dan de ander bij %(member)s. Kijk samen, en kies opnieuw.", member=member.name)
    else:
        said = _("Ingevoerd voor %(member)s. Een tweede persoon voert dezelfde stem nog eens in.", member=member.name)
    return _done(meeting_code, number, said)


@blueprint.post(HERE + "/intrekken")
@requires(Permission.RUN_ROUNDS)
def withdraw_paper(meeting_code: str, number: int) -> ResponseReturnValue:
    """Take away what was entered for a member and does not stand yet."""
    _meeting, found = _round(meeting_code, number)
    member = get_member(request.form.get("gemeente", ""))
    try:
        paper.withdraw(found, member, actor())
    except Refused as refused:
        return _page(meeting_code, number, refused)
    return _done(meeting_code, number, _("Ingetrokken: wat voor %(member)s was ingevoerd.", member=member.name))


def _round(meeting_code: str, number: int) -> tuple[Meeting, Round]:
    meeting = get_meeting(meeting_code)
    return meeting, get_round(meeting.id, number)


def _done(meeting_code: str, number: int, words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for(".papers", meeting_code=meeting_code, number=number), 303)


def _page(meeting_code: str, number: int, refused: Refused | None = None) -> ResponseReturnValue:
    """The page as it is now; what was refused is undone first, and what was typed stays."""
    if request.method in UNSAFE:
        db.rollback()
    meeting, found = _round(meeting_code, number)
    roll, refusal = paper.roll_of(found.id), paper.why_not(found)
    return page(
        "console/paper.html",
        refused.status if refused else 200,
        meeting=meeting,
        round=found,
        chosen=paper.find_paper_vote(found.id),
        refusal=sentence(Refused(refusal, number=found.label)) if refusal else "",
        online=takes_online(found.closes_at, db.now()),
        roll=roll,
        members={entry.member_id: entry for entry in roll},
        entries=paper.entries_of(found.id),
        keys=found.paper.keys,
        problem=sentence(refused) if refused else "",
        asks_over=refused is not None and refused.refusal == "paper_voted",
        me=actor().id,
    )
