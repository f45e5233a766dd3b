"""What colleagues fill in when they prepare how their municipality votes: a line for each question."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vng_alv.domain.ballots import Choice
from vng_alv.domain.chain import digest
from vng_alv.domain.preparing import is_stale
from vng_alv.errors import Refused
from vng_alv.refusals import sentence
from vng_alv.voting.preparing import Collision, tidy
from vng_alv.voting.preparing_models import IntendedVote
from vng_alv.voting.preparing_queries import Asked, key_of


@dataclass(frozen=True)
class Saved:
    """An intended vote as it was saved, apart from what this request does to it."""

    choice: str
    reason: str
    revision: int
    author: str
    saved_at: datetime
    stale: bool

    @classmethod
    def of(cls, one: IntendedVote, text_now: str) -> "Saved":
        """The intended vote as it is now, beside the text as it is now."""
        return cls(
            one.choice or "", one.reason, one.revision, one.author.name, one.saved_at, is_stale(one.text_hash, text_now)
        )


@dataclass(frozen=True)
class Line:
    """One question on the page."""

    asked: Asked
    saved: Saved | None
    choice: str
    reason: str
    revision: int
    #: A fingerprint of what the writer was shown first, to tell what was left alone.
    seen: str
    #: The version of the text that the writer has before them.
    version: uuid.UUID
    #: The SHA-256 of what the question is about in it, as the writer has it before them.
    words: str
    #: Whether the writer says that what was written on an earlier text still holds.
    still: bool = False
    problem: str = ""
    #: What a colleague left, where both changed the same.
    theirs: Saved | None = None

    @property
    def key(self) -> uuid.UUID:
        """The part of the field names that says which one this is."""
        return key_of(self.asked.round)

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.asked.closed is None

    @property
    def changed(self) -> bool:
        """Whether the writer changed it, and to something else than what stands there now."""
        now = (self.saved.choice, self.saved.reason) if self.saved else ("", "")
        typed = (self.choice, self.reason)
        return (_fingerprint(*typed) != self.seen and typed != now) or bool(
            self.still and self.saved and self.saved.stale
        )

    @property
    def wanted(self) -> Choice | None:
        """The choice that was made, if any."""
        return Choice(self.choice) if self.choice in set(Choice) else None

    def typed(self, form: Mapping[str, str]) -> "Line":
        """This line with what was filled in in a form that was sent."""
        if f"reason-{self.key}" not in form and f"choice-{self.key}" not in form:
            return self
        choice, revision = form.get(f"choice-{self.key}", self.choice), form.get(f"revision-{self.key}", "")
        try:
            version = uuid.UUID(form.get(f"version-{self.key}", ""))
        except ValueError:
            version = self.version
        return replace(
            self,
            choice=choice if choice in set(Choice) else "",
            reason=tidy(form.get(f"reason-{self.key}", self.reason)),
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
            seen=form.get(f"seen-{self.key}", ""),
            version=version,
            words=form.get(f"words-{self.key}", self.words),
            still=f"still-{self.key}" in form,
        )

    def told(self, refused: Refused | None) -> "Line":
        """This line with why it was not saved; who saves again after a collision does so knowingly."""
        if refused is None:
            return self
        if not isinstance(refused, Collision):
            return replace(self, problem=sentence(refused))
        theirs = Saved.of(refused.theirs, self.asked.text)
        return replace(self, problem=sentence(refused), revision=theirs.revision, seen="", theirs=theirs)


@dataclass(frozen=True)
class Gone:
    """What was filled in at a question that is not put in this way any more."""

    choice: str
    reason: str


def gone(asked: Iterable[uuid.UUID], form: Mapping[str, str]) -> list[Gone]:
    """What the writer filled in or changed at questions that were there when they began, and are not now."""
    keys, found = {str(key) for key in asked}, []
    for name in form:
        kind, dash, key = name.partition("-")
        if kind != "reason" or not dash or key in keys:
            continue
        choice, reason = form.get(f"choice-{key}", ""), tidy(form[name])
        if _fingerprint(choice, reason) != form.get(f"seen-{key}", ""):
            found.append(Gone(choice if choice in set(Choice) else "", reason))
    return found


def _fingerprint(choice: str, reason: str) -> str:
    return digest({"choice": choice, "reason": reason})[:16]


def lines(asked: Iterable[Asked], intended: Mapping[uuid.UUID, IntendedVote], form: Mapping[str, str]) -> list[Line]:
    """A line for each question, with what was filled in if the form was sent."""
    found = []
    for one in asked:
        known = intended.get(key_of(one.round))
        saved = Saved.of(known, one.text) if known else None
        choice, reason, revision = (saved.choice, saved.reason, saved.revision) if saved else ("", "", 0)
        line = Line(one, saved, choice, reason, revision, _fingerprint(choice, reason), one.version.id, one.text)
        found.append(line.typed(form))
    return found
