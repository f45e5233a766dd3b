"""The phases of preparing a meeting, with the days that they last until (docs/rules.md §15)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.clock import day_of


class Phase(StrEnum):
    """What a meeting goes through, in this order."""

    PREPARATION = "preparation"
    CONSULTATION = "consultation"
    AMENDMENTS = "amendments"
    CONVOCATION = "convocation"
    PAPERS = "papers"
    EARLY = "early"
    MEETING = "meeting"
    AFTER = "after"


class Stage(StrEnum):
    """Where a phase is in time."""

    PAST = "past"
    NOW = "now"
    #: It is its last day, or its only one.
    TODAY = "today"
    COMING = "coming"


class HandItem(StrEnum):
    """What a person ticks, because no data tell it."""

    HALL = "hall"
    COMMITTEE = "committee"
    PAPERS_SENT = "papers_sent"
    DEVICES = "devices"
    MINUTES = "minutes"


#: In which phase each is done.
PHASE_OF: dict[HandItem, Phase] = {
    HandItem.HALL: Phase.PREPARATION,
    HandItem.COMMITTEE: Phase.PREPARATION,
    HandItem.PAPERS_SENT: Phase.PAPERS,
    HandItem.DEVICES: Phase.MEETING,
    HandItem.MINUTES: Phase.AFTER,
}


@dataclass(frozen=True)
class Limits:
    """The moments of one meeting that its phases follow from; all of them are the rules' or the secretariat's."""

    created_at: datetime
    starts_at: datetime
    #: Of a written consultation.
    ends_at: datetime | None
    #: When members could and can react, over all its texts: (from, until).
    consultations: Collection[tuple[datetime, datetime]]
    amendments_until: datetime
    convocation_until: datetime
    papers_until: datetime
    #: From when members may vote before an assembly; None where they may not.
    early_from: datetime | None


@dataclass(frozen=True)
class Span:
    """A phase: from when, if anything says so, until when; the last one has no end."""

    phase: Phase
    begins: datetime | None
    ends: datetime | None
    stage: Stage


def spans(limits: Limits, now: datetime) -> list[Span]:
    """The phases that a meeting has, by the moment that they last until."""
    over = limits.ends_at or limits.starts_at
    found: list[tuple[Phase, datetime | None, datetime | None]] = [
        (Phase.PREPARATION, limits.created_at, min(limits.convocation_until, over)),
        (Phase.AMENDMENTS, None, limits.amendments_until),
        (Phase.CONVOCATION, None, limits.convocation_until),
        (Phase.PAPERS, None, limits.papers_until),
    ]
    if limits.consultations:
        begins, ends = zip(*limits.consultations, strict=True)
        found.append((Phase.CONSULTATION, min(begins), max(ends)))
    if limits.early_from and limits.early_from < limits.starts_at:
        found.append((Phase.EARLY, limits.early_from, limits.starts_at))
    order = list(Phase)
    found.sort(key=lambda one: (one[2] or over, order.index(one[0])))
    found += [(Phase.MEETING, limits.starts_at, limits.ends_at), (Phase.AFTER, over, None)]
    return [Span(phase, begins, ends, stage_of(begins, ends, now, phase)) for phase, begins, ends in found]


def stage_of(begins: datetime | None, ends: datetime | None, now: datetime, phase: Phase) -> Stage:
    """Where a phase is at a moment. An assembly has only a beginning, and its day; what comes after it goes on."""
    if phase is Phase.MEETING and ends is None and begins is not None:
        today, day = day_of(now), day_of(begins)
        return Stage.TODAY if today == day else Stage.COMING if today < day else Stage.PAST
    if begins and now < begins:
        return Stage.TODAY if day_of(begins) == day_of(now) and ends and day_of(ends) == day_of(now) else Stage.COMING
    if ends is None:
        return Stage.NOW
    if now >= ends:
        return Stage.PAST
    if day_of(ends) == day_of(now):
        return Stage.TODAY
    return Stage.NOW if begins else Stage.COMING
