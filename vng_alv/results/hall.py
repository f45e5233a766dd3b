"""What the screen in the hall shows of a meeting: one picture at a time, and never a number before it is pronounced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import current_item
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rehearsals_of, rounds_of
from vng_alv.voting.summary import Summary, summaries

#: So many outcomes that were pronounced while something else is open stand below it.
BESIDE = 3
#: Rounds that were closed and wait for the count, the tellers or the chair.
WAITING = frozenset({RoundState.CLOSED, RoundState.COUNTED})


class Scene(StrEnum):
    """What is going on."""

    #: Something is put to the vote, or to the hall by acclamation.
    ASKED = "asked"
    #: Something can be tried out, which counts nowhere.
    REHEARSAL = "rehearsal"
    #: What was voted on last is closed, and its outcome is still to be pronounced.
    CLOSED = "closed"
    #: What was pronounced last.
    OUTCOME = "outcome"
    #: An item of the agenda is discussed since.
    ITEM = "item"
    #: Nothing was put to the vote yet.
    BEFORE = "before"


#: When it is known what comes next on the agenda.
THEN = frozenset({Scene.OUTCOME, Scene.ITEM})


@dataclass(frozen=True)
class Shown:
    """A round on the screen, with the number that people call it by."""

    label: str
    summary: Summary


@dataclass(frozen=True)
class Picture:
    """What the screen shows now."""

    meeting: Meeting
    scene: Scene
    rounds: list[Shown]
    #: Outcomes that were pronounced while what is open was open, the last one first.
    beside: list[Shown]
    #: The agenda item that all of it belongs to, if it is one, and the item after it.
    item: AgendaItem | None
    next_item: AgendaItem | None
    #: The item that the meeting is at, as the chair says.
    current: AgendaItem | None
    #: How many outcomes are still to be pronounced.
    waiting: int
    #: When all that is open closes, if that is one moment that was announced.
    closes_at: datetime | None
    #: When the clock opens something next.
    opens_at: datetime | None
    #: Every round that everybody may know of with its state: when one of them changes, so does the picture.
    states: list[tuple[str, str]]


def picture_of(meeting: Meeting, locale: str) -> Picture:
    """The picture of a meeting now, in a number of statements that does not grow."""
    rounds, rehearsals = rounds_of(meeting.id), rehearsals_of(meeting.id)
    scene, shown = _scene(meeting, rounds, rehearsals)
    beside = _beside(rounds, shown) if scene is Scene.ASKED else []
    single = scene is Scene.OUTCOME and len(shown) == 1
    found = {
        one.id: Shown(one.label, summary)
        for one, summary in zip(
            [*shown, *beside],
            summaries([*shown, *beside], locale, with_ballots=single and not shown[0].options)
            if shown or beside
            else [],
            strict=True,
        )
    }
    item = _item(meeting, shown) if shown else current_item(meeting)
    runs = scene in {Scene.ASKED, Scene.REHEARSAL}
    ends = {one.closes_at for one in shown if runs and not one.is_acclaimed}
    return Picture(
        meeting=meeting,
        scene=scene,
        rounds=[found[one.id] for one in shown],
        beside=[found[one.id] for one in beside],
        item=item,
        next_item=_after(meeting, item, scene),
        current=current_item(meeting),
        waiting=sum(one.state in WAITING for one in rounds),
        closes_at=ends.pop() if len(ends) == 1 else None,
        opens_at=min((r.opens_at for r in rounds if r.state is RoundState.SCHEDULED and r.opens_at), default=None),
        states=[(r.label, r.state.value) for r in (*rounds, *rehearsals) if r.state not in IN_PREPARATION],
    )


def _scene(meeting: Meeting, rounds: Sequence[Round], rehearsals: Sequence[Round]) -> tuple[Scene, list[Round]]:
    """What is going on, and the rounds that it is about. What is open goes first, then what happened last."""
    if asked := [one for one in rounds if one.state is RoundState.OPEN]:
        return Scene.ASKED, asked
    pronounced = [one for one in rounds if one.state is RoundState.PUBLISHED]
    happened: list[tuple[datetime, Scene]] = [
        *((one.opened_at, Scene.REHEARSAL) for one in rehearsals if one.state is RoundState.OPEN and one.opened_at),
        *((one.closed_at, Scene.CLOSED) for one in rounds if one.state in WAITING and one.closed_at),
        *((one.published_at, Scene.OUTCOME) for one in pronounced if one.published_at),
    ]
    if meeting.current_since:
        happened.append((meeting.current_since, Scene.ITEM))
    if not happened:
        return Scene.BEFORE, []
    moment, scene = max(happened)
    if scene is Scene.ITEM:
        return scene, []
    if scene is Scene.REHEARSAL:
        return scene, [one for one in rehearsals if one.state is RoundState.OPEN]
    if scene is Scene.CLOSED:
        return scene, [one for one in rounds if one.state in WAITING]
    # What was pronounced together stands together.
    return scene, [one for one in pronounced if one.published_at == moment]


def _beside(rounds: Sequence[Round], asked: Sequence[Round]) -> list[Round]:
    since = min(one.opened_at for one in asked if one.opened_at)
    found = [
        (one.published_at, one.number, one)
        for one in rounds
        if one.state is RoundState.PUBLISHED and one.published_at and one.published_at > since
    ]
    return [one for *_, one in sorted(found, key=lambda row: row[:2], reverse=True)[:BESIDE]]


def _item(meeting: Meeting, shown: Sequence[Round]) -> AgendaItem | None:
    keys = {one.proposal.agenda_item_id if one.proposal else None for one in shown}
    return next((item for item in meeting.agenda if keys == {item.id}), None)


def _after(meeting: Meeting, item: AgendaItem | None, scene: Scene) -> AgendaItem | None:
    """The item that follows; before anything was put to the vote nobody knows how far the meeting is."""
    if item is None:
        return None
    return next((one for one in meeting.agenda if one.number > item.number), None) if scene in THEN else None
