"""Where an amendment is written: the form, the sections in it, what they change, and what that collides with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from vng_alv import db
from vng_alv.access import actor
from vng_alv.amendments import queries
from vng_alv.amendments.carried import fitting
from vng_alv.amendments.forms import AmendmentForm, Block, beside, saved, stepped, typed, untouched
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.service import MAX_HEADING, SectionChange
from vng_alv.domain.amendments import Wording, touching
from vng_alv.domain.redline import Span, redline, summary
from vng_alv.domain.submissions import SubmissionState
from vng_alv.errors import Missing
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions.queries import closes_at, held
from vng_alv.web import UNSAFE

#: Characters of the words that are quoted where two amendments touch the same ones.
QUOTE = 80


@dataclass(frozen=True)
class Touch:
    """Another amendment that touches the same words, with those words ('' for a place between two)."""

    amendment: Amendment
    words: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A section with what an amendment makes of it."""

    block: Block
    spans: tuple[Span, ...]
    added: int
    removed: int
    touches: tuple[Touch, ...]
    #: The amendments that put a new section at the place where this new one comes.
    beside: tuple[Amendment, ...]
    #: The section that a new one comes after.
    after: VersionSection | None


def shown_of(blocks: Sequence[Block], rivals: Sequence[Amendment], sections: Sequence[VersionSection]) -> list[Shown]:
    """What the blocks change, and which of the rivals touch the same words or put something at the same place."""
    known = {str(section.section_id): section for section in sections}
    others: dict[str, dict[int, str]] = {}
    after: dict[str, dict[int, Amendment]] = {}
    for place, rival in enumerate(rivals):
        for row in fitting(rival):
            if row.after_id is None:
                text = "" if row.removed else Wording(row.heading, row.body).text
                others.setdefault(str(row.section_id), {})[place] = text
            else:
                after.setdefault(str(row.after_id), {})[place] = rival
    found = []
    for block in blocks:
        spans = redline(block.base_text, block.text)
        added, removed = summary(spans)
        clashing = touching(block.base_text, block.text, others.get(block.key, {})) if block.base else {}
        touches = tuple(Touch(rivals[place], tuple(map(_quoted, words))) for place, words in clashing.items())
        beside = () if block.base else tuple(after.get(block.after, {}).values())
        found.append(Shown(block, spans, added, removed, touches, beside, known.get(block.after)))
    return found


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= QUOTE else words[: QUOTE - 1].rsplit(" ", 1)[0] + "…"


class Editor:
    """An amendment that is being written, as it stands in the form of this request."""

    def __init__(self, proposal: Proposal, member: Member, amendment: Amendment | None = None) -> None:
        version = amendment.version if amendment else published(proposal)
        if version is None:
            raise Missing("version")
        self.proposal, self.member, self.amendment = proposal, member, amendment
        self.meeting, self.version = proposal.meeting, version
        self.sections = sections_of(version.id)
        self.closes_at: datetime = closes_at(self.meeting, get_association())
        self.held = held(self.meeting)
        submission = amendment.submission if amendment else None
        self.form = AmendmentForm(obj=submission) if submission else AmendmentForm()
        self.theirs: Amendment | None = None
        self.blocks: list[Block] = typed(request.form, self.sections) if request.method in UNSAFE else self._first()

    def _first(self) -> list[Block]:
        if self.amendment:
            return saved(self.amendment.sections, self.sections)
        asked = next((s for s in self.sections if str(s.section_id) == request.args.get("onderdeel")), None)
        if asked and not self.form.title.data:
            self.form.title.data = f"{asked.heading} ({asked.number})"[:MAX_HEADING]
        return [untouched(asked)] if asked else []

    @property
    def submitted(self) -> bool:
        """Whether it was submitted: what is saved is public at once."""
        return self.amendment is not None and self.amendment.submission.state is not SubmissionState.DRAFT

    @property
    def newest(self) -> Version | None:
        """The version that everybody reads now."""
        return published(self.proposal)

    @property
    def free(self) -> list[VersionSection]:
        """The sections that are not in the form yet."""
        here = {block.key for block in self.blocks}
        return [section for section in self.sections if str(section.section_id) not in here]

    def changes(self) -> list[SectionChange]:
        """What the form asks for."""
        return [block.change() for block in self.blocks]

    def step(self, form: Mapping[str, str]) -> None:
        """A step that saves nothing."""
        self.blocks = stepped(self.blocks, form, self.sections)

    def meet(self, theirs: Amendment) -> None:
        """Put what a colleague saved in between beside what was typed; saving again is done knowingly."""
        self.theirs, self.amendment, self.sections = theirs, theirs, sections_of(theirs.version_id)
        self.blocks = beside(self.blocks, theirs.sections, self.sections)
        self.form.revision.raw_data, self.form.revision.data = None, theirs.submission.revision

    def shown(self) -> list[Shown]:
        """The sections with what changes in them, and what that collides with."""
        but = self.amendment.submission_id if self.amendment else None
        return shown_of(self.blocks, queries.rivals(self.version.id, self.member.id, but), self.sections)

    def url(self, step: str = "") -> str:
        """Where the form is sent: to be saved, or (with a step) to be shown again with nothing saved."""
        if self.amendment:
            save = ".change" if self.submitted else ".edit"
            return url_for(".preview" if step else save, submission_id=self.amendment.submission_id)
        return url_for(
            ".preview_new" if step else ".create",
            meeting_code=self.meeting.code,
            proposal_code=self.proposal.code,
            gemeente=self.member.code,
        )


def editor_of(amendment: Amendment) -> Editor:
    """Where people of its municipality go on with an amendment."""
    return Editor(amendment.proposal, amendment.submission.member, amendment)


def fresh(amendment: Amendment) -> Amendment:
    """An amendment as it is in the database now, after a colleague saved."""
    db.rollback()
    return queries.get_amendment(amendment.submission_id, actor())
