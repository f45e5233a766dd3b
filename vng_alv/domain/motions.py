"""The words of a motion, its parts, and what comes after its adoption (docs/rules.md, amendments and motions)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vng_alv.domain.mandates import Standing
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import SectionText
from vng_alv.domain.submissions import OPEN, SubmissionState


class FollowUpState(StrEnum):
    """Where the work that an adopted motion asks for stands (verantwoording)."""

    IN_PROGRESS = "in_progress"
    DONE = "done"
    HELD_OVER = "held_over"


class Group(StrEnum):
    """The four groups of a motion's items, in their order; values as in the motion's own fields."""

    NOTING = "noting"
    CONSIDERING = "considering"
    DECLARES = "declares"
    REQUESTS = "requests"


#: What stands above each group. These are the words of the motion itself, and so Dutch in every language.
WORDS = {
    Group.NOTING: "constaterende dat",
    Group.CONSIDERING: "overwegende dat",
    Group.DECLARES: "spreekt uit dat",
    Group.REQUESTS: "verzoekt het bestuur",
}
#: What the assembly decides on; the others say why.
OPERATIVE = (Group.DECLARES, Group.REQUESTS)
OPENING = "De algemene ledenvergadering,"
CLOSING = "en gaat over tot de orde van de dag."
#: The heading of the one section of a motion that is voted on as a whole.
WHOLE = "De motie"
#: Characters of the first item that the heading of a part shows.
HEADING = 120
#: So many items may a group have, of so many characters each: several times the longest that an assembly saw.
MAX_ITEMS, MAX_CHARACTERS = 30, 4_000

Parts = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class MotionText:
    """What a motion says. Positions in ``parts`` count the items of declares followed by those of requests, from 0."""

    title: str
    noting: tuple[str, ...] = ()
    considering: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    parts: Parts = ()

    @classmethod
    def of(cls, title: str, data: Mapping[str, Any]) -> "MotionText":
        """From lists as a row or a kept version holds them."""
        groups = {group.value: tuple(data[group.value]) for group in Group}
        return cls(title=title, **groups, parts=tuple(tuple(part) for part in data["parts"]))

    def items(self, group: Group) -> tuple[str, ...]:
        """The items of one group."""
        found: tuple[str, ...] = getattr(self, group.value)
        return found

    @property
    def operative(self) -> tuple[tuple[Group, str], ...]:
        """What is decided on, item by item, in its order."""
        return tuple((group, item) for group in OPERATIVE for item in self.items(group))

    def to_data(self) -> dict[str, Any]:
        """As lists, for a row or a kept version."""
        return {**{group.value: list(self.items(group)) for group in Group}, "parts": [list(p) for p in self.parts]}


def ended(item: str) -> str:
    """An item with the semicolon that follows it, unless it ends in a mark of its own."""
    item = item.rstrip()
    return item if item.endswith((".", ";", ":", "!", "?")) else item + ";"


def _listed(head: str, items: Sequence[str]) -> str:
    lines = ["- " + ended(item).replace("\n", "\n  ") for item in items]
    return "\n".join([head + ":", "", *lines])


def _body(text: MotionText, positions: Sequence[int]) -> str:
    """The operative items at some positions, under the words of their group, in Markdown."""
    found = [text.operative[position] for position in positions]
    groups = ((group, [item for of, item in found if of is group]) for group in OPERATIVE)
    return "\n\n".join(_listed(WORDS[group], items) for group, items in groups if items)


def shortened(words: str, most: int) -> str:
    """The first line of words that may be long, cut between words."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _heading(text: MotionText, part: Sequence[int]) -> str:
    group, item = text.operative[part[0]]
    return shortened(f"{WORDS[group]} {item}".rstrip(";."), HEADING).capitalize()


def as_sections(text: MotionText) -> tuple[str, str, tuple[SectionText, ...]]:
    """Title, preamble and sections of the text that is published: a section for each part, or one for the whole."""
    before = [_listed(WORDS[g], text.items(g)) for g in (Group.NOTING, Group.CONSIDERING) if text.items(g)]
    preamble = "\n\n".join([OPENING, *before])
    if text.parts:
        bodies = [(_heading(text, part), _body(text, part)) for part in text.parts]
    else:
        bodies = [(WHOLE, _body(text, range(len(text.operative))))]
    last = len(bodies)
    sections = tuple(
        SectionText(str(n), heading, f"{body}\n\n{CLOSING}" if n == last else body)
        for n, (heading, body) in enumerate(bodies, 1)
    )
    return text.title, preamble, sections


def as_lines(text: MotionText) -> list[str]:
    """The motion as plain lines, to read aloud and to compare two versions word by word."""
    lines = [text.title, "", OPENING]
    for group in Group:
        if text.items(group):
            lines += ["", WORDS[group] + ":", *("- " + ended(item) for item in text.items(group))]
    lines += ["", CLOSING]
    for number, part in enumerate(text.parts, 1):
        lines.append(f"Deel {number}: {'; '.join(shortened(text.operative[p][1], HEADING) for p in part)}")
    return lines


def as_sentence(text: MotionText) -> str:
    """The motion as one plain sentence."""
    said = [OPENING.rstrip(",")]
    for group in Group:
        if text.items(group):
            items = "; ".join(" ".join(item.split()).rstrip(".;") for item in text.items(group))
            said.append(f"{WORDS[group]}: {items}")
    return ", ".join(said[:2]) + "".join(f"; {more}" for more in said[2:]) + "; " + CLOSING


# --- Parts


def parts_of(numbers: Sequence[int]) -> Parts:
    """Parts from the part number that each operative item was given, in the order in which each begins; all items in
    one part are no parts."""
    by_number: dict[int, list[int]] = {}
    for position, number in enumerate(numbers):
        by_number.setdefault(number, []).append(position)
    return tuple(tuple(positions) for positions in by_number.values()) if len(by_number) > 1 else ()


def numbers_of(parts: Parts, operative: int) -> list[int]:
    """The part number of each operative item, from 1; all 1 where there are no parts."""
    number = {position: n for n, part in enumerate(parts, 1) for position in part}
    return [number.get(position, 1) for position in range(operative)]


def may_be_parts(operative: int, parts: Parts) -> bool:
    """Whether parts are none, or at least two with each operative item in exactly one of them, in their order."""
    if not parts:
        return True
    within = [position for part in parts for position in part]
    ordered = all(part and list(part) == sorted(part) for part in parts)
    return len(parts) > 1 and ordered and sorted(within) == list(range(operative)) and (
        [part[0] for part in parts] == sorted(part[0] for part in parts)
    )  # fmt: skip


# --- Changing it after it was submitted


def may_change(who: Standing, state: SubmissionState, *, asked_now: bool, held: bool) -> Refusal | None:
    """Why the words or the parts of a submitted motion may not be changed, or None: by whoever speaks for its first
    submitter, or the secretariat, until the vote on it (``asked_now``) has opened or its meeting has been held."""
    if not who.is_secretary and not who.helps(Permission.MANAGE_MEETINGS):
        return Refusal.NOT_ALLOWED
    if held:
        return Refusal.MEETING_HELD
    if asked_now:
        return Refusal.VOTE_OPENED
    return None if state in OPEN else Refusal.SUBMISSION_STATE


# --- What becomes of it


def may_be_asked(state: SubmissionState, *, in_parts: bool) -> bool:
    """Whether a motion may be put to the vote: while it waits for a decision, and in parts also the parts after the one
    that decided it."""
    return state in OPEN or (in_parts and state in {SubmissionState.ADOPTED, SubmissionState.REJECTED})


def outcome(
    whole: SubmissionState | None, parts: Sequence[SubmissionState | None], advised: SubmissionState | None = None
) -> SubmissionState:
    """What a motion is after its pronounced votes (None: no valid one yet): the vote on the whole decides; in parts it
    is adopted as soon as one part is, and rejected when all parts are. Without those it is what an adopted advice made
    of it (``advised``)."""
    if whole is not None:
        return whole
    if SubmissionState.ADOPTED in parts:
        return SubmissionState.ADOPTED
    rejected = bool(parts) and all(part is SubmissionState.REJECTED for part in parts)
    if rejected:
        return SubmissionState.REJECTED
    return advised or SubmissionState.SUBMITTED


#: What the board gives account of: what the assembly adopted, and what the board took over.
ACCOUNTED = frozenset({SubmissionState.ADOPTED, SubmissionState.TAKEN_OVER})

_F = FollowUpState
_FOLLOWS: dict[FollowUpState | None, frozenset[FollowUpState]] = {
    None: frozenset(_F),
    _F.IN_PROGRESS: frozenset(_F),
    _F.HELD_OVER: frozenset(_F),
    _F.DONE: frozenset({_F.DONE, _F.IN_PROGRESS}),
}


def may_follow_up(motion: SubmissionState, now: FollowUpState | None, then: FollowUpState, note: str) -> Refusal | None:
    """Why the account of a motion may not go from ``now`` (None: nothing was said yet) to ``then``, or None.

    Only what was adopted or taken over has an account, and each step says something; what is done is not held over.
    """
    if motion not in ACCOUNTED or then not in _FOLLOWS[now]:
        return Refusal.FOLLOW_UP
    return None if note.strip() else Refusal.EMPTY_TEXT
