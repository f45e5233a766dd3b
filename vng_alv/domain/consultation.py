"""When and by whom a reaction may be written, sent, withdrawn and answered (docs/rules.md, consultation)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from vng_alv.domain.merge import Clash, Piece, Side, clashes, rebase, text_of
from vng_alv.domain.refusals import Refusal

#: Saves of one person that follow each other within this time are shown as one.
TOGETHER = timedelta(minutes=10)
#: Files beside the reaction of one member, and bytes of each of them.
MAX_FILES = 5
MAX_BYTES = 10_000_000
MAX_NAME = 100


class RevisionAct(StrEnum):
    """What somebody did with a reaction."""

    SAVED = "saved"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class FileKind(StrEnum):
    """What may be put beside a reaction."""

    PDF = "pdf"
    DOCX = "docx"


class Sending(StrEnum):
    """What sending does with one reaction."""

    NEW = "new"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


def is_open(opened_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Whether members may react at ``now``; the deadline itself is too late."""
    return opened_at <= now < closes_at


def may_write(*, open_now: bool, works_here: bool) -> Refusal | None:
    """Why a person may not change a reaction of a member, or its files, or None."""
    if not works_here:
        return Refusal.NOT_ALLOWED
    return None if open_now else Refusal.CONSULTATION_CLOSED


def sending(draft: tuple[str, str | None], in_force: tuple[str, str | None] | None) -> Sending | None:
    """What sending does with a reaction that says ``draft`` (words, position), or None when nothing changes."""
    if draft == ("", None):
        return Sending.WITHDRAWN if in_force else None
    if in_force is None:
        return Sending.NEW
    return Sending.REPLACED if draft != in_force else None


def may_send(*, open_now: bool, is_secretary: bool, changes: int, reactions: int, files: int) -> Refusal | None:
    """Why a person may not send for a member, or None. The secretary or clerk speaks for the member.

    ``changes`` counts what would change (reactions and files); ``reactions`` and ``files`` what would then be in force.
    """
    if not is_secretary:
        return Refusal.NOT_ALLOWED
    if not open_now:
        return Refusal.CONSULTATION_CLOSED
    if not changes:
        return Refusal.NOTHING_TO_SEND
    return Refusal.ONLY_ATTACHMENTS if files and not reactions else None


def may_withdraw(*, open_now: bool, is_secretary: bool, in_force: int) -> Refusal | None:
    """Why a person may not take back what a member sent, or None."""
    if not is_secretary:
        return Refusal.NOT_ALLOWED
    if not open_now:
        return Refusal.CONSULTATION_CLOSED
    return None if in_force else Refusal.NOTHING_SENT


def is_public(*, sent: bool, closes_at: datetime, now: datetime) -> bool:
    """Whether everybody may read a reaction: sent, and the consultation is over."""
    return sent and now >= closes_at


# --- Two people at one draft

P = TypeVar("P")


@dataclass(frozen=True)
class Both:
    """What becomes of a draft that two people changed; ``text`` holds the second writer's words where both clash."""

    text: str
    clashes: tuple[Clash[Side], ...]

    def theirs(self, clash: Clash[Side]) -> str:
        """The words of the first writer in a clash."""
        return clash.options.get(Side.NEW, clash.base)

    def ours(self, clash: Clash[Side]) -> str:
        """The words of the second writer in a clash."""
        return clash.options.get(Side.OURS, clash.base)


def both(base: str, theirs: str, ours: str) -> Both:
    """The changes of two people to ``base`` in one text, as far as they do not touch the same words."""
    pieces: Sequence[Piece[Side]] = rebase(base, theirs, ours)
    found = clashes(pieces)
    ours_there = {i: clash.options.get(Side.OURS, clash.base) for i, clash in enumerate(found)}
    return Both(text_of(pieces, ours_there), found)


def one_of(base: P, theirs: P, ours: P) -> P | None:
    """Of something that is not put together, such as a position: the one that was changed. Raises ``ValueError``."""
    if ours in (base, theirs):
        return theirs
    if base == theirs:
        return ours
    raise ValueError("both were changed")


# --- History


class Revised(Protocol):
    """A revision as far as it matters for showing several as one."""

    @property
    def act(self) -> RevisionAct:
        """What was done."""

    @property
    def person_id(self) -> object:
        """Who did it."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def words(self) -> int:
        """How many characters it has."""


R = TypeVar("R", bound=Revised)


def steps(revisions: Iterable[R]) -> list[R]:
    """Of revisions in order, those worth showing: of saves of one person shortly after each other the last one.

    A text that was emptied is a step of its own, so that what stood there is shown.
    """
    found: list[R] = []
    for one in revisions:
        before = found[-1] if found else None
        if (
            before
            and before.act == one.act == RevisionAct.SAVED
            and before.person_id == one.person_id
            and one.at - before.at <= TOGETHER
            and (one.words or not before.words)
        ):
            found[-1] = one
        else:
            found.append(one)
    return found


# --- Files


def may_add(*, files: int, size: int) -> Refusal | None:
    """Why a file of ``size`` bytes may not come beside ``files`` others, or None."""
    if not size:
        return Refusal.EMPTY_FILE
    if files >= MAX_FILES:
        return Refusal.TOO_MANY_FILES
    return Refusal.FILE_TOO_LARGE if size > MAX_BYTES else None


def safe_name(given: str, kind: FileKind) -> str:
    """A name for a file that leads nowhere and hides nothing: no folders, no control or turning characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    kept = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in last if c not in '<>:"|?*;%')
    words = " ".join(kept.split()).strip(". ")
    stem = words[: -len(kind) - 1] if words.lower().endswith(f".{kind}") else words
    return f"{stem[:MAX_NAME].strip('. ') or 'bijlage'}.{kind}"
