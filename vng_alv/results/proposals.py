"""A text as everybody reads it, with what was said about each section and what was decided on it."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from vng_alv import db
from vng_alv.access import public, signed_in
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.consultation.queries import find_consultation, positions, sent_comments
from vng_alv.consultation.service import is_open
from vng_alv.domain import consultation as rules
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Missing
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import offices_of
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.proposals.views import blueprint
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.voting.summary import Summary, summaries
from vng_alv.web import locale, page

__all__ = ["blueprint"]


@dataclass
class Margin:
    """What stands beside a text: reactions, the positions taken, and the round on it."""

    comments: list[Comment] = field(default_factory=list)
    positions: Counter[Position] = field(default_factory=Counter)
    round: Summary | None = None


@dataclass(frozen=True)
class Part:
    """A section as it is read; ``group`` is set where a new part of the text begins."""

    section: VersionSection
    group: str
    lead: Markup
    body: Markup
    margin: Margin


@blueprint.get("/vergaderingen/<meeting_code>/stukken/<proposal_code>")
@public
def show(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The document."""
    meeting, person = get_meeting(meeting_code), signed_in()
    proposal = get_proposal(meeting.id, proposal_code)
    version = _version(proposal, person)
    consultation = find_consultation(proposal.id)
    comments = _comments(consultation, person)
    rounds = [r for r in rounds_of(meeting.id) if r.proposal_id == proposal.id]
    margins = _margins(comments, rounds)
    parts = _parts(version, margins) if version else []
    open_now = consultation is not None and is_open(consultation)
    return page(
        "proposals/show.html",
        meeting=meeting,
        proposal=proposal,
        version=version,
        versions=[v for v in reversed(proposal.versions) if v.published_at],
        preamble=to_html(version.preamble) if version else "",
        advice=to_html(proposal.advice),
        parts=parts,
        whole=margins.get(None, Margin()),
        orphans=_orphans(comments, parts) if version and version is published(proposal) else [],
        consultation=consultation,
        consulting=open_now,
        over=consultation is not None and not open_now,
        members=len({c.member_id for c in comments}),
        comments=comments,
        reacts=bool(open_now and person and offices_of(person.id)),
        prepared=any(r.state is not RoundState.ANNULLED for r in rounds),
    )


def _version(proposal: Proposal, person: Actor | None) -> Version | None:
    """The version that was asked for, or the newest published one; None only for those who prepare the text."""
    asked = request.args.get("versie", type=int)
    if asked is not None:
        found = next((v for v in proposal.versions if v.number == asked and v.published_at), None)
    else:
        found = published(proposal)
    if found is None and (asked is not None or person is None or not person.may(Permission.SECRETARIAT)):
        raise Missing("version")
    return found


def _comments(consultation: Consultation | None, person: Actor | None) -> Sequence[Comment]:
    """The reactions that this person may read: all of them once the consultation is over; who answers, before."""
    if consultation is None:
        return []
    over = rules.is_public(sent=True, closes_at=consultation.closes_at, now=db.now())
    early = person is not None and person.may(Permission.ANSWER)
    return sent_comments(consultation.id) if over or early else []


def _margins(comments: Sequence[Comment], rounds: Sequence[Round]) -> dict[uuid.UUID | None, Margin]:
    """What stands beside each section, and under None beside the whole."""
    found: dict[uuid.UUID | None, Margin] = {}
    for comment in comments:
        found.setdefault(comment.section_id, Margin()).comments.append(comment)
    for section_id, taken in positions(comments).items():
        found[section_id].positions = taken
    shown = [r for r in rounds if r.state not in (RoundState.DRAFT, RoundState.ANNULLED)]
    for one, summary in zip(shown, summaries(shown, locale()), strict=True):
        found.setdefault(one.section_id, Margin()).round = summary
    return found


def _parts(version: Version, margins: dict[uuid.UUID | None, Margin]) -> list[Part]:
    found, group = [], ""
    for section in sections_of(version.id):
        begins = section.group if section.group != group else ""
        group = section.group
        lead, body = to_html(section.lead), to_html(section.body)
        found.append(Part(section, begins, lead, body, margins.get(section.section_id, Margin())))
    return found


def _orphans(comments: Sequence[Comment], parts: Sequence[Part]) -> list[Comment]:
    """Reactions to sections that are not in this version any more."""
    here = {part.section.section_id for part in parts}
    return [c for c in comments if c.section_id is not None and c.section_id not in here]
