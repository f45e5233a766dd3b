"""What a member types in its reaction, and what the secretariat fills in around it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext as _
from wtforms import DateField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired

from vng_alv.consultation.models import Comment, Position
from vng_alv.domain.chain import digest
from vng_alv.meetings.forms import NEEDED, near_day, tidy
from vng_alv.proposals.models import VersionSection
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


class AnswerForm(BaseForm):
    """The answer to one reaction."""

    body = TextAreaField(_("Antwoord"), [DataRequired(_("Er staat nog geen tekst."))], filters=[tidy])


@dataclass(frozen=True)
class Saved:
    """A reaction as it was saved, apart from what this request does to it."""

    body: str
    position: str
    revision: int
    author: str
    saved_at: datetime
    sent_at: datetime | None
    answer: str

    @classmethod
    def of(cls, comment: Comment) -> "Saved":
        """The reaction as it is now."""
        return cls(
            comment.body,
            comment.position or "",
            comment.revision,
            comment.author.name,
            comment.saved_at,
            comment.sent_at,
            comment.answer.body if comment.answer else "",
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
    #: What a colleague saved in between, when that is the problem.
    theirs: Saved | None = None
    #: What was typed after a colleague had sent this reaction: it cannot be saved, but it can be copied.
    late: str = ""

    @property
    def key(self) -> str:
        """The part of the field names that says which one this is."""
        return str(self.section.section_id) if self.section else WHOLE

    @property
    def section_id(self) -> uuid.UUID | None:
        """The section, or None for the whole."""
        return self.section.section_id if self.section else None

    @property
    def sent(self) -> bool:
        """Whether it was sent, and so stands."""
        return self.saved is not None and self.saved.sent_at is not None

    @property
    def changed(self) -> bool:
        """Whether the writer changed it, and to something else than what stands there now."""
        now = (self.saved.body, self.saved.position) if self.saved else ("", "")
        return (
            not self.sent and fingerprint(self.body, self.position) != self.seen and (self.body, self.position) != now
        )

    def typed(self, form: Mapping[str, str]) -> "Line":
        """This line with what was typed in a form that was sent."""
        if f"body-{self.key}" not in form:
            return self
        if self.sent:
            body = tidy(form[f"body-{self.key}"])
            return replace(self, late="" if body == self.body else body)
        position = form.get(f"position-{self.key}", "")
        revision = form.get(f"revision-{self.key}", "")
        return replace(
            self,
            body=tidy(form[f"body-{self.key}"]),
            position=position if position in set(Position) else "",
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
            seen=form.get(f"seen-{self.key}", ""),
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


def fingerprint_of_all(drafts: Sequence[Line]) -> str:
    """What would be sent, in few letters: a page that is older than a colleague's change sends nothing."""
    return digest({line.key: line.revision for line in drafts})[:16]
