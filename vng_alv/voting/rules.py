"""Which rule of decision a round gets (docs/rules.md, verdict; quorum)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from vng_alv.domain.acclamation import may_acclaim
from vng_alv.domain.majority import Rule
from vng_alv.domain.options import OptionRule, read_rule
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rulebook import HALF_TAKES_PART, RULES, faults
from vng_alv.errors import Refused
from vng_alv.meetings.models import MeetingKind
from vng_alv.members.models import Association, DecisionRule
from vng_alv.members.queries import get_association
from vng_alv.members.rules import known_rules
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting.models import Round


def usual_rule(kind: ProposalKind, association: Association) -> str:
    """The name of the rule that is used when nobody chooses another: a change of statutes has one of its own."""
    return association.statute_rule if kind is ProposalKind.STATUTES else association.rule


def in_meeting(meeting: MeetingKind, rule: Rule) -> Rule:
    """A rule as a round of this kind of meeting keeps it: in a written consultation half of all votes takes part,
    unless the rule has a quorum of its own (§6.3).

    Raises ``Refused(RULE_IMPOSSIBLE)`` for one that asks who is present where nobody gathers.
    """
    if meeting is not MeetingKind.LEDENRAADPLEGING:
        return rule
    if found := faults(rule, gathering=False):
        raise Refused(Refusal.RULE_IMPOSSIBLE, faults=found)
    return rule if rule.quorum else replace(rule, quorum=HALF_TAKES_PART)


def can_divide(rule: Mapping[str, Any]) -> bool:
    """Whether members could divide their votes under a rule: not where members are counted, or seats are filled."""
    found = read_rule(rule)
    return found.seats == 1 if isinstance(found, OptionRule) else not found.counts_members


def offered(meeting: MeetingKind, own: Sequence[DecisionRule] | None = None) -> dict[str, Rule]:
    """What rounds of this kind of meeting can have, by name: all of the association's ``own``, which are read
    where they are not given, and each of those that come along once."""
    found: dict[str, Rule] = {}
    for name, rule in known_rules(own).items():
        if meeting is MeetingKind.LEDENRAADPLEGING and rule.needs_attendance:
            continue
        here = in_meeting(meeting, rule)
        if name not in RULES or here not in found.values():
            found[name] = here
    return found


def rule_data(meeting: MeetingKind, name: str) -> dict[str, Any]:
    """The association's rule of this name, as a round of this kind of meeting keeps it. Raises as ``in_meeting``."""
    return in_meeting(meeting, known_rules()[name]).to_data()


def why_not_acclaimed(found: Round, rule: Mapping[str, Any]) -> Refusal | None:
    """Why a round may not be decided by acclamation with a rule (as data), or None."""
    ordinary = known_rules()[get_association().rule]
    statutes = found.proposal is not None and found.proposal.kind is ProposalKind.STATUTES
    return may_acclaim(Rule.from_data(rule), ordinary, statutes=statutes, gathers=not found.meeting.is_written)
