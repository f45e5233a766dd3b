"""A text as everybody reads it: the document, one section with what shaped it, and two versions compared."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from vng_alv import db
from vng_alv.access import public, signed_in
from vng_alv.answering.matrix import positions
from vng_alv.answering.queries import Numbers, Wanted, count
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.consultation.queries import find_consultation, sent_attachments
from vng_alv.consultation.service import is_open
from vng_alv.domain import consultation as rules
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.texts import may_amend
from vng_alv.errors import Missing
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import Office
from vng_alv.members.queries import offices_of
from vng_alv.motions.queries import find_by_proposal
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.proposals.views import blueprint
from vng_alv.results import reading
from vng_alv.results.comparing import changed_words, comparison, words_of
from vng_alv.results.document import Document, read
from vng_alv.results.drawing import Drawn, Place, drawn
from vng_alv.results.reading import Beside, Besides
from vng_alv.results.tracing import trace
from vng_alv.submissions.queries import held
from vng_alv.voting.queries import rounds_of
from vng_alv.web import Page, locale, page, page_number

__all__ = ["blueprint"]

ONE = "/vergaderingen/<meeting_code>/stukken/<proposal_code>"
#: In an address: the whole text in the place of a section.
WHOLE = "geheel"
#: Reactions on one page of a section.
AT_ONCE = 100


@dataclass(frozen=True)
class Dropped:
    """A section that reactions were given to and that is not in this version any more."""

    section: VersionSection
    reactions: int


class Text:
    """A text with what this person may read of it."""

    def __init__(self, meeting_code: str, proposal_code: str) -> None:
        self.person: Actor | None = signed_in()
        self.meeting = get_meeting(meeting_code)
        self.proposal = get_proposal(self.meeting.id, proposal_code)
        #: The published ones, the newest first.
        self.versions = [v for v in reversed(self.proposal.versions) if v.published_at]
        self.consultation: Consultation | None = find_consultation(self.proposal.id)
        self.rounds = [r for r in rounds_of(self.meeting.id) if r.proposal_id == self.proposal.id]

    @cached_property
    def offices(self) -> Sequence[Office]:
        """Where this person works."""
        return offices_of(self.person.id) if self.person else []

    @property
    def consulting(self) -> bool:
        """Whether members may react now."""
        return self.consultation is not None and is_open(self.consultation)

    @property
    def takes_amendments(self) -> bool:
        """Whether members may still amend it."""
        return may_amend(self.proposal.kind, held=held(self.meeting)) is None

    @property
    def reads_reactions(self) -> bool:
        """Whether this person may read all reactions: everybody once the consultation is over; staff, before."""
        if self.consultation is None:
            return False
        over = rules.is_public(sent=True, closes_at=self.consultation.closes_at, now=db.now())
        return over or (self.person is not None and self.person.may(Permission.READ_REACTIONS))

    def version(self) -> Version | None:
        """The version that was asked for, or the newest published one; None only for those who prepare the text."""
        asked = request.args.get("versie", type=int)
        found = self.numbered(asked) if asked is not None else published(self.proposal)
        prepares = self.person is not None and self.person.may(Permission.SECRETARIAT)
        if found is None and (asked is not None or not prepares):
            raise Missing("version")
        return found

    def numbered(self, number: int | None) -> Version | None:
        """A published version by its number."""
        return next((v for v in self.versions if v.number == number), None)

    def beside(self, sections: Sequence[VersionSection]) -> Besides:
        """What stands beside each section, and under None beside the whole."""
        found: Besides = {None: Beside()}
        if self.consultation and self.reads_reactions:
            reading.count_reactions(found, self.consultation)
            was = {one.section_id: words_of(one) for one in self.reacted_to(sections)}
            for one in sections:
                if beside := found.get(one.section_id):
                    beside.changed = was.get(one.section_id) != words_of(one)
        reading.count_amendments(found, self.proposal.id)
        reading.put_rounds(found, self.rounds, locale())
        return found

    def reacted_to(self, sections: Sequence[VersionSection]) -> Sequence[VersionSection]:
        """The sections of the version that the consultation is about; ``sections`` of the one that is read."""
        if self.consultation is None or (sections and sections[0].version_id == self.consultation.version_id):
            return sections
        return sections_of(self.consultation.version_id)

    def shown(self, version: Version | None) -> dict[str, Any]:
        """What every page about this text needs."""
        consultation, consulting = self.consultation, self.consulting
        return {
            "meeting": self.meeting,
            "proposal": self.proposal,
            "version": version,
            "versions": self.versions,
            "consultation": consultation,
            "consulting": consulting,
            "over": consultation is not None and not consulting,
            "asked": next((v for v in self.versions if consultation and v.id == consultation.version_id), None),
        }


@blueprint.get(ONE)
@public
def show(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The document."""
    text = Text(meeting_code, proposal_code)
    version, proposal, consultation = text.version(), text.proposal, text.consultation
    newest = version is not None and version is published(proposal)
    sections = sections_of(version.id) if version else []
    typed, lines = _typed(), request.args.get("regels") != "uit"
    beside = text.beside(sections)
    reads = consultation is not None and text.reads_reactions
    document = read(version, sections, typed, lines=lines) if version else None
    return page(
        "proposals/show.html",
        **text.shown(version),
        document=document,
        drawn=_drawn(text, version, document, beside) if version and document else [],
        typed=typed,
        lines=lines,
        advice=to_html(proposal.advice),
        beside=beside,
        whole=beside[None],
        dropped=_dropped(text, beside, sections) if newest else [],
        reacted=count(consultation.id, Wanted()) if consultation and reads else Numbers(0, 0, 0),
        reads=reads,
        motion=find_by_proposal(proposal.id),
        files=sent_attachments(consultation.id) if consultation and reads else [],
        reacts=bool(text.consulting and text.offices),
        prepared=any(r.state is not RoundState.ANNULLED for r in text.rounds),
    )


def _typed() -> str:
    """What the reader looks for, without characters that nobody types."""
    return "".join(c for c in request.args.get("zoek", "") if c.isprintable()).strip()


def _drawn(text: Text, version: Version, document: Document, beside: Besides) -> list[Drawn]:
    shown = text.shown(version)
    place = Place(
        language=locale(),
        meeting_code=text.meeting.code,
        proposal_code=text.proposal.code,
        version=version.number,
        picked=version.number if "versie" in request.args else None,
        asked=shown["asked"].number if shown["asked"] else None,
        amends=bool(text.offices) and version is published(text.proposal) and text.takes_amendments,
    )
    found = ((part, beside.get(part.section_id)) for part in document.parts)
    return [drawn(place, part, one.margin if one else None, document.hits) for part, one in found]


def _dropped(text: Text, beside: Besides, sections: Sequence[VersionSection]) -> list[Dropped]:
    here = {one.section_id for one in sections}
    gone = [one for one in text.reacted_to(sections) if one.section_id not in here]
    return [Dropped(one, beside[one.section_id].reactions) for one in gone if one.section_id in beside]


@blueprint.get(ONE + "/onderdelen/<section_number>")
@public
def section(meeting_code: str, proposal_code: str, section_number: str) -> ResponseReturnValue:
    """One section (or the whole): its text, its amendments, what members said and what was answered, and its trace."""
    text = Text(meeting_code, proposal_code)
    version = text.version()
    if version is None:
        raise Missing("version")
    sections = sections_of(version.id)
    place = next((i for i, one in enumerate(sections) if one.number == section_number), None)
    if place is None and section_number != WHOLE:
        raise Missing("section")
    one = None if place is None else sections[place]
    key = one.section_id if one else None
    everything, asked = text.beside(sections), text.consultation if one is None and not text.consulting else None
    parts = read(version, sections, "").parts
    return page(
        "proposals/section.html",
        **text.shown(version),
        section=one,
        part=None if place is None else parts[place],
        before=sections[place - 1] if place else None,
        after=sections[place + 1] if place is not None and place + 1 < len(sections) else None,
        beside=everything.get(key, Beside()),
        trace=trace(text.proposal, key) if key else None,
        proposed=reading.amendments_to(text.proposal.id, key) if key else [],
        changed_words=changed_words,
        counted=positions(asked) if asked else None,
        asked_sections=text.reacted_to(sections),
        reads=text.reads_reactions,
        raised=reading.themes_on(text.consultation, key) if text.consultation and text.reads_reactions else [],
        reactions=_reactions(text, key),
    )


def _reactions(text: Text, section_id: uuid.UUID | None) -> Page[Comment]:
    """A page of the reactions on a section; before the consultation is over those of one's own municipality."""
    number, own = page_number(), [office.member_id for office in text.offices]
    if text.consultation is None:
        return Page([], number, AT_ONCE)
    members = None if text.reads_reactions else own
    start = (number - 1) * AT_ONCE
    return Page(reading.reactions_on(text.consultation, section_id, members, start, AT_ONCE + 1), number, AT_ONCE)


@blueprint.get(ONE + "/vergelijk")
@public
def compare(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Two published versions, with what differs between them."""
    text = Text(meeting_code, proposal_code)
    if not text.versions:
        raise Missing("version")
    later = text.numbered(request.args.get("naar", text.versions[0].number, int))
    earlier = text.numbered(request.args.get("van", text.versions[-1 if len(text.versions) < 2 else 1].number, int))
    if earlier is None or later is None:
        raise Missing("version")
    return page(
        "proposals/compare.html",
        **text.shown(later),
        earlier=earlier,
        later=later,
        comparison=None if earlier is later else comparison(earlier, later),
    )
