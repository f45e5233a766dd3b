"""What a member types in its reaction, and what the secretariat fills in around it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext as _
from wtforms import DateField, FileField, TimeField
from wtforms.validators import InputRequired

from vng_alv.consultation.models import Attachment, Comment, Position
from vng_alv.consultation.service import Collision
from vng_alv.domain.answering import Given
from vng_alv.domain.chain import digest
from vng_alv.domain.consultation import Sending, sending
from vng_alv.domain.redline import Span, redline
from vng_alv.errors import Refused
from vng_alv.meetings.forms import NEEDED, near_day, tidy
from vng_alv.proposals.models import VersionSection
from vng_alv.refusals import sentence
from vng_alv.web import BaseForm

#: The key of the reaction to the whole text, where sections have their own key.
WHOLE = "geheel"


class DeadlineForm(BaseForm):
    """Until when members may react."""

    day = DateField(_("Datum"), [InputRequired(NEEDED), near_day])
    clock = TimeField(
        _("Tijd"),
        [InputRequired(NEEDED)],
        description=_("Nederlandse tijd. Vanaf dit moment kan niemand meer reageren."),
    )


class FileForm(BaseForm):
    """A file to put beside a reaction."""

    file = FileField(
        _("Bestand"),
        [InputRequired(NEEDED)],
        description=_("Een PDF of een Word-bestand (.docx) van ten hoogste 10 MB."),
    )


@dataclass(frozen=True)
class Saved:
    """A reaction as it was saved, apart from what this request does to it."""

    body: str
    position: str
    revision: int
    author: str
    saved_at: datetime
    sent_body: str
    sent_position: str
    sent_at: datetime | None
    #: What sending would do with it.
    sending: Sending | None
    answers: Sequence[Given]

    @classmethod
    def of(cls, comment: Comment) -> "Saved":
        """The reaction as it is now."""
        return cls(
            comment.body,
            comment.position or "",
            comment.revision,
            comment.author.name,
            comment.saved_at,
            comment.sent_body or "",
            comment.sent_position or "",
            comment.sent_at,
            sending(comment.draft, comment.in_force),
            comment.answers,
        )


@dataclass(frozen=True)
class Clashing:
    """Both texts, where a colleague changed the same words meanwhile."""

    theirs: Saved
    #: What the colleague made of the words that both began from.
    redline: Sequence[Span]
    #: The passages: the words of the colleague, and of the writer.
    passages: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, collision: Collision) -> "Clashing":
        """What there is to show of a collision."""
        merged = collision.merged
        return cls(
            Saved.of(collision.comment),
            redline(collision.base, collision.comment.body),
            [(merged.theirs(clash), merged.ours(clash)) for clash in merged.clashes],
        )


@dataclass(frozen=True)
class Line:
    """One reaction on the page: to a section, or (without one) to the whole."""

    section: VersionSection | None
    saved: Saved | None
    body: str
    position: str
    revision: int
    #: A fingerprint of what the writer was shown first, to tell a text that was left alone.
    seen: str
    problem: str = ""
    clashing: Clashing | None = None

    @property
    def key(self) -> str:
        """The part of the field names that says which one this is."""
        return str(self.section.section_id) if self.section else WHOLE

    @property
    def section_id(self) -> uuid.UUID | None:
        """The section, or None for the whole."""
        return self.section.section_id if self.section else None

    @property
    def stands(self) -> bool:
        """Whether something was sent and is in force."""
        return self.saved is not None and self.saved.sent_at is not None

    @property
    def sending(self) -> Sending | None:
        """What sending would do with it."""
        return self.saved.sending if self.saved else None

    @property
    def changed(self) -> bool:
        """Whether the writer changed it, and to something else than what stands there now."""
        now = (self.saved.body, self.saved.position) if self.saved else ("", "")
        return fingerprint(self.body, self.position) != self.seen and (self.body, self.position) != now

    @property
    def redline(self) -> Sequence[Span]:
        """What sending would change in the words that are in force."""
        return redline(self.saved.sent_body, self.saved.body) if self.saved else ()

    def typed(self, form: Mapping[str, str]) -> "Line":
        """This line with what was typed in a form that was sent."""
        if f"body-{self.key}" not in form:
            return self
        position = form.get(f"position-{self.key}", "")
        revision = form.get(f"revision-{self.key}", "")
        return replace(
            self,
            body=tidy(form[f"body-{self.key}"]),
            position=position if position in set(Position) else "",
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
            seen=form.get(f"seen-{self.key}", ""),
        )

    def told(self, refused: Refused | None) -> "Line":
        """This line with why it was not saved; who saves again after a clash does so knowingly."""
        if refused is None:
            return self
        if not isinstance(refused, Collision):
            return replace(self, problem=sentence(refused))
        words = _("%(name)s heeft hier intussen dezelfde woorden gewijzigd. Kies hieronder wat het wordt.")
        return replace(
            self,
            body=refused.merged.text,
            revision=refused.comment.revision,
            seen="",
            problem=str(words) % {"name": refused.comment.author.name},
            clashing=Clashing.of(refused),
        )


def fingerprint(body: str, position: str) -> str:
    """What a reaction says, in few letters."""
    return digest({"body": body, "position": position})[:16]


def lines(
    sections: Sequence[VersionSection], comments: Mapping[uuid.UUID | None, Comment], form: Mapping[str, str]
) -> list[Line]:
    """A line for each section and one for the whole, with what was typed if the form was sent."""
    found = []
    for section in [*sections, None]:
        comment = comments.get(section.section_id if section else None)
        saved = Saved.of(comment) if comment else None
        body, position = (saved.body, saved.position) if saved else ("", "")
        revision = saved.revision if saved else 0
        line = Line(section, saved, body, position, revision, fingerprint(body, position))
        found.append(line.typed(form))
    return found


def fingerprint_of_all(drafts: Sequence[Line], files: Sequence[Attachment]) -> str:
    """What would be sent, in few letters: a page that is older than a colleague's change sends nothing."""
    revisions = {line.key: line.revision for line in drafts}
    return digest({**revisions, **{str(file.id): file.dropped for file in files}})[:16]
