"""Where the secretariat answers: the text, the consultation on it, and what the list of reactions is narrowed to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, request, url_for

from vng_alv.answering.queries import Wanted
from vng_alv.consultation.models import Consultation
from vng_alv.consultation.queries import get_consultation
from vng_alv.domain.answering import Size
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.models import Proposal, VersionSection
from vng_alv.proposals.queries import get_proposal, sections_of

blueprint = Blueprint("answering", __name__)

TEXT = "/secretariaat/vergaderingen/<meeting_code>/stukken/<proposal_code>"


@dataclass(frozen=True)
class Desk:
    """A text with the consultation on it."""

    meeting: Meeting
    proposal: Proposal
    consultation: Consultation

    @cached_property
    def sections(self) -> Sequence[VersionSection]:
        """The sections that members react to."""
        return sections_of(self.consultation.version_id)

    @cached_property
    def section_of(self) -> dict[uuid.UUID, VersionSection]:
        """The same by key."""
        return {one.section_id: one for one in self.sections}

    @property
    def section_options(self) -> list[tuple[str, str]]:
        """The same to choose from: key and name."""
        return [(str(one.section_id), f"{one.number} {one.heading}") for one in self.sections]

    @property
    def here(self) -> dict[str, str]:
        """What every address about this text begins with."""
        return {"meeting_code": self.meeting.code, "proposal_code": self.proposal.code}

    def url(self, endpoint: str, anchor: str | None = None, **parts: Any) -> str:
        """The address of a page on this text."""
        return url_for(endpoint, _anchor=anchor, **{**self.here, **parts})


def desk_of(meeting_code: str, proposal_code: str) -> Desk:
    """The desk for a text that is or was consulted on. Raises ``Missing``."""
    meeting = get_meeting(meeting_code)
    proposal = get_proposal(meeting.id, proposal_code)
    return Desk(meeting, proposal, get_consultation(proposal.id))


#: The names of what narrows a list, as they stand in an address.
FILTERS = ("onderdeel", "provincie", "omvang", "thema", "stand", "zoek", "lid")


def filters() -> dict[str, str]:
    """How the list is narrowed, and which page of it is shown, to come back to it."""
    return {name: value for name in (*FILTERS, "bladzijde") if (value := request.args.get(name, ""))}


def size_asked() -> Size | None:
    """The size of municipality that is asked for, if any."""
    asked = request.args.get("omvang", "")
    return Size(asked) if asked in set(Size) else None


def wanted() -> Wanted:
    """What the list is narrowed to; a value that means nothing narrows nothing."""
    return Wanted(
        section=request.args.get("onderdeel", ""),
        province=request.args.get("provincie", ""),
        size=size_asked(),
        theme=request.args.get("thema", ""),
        unanswered=request.args.get("stand") == "open",
        text=request.args.get("zoek", "").strip(),
        member=request.args.get("lid", ""),
    )
