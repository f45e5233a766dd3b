"""Two votes of a meeting beside each other: who chose otherwise (docs/rules.md §8.14)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import public
from vng_alv.domain.ballots import Choice, is_divided
from vng_alv.domain.option_sentences import ballot_words
from vng_alv.domain.rounds import WITH_OPTIONS
from vng_alv.errors import Missing
from vng_alv.exports.tables import Table, table
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.results.tables import blueprint as tables
from vng_alv.results.views import blueprint
from vng_alv.voting.models import Round
from vng_alv.voting.queries import RollVote, roll_votes, rounds_of
from vng_alv.web import locale, page

__all__ = ["blueprint"]

HERE = "/vergaderingen/<meeting_code>/uitslagen/<int:number>/naast"
#: What a member can have done, in the order of the table; divided votes are on no side.
ANSWERS = (*Choice, "divided", "none")


@dataclass(frozen=True)
class Beside:
    """Two votes, with the members that are on both rolls."""

    meeting: Meeting
    one: Round
    other: Round
    pairs: Sequence[tuple[RollVote, RollVote]]

    @property
    def differ(self) -> Sequence[tuple[RollVote, RollVote]]:
        """The members that chose otherwise, or voted only once."""
        return [(a, b) for a, b in self.pairs if a.choice != b.choice]

    @property
    def answers(self) -> Sequence[str]:
        """What there is to tell members by."""
        divided = any(answer(vote) == "divided" for pair in self.pairs for vote in pair)
        return [one for one in ANSWERS if divided or one != "divided"]

    @property
    def numbers(self) -> Counter[tuple[str, str]]:
        """How many members did the one thing here and the other thing there."""
        return Counter((answer(a), answer(b)) for a, b in self.pairs)


def answer(vote: RollVote) -> str:
    """One of ``ANSWERS``."""
    if vote.choice is None:
        return "none"
    return "divided" if is_divided(vote.choice) else vote.choice


def comparable(meeting: Meeting) -> list[Round]:
    """The votes for and against of a meeting that were pronounced, by number."""
    return [
        one
        for one in rounds_of(meeting.id)
        if one.published_at and one.kind not in WITH_OPTIONS and not one.is_acclaimed and not one.secret
    ]


def beside(meeting: Meeting, here: Round, there: Round) -> Beside:
    """Two votes of a meeting."""
    of_there = {vote.member_id: vote for vote in roll_votes(there.id)}
    pairs = [(vote, of_there[vote.member_id]) for vote in roll_votes(here.id) if vote.member_id in of_there]
    return Beside(meeting, here, there, pairs)


def _numbered(able: Sequence[Round], number: str) -> Round:
    """The one with this number. Raises ``Missing``."""
    found = next((one for one in able if str(one.number) == number), None)
    if found is None:
        raise Missing("round")
    return found


@blueprint.get(HERE)
@public
def choose_beside(meeting_code: str, number: int) -> ResponseReturnValue:
    """The vote beside another one of its meeting; which one is in the query, the one after it without."""
    meeting = get_meeting(meeting_code)
    able = comparable(meeting)
    here, others = _numbered(able, str(number)), [one for one in able if one.number != number]
    usual = next((one for one in others if one.number > number), others[0] if others else here)
    wanted = request.args.get("met", "")
    found = beside(meeting, here, _numbered(others, wanted) if wanted else usual)
    return page("results/beside.html", meeting=meeting, found=found, others=others)


@table(tables, HERE + "/<int:other>", None)
def differences(meeting_code: str, number: int, other: int) -> Table:
    """What every member did in two votes, and whether that differs."""
    meeting = get_meeting(meeting_code)
    able = comparable(meeting)
    found = beside(meeting, _numbered(able, str(number)), _numbered(able, str(other)))
    header = (
        _("code"), _("gemeente"), _("provincie"), _("stemming %(number)s", number=number), _("stemmen"),
        _("stemming %(number)s", number=other), _("stemmen"), _("deed anders"),
    )  # fmt: skip
    rows = [
        (a.code, a.name, a.province, _words(a), a.weight, _words(b), b.weight, _("ja") if a.choice != b.choice else "")
        for a, b in found.pairs
    ]  # fmt: skip
    return Table(f"{found.meeting.code}-stemming-{number}-naast-{other}", header, rows)


def _words(vote: RollVote) -> str:
    return ballot_words(vote.choice, {}, locale()) if vote.choice else _("niet gestemd")
