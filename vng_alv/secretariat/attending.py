"""The door of a meeting: who comes in, by code or by name, who takes part elsewhere and who has left."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.attendance import How, door_code, is_named, typed_code
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings import attendance
from vng_alv.meetings.models import Attendance, Mandate, Meeting
from vng_alv.meetings.queries import get_meeting, holders
from vng_alv.meetings.registering import Registration, registered_at
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association, members_on
from vng_alv.secretariat.presence import presence_at
from vng_alv.voting.queries import rounds_of
from vng_alv.web import device_policy, locale, page, uuid_or_missing

blueprint = Blueprint("attending", __name__)

HERE = "/secretariaat/vergaderingen/<meeting_code>/aanwezigheid"
#: So many members are shown for what was typed; whoever types more finds the others.
SHOWN = 8


@dataclass(frozen=True)
class AtDoor:
    """A member at the door: what it told beforehand, who votes for it, and when it was there."""

    member: Member
    votes: int
    here: Attendance | None
    told: Registration | None
    mandate: Mandate | None
    history: list[Attendance]

    @property
    def last(self) -> Attendance | None:
        """What was recorded last of it, which can be taken back."""
        return next((one for one in self.history if not one.mistaken), None)


@blueprint.get(HERE)
@requires(Permission.READ_MEETINGS)
def show(meeting_code: str) -> ResponseReturnValue:
    """The desk: a field for a code or a name, whom that finds, the totals, and every member."""
    meeting, rule = get_meeting(meeting_code), get_association().weight_rule
    members, here, told = _members(), attendance.here_now(meeting.id), registered_at(meeting.id)
    typed = request.args.get("zoek", "").strip()[:100]
    found = _found(members, typed) if typed else []
    past, held = attendance.history(meeting.id, [m.id for m in found]), holders(meeting.id) if found else {}
    cards = [
        AtDoor(m, m.votes(rule), here.get(m.id), told.get(m.id), held.get(m.id), past[m.id]) for m in found[:SHOWN]
    ]
    answer = page(
        "secretariat/attendance.html",
        meeting=meeting,
        rows=[(m, m.votes(rule), here.get(m.id), told.get(m.id)) for m in members],
        presence=presence_at(meeting, rounds_of(meeting.id), locale(), members=members, here=here),
        expected=_expected(list(told.values())),
        typed=typed,
        cards=cards,
        more=max(len(found) - SHOWN, 0),
    )
    answer.headers["Permissions-Policy"] = device_policy(camera=True)
    return answer


@blueprint.get(HERE + "/stand")
@requires(Permission.SECRETARIAT)
def stand(meeting_code: str) -> ResponseReturnValue:
    """The totals and the quorums alone, for the screens that show them."""
    meeting = get_meeting(meeting_code)
    return page(
        "secretariat/attendance_now.html",
        meeting=meeting,
        presence=presence_at(meeting, rounds_of(meeting.id), locale()),
    )


@blueprint.post(HERE)
@requires(Permission.MANAGE_MEETINGS)
def record(meeting_code: str) -> ResponseReturnValue:
    """The ticked members have arrived, or have left."""
    meeting, codes = get_meeting(meeting_code), set(request.form.getlist("gemeente"))
    ticked = [member for member in _members() if member.code in codes]
    if len(ticked) != len(codes):
        raise Missing("member")
    if not ticked:
        raise Refused(Refusal.NO_MEMBER_TICKED)
    keys = [member.id for member in ticked]
    match request.form.get("doe", ""):
        case "vertrokken":
            number = attendance.leave(meeting, keys, actor())
            said = ngettext("Eén gemeente is afgemeld.", "%(num)s gemeenten zijn afgemeld.", number)
        case "afstand":
            number = attendance.arrive(meeting, keys, actor(), how=How.REMOTE)
            said = ngettext("Eén gemeente doet op afstand mee.", "%(num)s gemeenten doen op afstand mee.", number)
        case _:
            number = attendance.arrive(meeting, keys, actor())
            said = ngettext("Eén gemeente is aangemeld.", "%(num)s gemeenten zijn aangemeld.", number)
    if not number:
        said = _("Er is niets veranderd: dat stond er al zo.")
    elif len(ticked) == 1:
        said = f"{ticked[0].name}: {said}"
    flash(said, "ok")
    return _back(meeting, ticked[0].code if len(ticked) == 1 else None)


@blueprint.post(HERE + "/balie")
@requires(Permission.MANAGE_MEETINGS)
def check_in(meeting_code: str) -> ResponseReturnValue:
    """Somebody is at the desk: their code lets the member in at once, anything else is looked for."""
    meeting, typed = get_meeting(meeting_code), request.form.get("code", "").strip()[:100]
    found = _with_code(meeting, typed_code(typed))
    if len(found) != 1:  # no code, or (seldom) one of two members: then a person chooses
        return _back(meeting, typed or None)
    (member,) = found
    if attendance.arrive(meeting, [member.id], actor()):
        flash(_("%(member)s is aangemeld, in de zaal.", member=member.name), "ok")
    else:
        flash(_("%(member)s was al aangemeld, in de zaal.", member=member.name), "ok")
    return _back(meeting, member.code)


@blueprint.post(HERE + "/terug")
@requires(Permission.MANAGE_MEETINGS)
def undo(meeting_code: str) -> ResponseReturnValue:
    """Take back what was recorded last of a member."""
    meeting = get_meeting(meeting_code)
    step, there = uuid_or_missing(request.form.get("stap", "")), "er" in request.form
    taken_back = attendance.undo(meeting, step, actor(), there=there)
    member = db.session.get_one(Member, taken_back.member_id)
    flash(
        _("Teruggedraaid: de aanmelding van %(member)s.", member=member.name)
        if there
        else _("Teruggedraaid: het vertrek van %(member)s.", member=member.name),
        "ok",
    )
    return _back(meeting, member.code)


def _members() -> Sequence[Member]:
    return members_on(day_of(db.now()))


def _back(meeting: Meeting, typed: str | None) -> ResponseReturnValue:
    return redirect(url_for(".show", meeting_code=meeting.code, zoek=typed, _anchor="balie" if typed else None), 303)


def _with_code(meeting: Meeting, code: str) -> list[Member]:
    """The members whose code at the door of this meeting it is."""
    secret = current_app.config["ALV"].secret_key
    return [member for member in _members() if code and door_code(secret, meeting.id, member.id) == code]


def _found(members: Sequence[Member], typed: str) -> list[Member]:
    """The members that somebody may mean; with a code of the register that one alone."""
    return [member for member in members if is_named(member.name, member.code, typed)]


def _expected(told: Sequence[Registration]) -> dict[str, int]:
    """How many members told what beforehand, and how many guests come along."""
    numbers = {"guests": sum(one.guests for one in told)}
    for one in told:
        numbers[one.coming.value] = numbers.get(one.coming.value, 0) + 1
    return numbers
