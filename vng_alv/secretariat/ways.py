"""Other ways of deciding on the console: by acclamation, and on the advice instead of on the motion."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.proposals.queries import get_proposal
from vng_alv.secretariat import disputing
from vng_alv.secretariat.console import CONSOLE, blueprint, done, tells_refusals
from vng_alv.voting import acclamation
from vng_alv.voting.advised import prepare_advice
from vng_alv.voting.queries import get_round

__all__ = ["blueprint", "disputing"]

ROUND = CONSOLE + "/stemmingen/<int:number>"


@blueprint.post(CONSOLE + "/preadvies")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def prepare_on_advice(meeting_code: str) -> ResponseReturnValue:
    """Make the round on the advice on a motion, in the place of one on the motion itself."""
    meeting = get_meeting(meeting_code)
    made = prepare_advice(get_proposal(meeting.id, request.form.get("proposal", "")), actor())
    return done(meeting, _("De stemming over het preadvies staat klaar.") if made
                else _("De stemming over het preadvies was er al."))  # fmt: skip


@blueprint.post(ROUND + "/acclamatie")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def acclaim(meeting_code: str, number: int) -> ResponseReturnValue:
    """Pronounce that it is adopted by acclamation."""
    meeting = get_meeting(meeting_code)
    acclamation.pronounce([get_round(meeting.id, number).id], actor())
    return done(meeting, _("Uitgesproken: aangenomen bij acclamatie. De uitslag is bekendgemaakt."))


@blueprint.post(ROUND + "/bezwaar")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def object_to(meeting_code: str, number: int) -> ResponseReturnValue:
    """Somebody objects: an ordinary vote on the same question stands ready."""
    meeting = get_meeting(meeting_code)
    again = acclamation.object_to(get_round(meeting.id, number), actor())
    return done(meeting, _("Er was bezwaar. Stemming %(number)s over dezelfde vraag staat klaar.", number=again.number))


@blueprint.post(ROUND + "/aantekening")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def note(meeting_code: str, number: int) -> ResponseReturnValue:
    """Note that a member is against, or take that back."""
    meeting, code = get_meeting(meeting_code), request.form.get("gemeente", "")
    if not code:
        raise Refused(Refusal.NOTHING_CHOSEN)
    member = get_member(code)
    against = "terug" not in request.form
    acclamation.note(get_round(meeting.id, number), member.id, actor(), against=against)
    return done(meeting, _("Aangetekend: %(name)s is tegen.", name=member.name) if against
                else _("De aantekening van %(name)s is teruggenomen.", name=member.name))  # fmt: skip
