"""After a meeting: what is done and what is left, and every document about it on one page."""

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.access import requires
from vng_alv.domain.majority import Verdict
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings import attendance
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.motions.queries import accounts
from vng_alv.voting.choosing import needs
from vng_alv.voting.disputing import disputes_at
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.web import page

blueprint = Blueprint("closing", __name__)

HERE = "/secretariaat/vergaderingen/<meeting_code>/afronding"


@dataclass(frozen=True)
class Check:
    """One thing that has to be over after a meeting: what it is, what is left of it ('' when it is done), and where
    that is done."""

    what: str
    left: str
    address: str


@blueprint.get(HERE)
@requires(Permission.READ_MEETINGS)
def show(meeting_code: str) -> ResponseReturnValue:
    """What is left to do, and the documents."""
    meeting = get_meeting(meeting_code)
    found = checks(meeting)
    return page("secretariat/closing.html", meeting=meeting, checks=found, left=sum(bool(one.left) for one in found))


def checks(meeting: Meeting) -> list[Check]:
    """All that has to be over, in the order in which it is done."""
    rounds = list(rounds_of(meeting.id))
    console = url_for("console.show", meeting_code=meeting.code)
    later = needs(rounds)
    void = [one.round for one in disputes_at(meeting.id)]
    silent = sum(one.submission.meeting_id == meeting.id for one in accounts({None}))
    steps = [
        (_("Alles wat klaarstond is in stemming gebracht"), {RoundState.DRAFT, RoundState.SCHEDULED}),
        (_("Alle stemmingen zijn gesloten"), {RoundState.OPEN}),
        (_("Alle stemmingen zijn geteld"), {RoundState.CLOSED}),
        (_("Alle uitslagen zijn bekendgemaakt"), {RoundState.COUNTED}),
    ]
    found = [Check(what, _numbers([one for one in rounds if one.state in states]), console) for what, states in steps]
    lots = [one for one in rounds if later.get(one.id) is Verdict.LOTS]
    again = [one for one in rounds if later.get(one.id) is Verdict.RUN_OFF]
    found += [
        Check(_("Geen verzoek om een stemming ongeldig te verklaren wacht nog"), _numbers(void), console),
        Check(_("Waar het lot beslist, is het getrokken"), _numbers(lots), console),
        Check(_("Waar een herstemming nodig is, is die gehouden"), _numbers(again), console),
    ]
    if not meeting.is_written:
        nobody = "" if attendance.anybody(meeting.id) else _("Van geen gemeente is vastgelegd dat zij er was.")
        found.append(
            Check(_("De aanwezigheid is vastgelegd"), nobody, url_for("attending.show", meeting_code=meeting.code))
        )
    waiting = ngettext("Eén motie wacht nog.", "%(num)s moties wachten nog.", silent) if silent else ""
    return [
        *found,
        Check(_("Bij elke aangenomen motie staat wat ermee gebeurt"), waiting, url_for("motions.follow_ups")),
    ]


def _numbers(rounds: list[Round]) -> str:
    """'Nog niet: stemming 3, 4', or '' where there are none."""
    if not rounds:
        return ""
    return str(
        ngettext("Nog niet: stemming %(numbers)s.", "Nog niet: stemmingen %(numbers)s.", len(rounds),
                 numbers=", ".join(one.label for one in rounds))
    )  # fmt: skip
