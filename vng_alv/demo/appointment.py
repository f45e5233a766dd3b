"""The demo's vote on persons: secret, in preparation, waiting for the keys of its two tellers."""

from vng_alv.demo.texts import text
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.rounds import RoundKind
from vng_alv.domain.texts import ProposalKind
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import service as proposals
from vng_alv.voting import choosing
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Round

CODE = "B1"


def appoint(meeting: Meeting) -> Round:
    """Put it on the agenda, with a section for each candidate, and prepare its vote."""
    item = meetings.add_agenda_item(meeting, "Benoeming", None)
    proposal, version = text(meeting, CODE, ProposalKind.PROPOSAL, "benoeming.md", agenda_item=item)
    proposals.publish(proposal, None)
    candidates = [Option(section.heading) for section in version.sections]
    rule = OptionRule(Winning.MAJORITY, Even.LOTS)
    question = "Wie wordt lid van de adviescommissie?"
    return choosing.ask(proposal, RoundKind.CANDIDATES, question, candidates, rule, None, secret=True)
